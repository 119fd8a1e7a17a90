namespace HeliosEdge.Wasm.Compiler;

/// <summary>Where an operand is while a function is compiled.</summary>
internal enum OperandPlace : byte
{
    /// <summary>On the IL evaluation stack.</summary>
    Stack,

    /// <summary>In a wasm local, not loaded yet.</summary>
    Local,

    /// <summary>In an IL local of its own, not loaded yet.</summary>
    Temporary,

    /// <summary>A constant, not loaded yet.</summary>
    Constant,
}

/// <summary>What a value may come from, where that matters to what the runtime's compiler makes of it.</summary>
[Flags]
internal enum OperandOrigin : byte
{
    Other = 0,

    /// <summary>A shift: half of a rotation, should the runtime's compiler find the other half.</summary>
    Shift = 1,

    /// <summary>A rotation or a count of bits: RyuJIT takes the zero flag for the result's, which it need not be.</summary>
    FalseFlags = 2,

    /// <summary>A vector that RyuJIT may know to be zero or all ones, as when one is compared with itself.</summary>
    Folded = 4,
}

/// <summary>One entry of the operand stack: its type for validation, and what is known of it for code.</summary>
internal struct Operand
{
    /// <summary>The type; 0 is the unknown type of unreachable code (core spec, appendix A.3).</summary>
    public ValueKind Kind;

    public OperandPlace Place;

    /// <summary>Whether the temporary is given back once the operand is loaded.</summary>
    public bool OwnsTemporary;

    /// <summary>How deep the IL expression tree of the operand is.</summary>
    public byte Depth;

    /// <summary>The wasm local or the IL local; for an operand on the stack, the wasm local that it is a copy of, or -1.</summary>
    public int Index;

    /// <summary>The local's version when it was copied.</summary>
    public int Version;

    /// <summary>The bits of a constant of a numeric type.</summary>
    public long Constant;

    /// <summary>What the value may come from.</summary>
    public OperandOrigin Origin;

    /// <summary>No i32 value of the operand is larger, read without sign.</summary>
    public uint Maximum;
}
