namespace HeliosEdge.Sandbox.Tests.Engines.Wasmtime;

/// <summary>Small modules of WebAssembly 3.0, each with <c>handle (i32, i32) -> (i64)</c>.</summary>
internal static class WebAssembly3Guests
{
    private static readonly byte[] HandleType = [0x60, 2, 0x7F, 0x7F, 1, 0x7E];

    /// <summary>The feature that each needs, as the managed engine names it, and the module.</summary>
    public static IReadOnlyDictionary<string, byte[]> ByFeature { get; } = new Dictionary<string, byte[]>
    {
        ["garbage collection"] = Chain,
        ["exception handling"] = Throwing,
        ["tail call"] = Module([HandleType], [], [0x42, 0, 0x1A, 0x20, 0, 0x20, 1, 0x12, 0], []),
        ["relaxed SIMD"] = Module([HandleType], [], [0x42, 1, 0x41, 0, 0xFD, 17, 0x41, 0, 0xFD, 17, 0xFD, 0x80, 0x02, 0x1A], []),
        ["typed function references"] = Module([HandleType], [], [0xD2, 0, 0x1A, 0xD0, 0, 0xD4, 0x1A, 0x42, 1], []),
        ["memory64"] = Memory64,
        ["multiple memories"] = TwoMemories,
        ["extended constant expressions"] = Module([HandleType], [6, 9, 1, 0x7F, 0, 0x41, 40, 0x41, 2, 0x6A, 0x0B], [0x23, 0, 0xAC], []),
    };

    /// <summary>Makes objects that refer to each other until there is no room for another.</summary>
    public static byte[] Chain => Module(
        [HandleType, [0x5F, 1, 0x63, 1, 0]],
        [],
        [0x03, 0x40, 0x20, 2, 0xFB, 0, 1, 0x21, 2, 0x0C, 0, 0x0B, 0x42, 0],
        [1, 1, 0x63, 1]);

    /// <summary>Throws what nobody catches.</summary>
    public static byte[] Throwing => Module([HandleType, [0x60, 0, 0]], [13, 3, 1, 0, 1], [0x08, 0], []);

    /// <summary>Has two memories and grows the second by as many pages as it is told; answers with the size before, or -1.</summary>
    public static byte[] TwoMemories => Module([HandleType], [5, 5, 2, 0, 1, 0, 1], [0x20, 0, 0x40, 1, 0xAC], []);

    /// <summary>Has a memory of 64-bit addresses, at most 8 pages, and grows it by as many pages as it is told.</summary>
    public static byte[] Memory64 => Module([HandleType], [5, 4, 1, 5, 1, 8], [0x20, 0, 0xAC, 0x40, 0], []);

    private static byte[] Module(byte[][] types, byte[] memoriesTagsAndGlobals, byte[] body, byte[] locals)
    {
        byte[] function = [.. locals.Length == 0 ? [0] : locals, .. body, 0x0B];
        byte[] typeSection = [(byte)types.Length, .. types.SelectMany(type => type)];
        // Functions that ref.func names in a body have to be exported, and this one is.
        return
        [
            .. "\0asm\u0001\0\0\0"u8,
            1, (byte)typeSection.Length, .. typeSection,
            3, 2, 1, 0,
            .. memoriesTagsAndGlobals,
            7, 10, 1, 6, .. "handle"u8, 0, 0,
            10, (byte)(function.Length + 2), 1, (byte)function.Length, .. function,
        ];
    }
}
