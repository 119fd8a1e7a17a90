namespace HeliosEdge.Wasm;

/// <summary>
/// What a module may ask of the compiler; each breach is a <see cref="CompileLimitException"/>.
/// The defaults admit every module that the JavaScript embedding's limits admit, but for the size of one function,
/// which is held lower because the runtime's compiler gives up optimising far below that.
/// </summary>
public sealed record ModuleLimits
{
    /// <summary>Bytes of the whole module. Default 64 MiB.</summary>
    public int MaxModuleBytes { get; init; } = 64 << 20;

    /// <summary>Functions, imported ones included. Default 100,000.</summary>
    public int MaxFunctions { get; init; } = 100_000;

    /// <summary>Bytes of one function's body. Default 1 MiB.</summary>
    public int MaxFunctionBytes { get; init; } = 1 << 20;

    /// <summary>Locals of one function, parameters included. Default 50,000.</summary>
    public int MaxLocals { get; init; } = 50_000;

    /// <summary>Locals of all functions together, parameters not included. Default 5,000,000.</summary>
    public long MaxLocalsInModule { get; init; } = 5_000_000;

    /// <summary>
    /// Bytes of intermediate code that one function is compiled to. Default 4 MiB: the runtime's compiler, which cannot be stopped inside
    /// a function, takes up to three seconds and 700 MiB for them.
    /// </summary>
    public int MaxFunctionCodeBytes { get; init; } = 4 << 20;

    /// <summary>Bytes of intermediate code that the whole module is compiled to. Default 512 MiB.</summary>
    public int MaxCodeBytes { get; init; } = 512 << 20;

    /// <summary>
    /// Bytes of intermediate code for each byte of the module up to there, beside the first <see cref="CodeBytesNotCounted"/>. Default 48:
    /// code as compilers write it takes 4 to 10, instructions of two bytes that move a thousand values take thousands.
    /// </summary>
    public int MaxCodeExpansion { get; init; } = 48;

    /// <summary>Bytes of intermediate code that <see cref="MaxCodeExpansion"/> does not count.</summary>
    public const int CodeBytesNotCounted = 256 << 10;

    /// <summary>Locals and temporaries that the code of one function uses. Default 65,000; intermediate code can number 65,535.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to more than 65,535.</exception>
    public int MaxUsedLocals
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, ushort.MaxValue);
            field = value;
        }
    } = 65_000;

    /// <summary>
    /// Bytes of the locals and temporaries that the code of one function uses, 16 for a vector and 8 for any other. Default 256 KiB: a call
    /// has its frame before it can look whether there was room for it, so that a frame must fit what guests leave free of a stack.
    /// </summary>
    public int MaxFrameBytes { get; init; } = 256 << 10;

    /// <summary>Operands that a function has on its stack at once. Default 60,000.</summary>
    public int MaxOperands { get; init; } = 60_000;

    /// <summary>Nesting of blocks in one function. Default 4,096.</summary>
    public int MaxNesting { get; init; } = 4_096;

    /// <summary>Labels of one <c>br_table</c>. Default 65,520.</summary>
    public int MaxBranchTableSize { get; init; } = 65_520;

    /// <summary>Types, imports, exports, globals, element and data segments, each. Default 100,000.</summary>
    public int MaxItems { get; init; } = 100_000;

    /// <summary>Tables and memories. Default 100.</summary>
    public int MaxTables { get; init; } = 100;

    /// <summary>Parameters of a function type; results likewise. Default 1,000.</summary>
    public int MaxParameters { get; init; } = 1_000;
}
