using System.Text;
using HeliosEdge.Sandbox.Engines;

namespace HeliosEdge.Sandbox.WarmUp;

/// <summary>
/// A module with an export for each function of a set, which calls it with zeros, and with guests that trap, grow and never end.
/// </summary>
internal static class CallingModule
{
    public const string Trap = "trap";
    public const string Grow = "grow";
    public const string Spin = "spin";

    private const byte FunctionType = 0x60;
    private const byte I32Type = 0x7F;
    private const byte I64Type = 0x7E;
    private const byte F32Type = 0x7D;
    private const byte F64Type = 0x7C;
    private const byte End = 0x0B;

    /// <summary>The name of the export that calls a function.</summary>
    public static string EntryOf(HostFunction function) => $"{function.Module} {function.Name}";

    /// <summary>Makes the module.</summary>
    /// <param name="functions">The functions.</param>
    /// <param name="packs">Whether entries are of the type that <c>helios-1</c> calls, and there is its allocator; otherwise they take and give nothing.</param>
    public static byte[] Of(HostFunctionSet functions, bool packs)
    {
        var imported = functions.Functions;
        var entryType = imported.Length;
        byte[] result = packs ? [0x42, 0] : [];
        (string Name, int Type, byte[] Body)[] defined =
        [
            .. imported.Select((function, index) => (EntryOf(function), entryType, Call(function, index, result))),
            (Trap, entryType, [0x00, End]),
            (Grow, entryType, [0x41, 1, 0x40, 0, 0x1A, .. result, End]),
            (Spin, entryType, [0x03, 0x40, 0x0C, 0, End, .. result, End]),
            .. packs ? (ReadOnlySpan<(string, int, byte[])>)[(Abi.Helios1.Helios1Abi.AllocateExport, entryType + 1, [0x41, 0x80, 8, End])] : [],
        ];
        return
        [
            .. "\0asm\u0001\0\0\0"u8,
            .. Section(1,
            [
                .. imported.Select(function => Type(function.Parameters.Select(ByteOf), function.Result is { } kind ? [ByteOf(kind)] : [])),
                packs ? Type([I32Type, I32Type], [I64Type]) : Type([], []),
                Type([I32Type], [I32Type]),
            ]),
            .. Section(2, [.. imported.Select((function, index) => (byte[])[.. Name(function.Module), .. Name(function.Name), 0, .. Number(index)])]),
            .. Section(3, [.. defined.Select(function => Number(function.Type))]),
            .. Section(5, [[0, 1]]),
            .. Section(7,
            [
                [.. Name("memory"), 2, 0],
                .. defined.Select((function, index) => (byte[])[.. Name(function.Name), 0, .. Number(imported.Length + index)]),
            ]),
            .. Section(10, [.. defined.Select(function => (byte[])[.. Number(function.Body.Length + 1), 0, .. function.Body])]),
        ];
    }

    private static byte[] Call(HostFunction function, int index, byte[] result) =>
    [
        .. function.Parameters.SelectMany(kind => kind switch
        {
            HostValueKind.I32 => (byte[])[0x41, 0],
            HostValueKind.I64 => [0x42, 0],
            HostValueKind.F32 => [0x43, 0, 0, 0, 0],
            _ => [0x44, 0, 0, 0, 0, 0, 0, 0, 0],
        }),
        0x10, .. Number(index),
        .. function.Result is null ? (ReadOnlySpan<byte>)[] : [0x1A],
        .. result,
        End,
    ];

    private static byte[] Type(IEnumerable<byte> parameters, byte[] results)
    {
        byte[] given = [.. parameters];
        return [FunctionType, .. Number(given.Length), .. given, .. Number(results.Length), .. results];
    }

    private static byte ByteOf(HostValueKind kind) => kind switch
    {
        HostValueKind.I32 => I32Type,
        HostValueKind.I64 => I64Type,
        HostValueKind.F32 => F32Type,
        _ => F64Type,
    };

    private static byte[] Section(byte id, byte[][] items)
    {
        byte[] content = [.. Number(items.Length), .. items.SelectMany(item => item)];
        return [id, .. Number(content.Length), .. content];
    }

    private static byte[] Name(string name)
    {
        var utf8 = Encoding.UTF8.GetBytes(name);
        return [.. Number(utf8.Length), .. utf8];
    }

    private static byte[] Number(int value)
    {
        var bytes = new List<byte>(5);
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        return [.. bytes];
    }
}
