namespace HeliosEdge.Wasm.Compiler;

/// <summary>Instruction opcodes by name (core spec 5.4), those that code refers to singly.</summary>
internal static class Opcode
{
    public const byte Unreachable = 0x00;
    public const byte Nop = 0x01;
    public const byte Block = 0x02;
    public const byte Loop = 0x03;
    public const byte If = 0x04;
    public const byte Else = 0x05;
    public const byte End = 0x0B;
    public const byte Br = 0x0C;
    public const byte BrIf = 0x0D;
    public const byte BrTable = 0x0E;
    public const byte Return = 0x0F;
    public const byte Call = 0x10;
    public const byte CallIndirect = 0x11;
    public const byte Drop = 0x1A;
    public const byte Select = 0x1B;
    public const byte SelectTyped = 0x1C;
    public const byte LocalGet = 0x20;
    public const byte LocalSet = 0x21;
    public const byte LocalTee = 0x22;
    public const byte GlobalGet = 0x23;
    public const byte GlobalSet = 0x24;
    public const byte TableGet = 0x25;
    public const byte TableSet = 0x26;
    public const byte MemorySize = 0x3F;
    public const byte MemoryGrow = 0x40;
    public const byte I32Const = 0x41;
    public const byte I64Const = 0x42;
    public const byte F32Const = 0x43;
    public const byte F64Const = 0x44;
    public const byte I32Add = 0x6A;
    public const byte I32Sub = 0x6B;
    public const byte I32Mul = 0x6C;
    public const byte I64Add = 0x7C;
    public const byte I64Sub = 0x7D;
    public const byte I64Mul = 0x7E;
    public const byte RefNull = 0xD0;
    public const byte RefIsNull = 0xD1;
    public const byte RefFunc = 0xD2;
    public const byte GcPrefix = 0xFB;
    public const byte MiscPrefix = 0xFC;
    public const byte SimdPrefix = 0xFD;
    public const byte ThreadsPrefix = 0xFE;

    /// <summary>Whether a one-byte opcode is an instruction or prefix of WebAssembly 2.0.</summary>
    public static bool IsDefined(byte opcode) => opcode is
        <= Else or (>= End and <= CallIndirect) or (>= Drop and <= SelectTyped) or (>= LocalGet and <= TableSet)
        or (>= 0x28 and <= 0xC4) or (>= RefNull and <= RefFunc) or MiscPrefix or SimdPrefix;

    /// <summary>The proposal that an opcode outside WebAssembly 2.0 belongs to, or null where it belongs to none.</summary>
    public static string? ProposalOf(byte opcode) => opcode switch
    {
        0x06 or 0x07 or 0x08 or 0x09 or 0x0A or 0x18 or 0x19 or 0x1F => "exception handling",
        0x12 or 0x13 => "tail calls",
        0x14 or 0x15 or 0xD4 or 0xD5 or 0xD6 => "typed function references",
        0xD3 or GcPrefix => "garbage collection",
        ThreadsPrefix => "threads",
        _ => null,
    };
}
