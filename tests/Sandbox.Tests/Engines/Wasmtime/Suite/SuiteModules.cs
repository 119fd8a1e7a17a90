using System.Text;

namespace HeliosEdge.Sandbox.Tests.Engines.Wasmtime.Suite;

/// <summary>The modules that stand in for the suite's host.</summary>
internal static class SuiteModules
{
    private const byte I32 = 0x7F;
    private const byte I64 = 0x7E;
    private const byte F32 = 0x7D;
    private const byte F64 = 0x7C;
    private const byte ExternRef = 0x6F;
    private const byte AnyRef = 0x6E;

    /// <summary>The module <c>spectest</c> that the suite's modules import from.</summary>
    public static byte[] Spectest()
    {
        (string Name, byte[] Parameters)[] functions =
        [
            ("print", []), ("print_i32", [I32]), ("print_i64", [I64]), ("print_f32", [F32]), ("print_f64", [F64]),
            ("print_i32_f32", [I32, F32]), ("print_f64_f64", [F64, F64]),
        ];
        byte[][] globals =
        [
            [I32, 0, 0x41, 0x9A, 0x05, 0x0B],
            [I64, 0, 0x42, 0x9A, 0x05, 0x0B],
            [F32, 0, 0x43, .. BitConverter.GetBytes(666.6f), 0x0B],
            [F64, 0, 0x44, .. BitConverter.GetBytes(666.6), 0x0B],
        ];
        return Module(
            Section(1, [.. functions.Select(function => (byte[])[0x60, (byte)function.Parameters.Length, .. function.Parameters, 0])]),
            Section(3, [.. functions.Select((_, i) => (byte[])[(byte)i])]),
            Section(4, [0x70, 1, 10, 20], [0x70, 5, 10, 20]),
            Section(5, [1, 1, 2]),
            Section(6, globals),
            Section(
                7,
                [
                    .. functions.Select((function, i) => Export(function.Name, 0, i)),
                    Export("table", 1, 0), Export("table64", 1, 1), Export("memory", 2, 0),
                    Export("global_i32", 3, 0), Export("global_i64", 3, 1), Export("global_f32", 3, 2), Export("global_f64", 3, 3),
                ]),
            Section(10, [.. functions.Select(_ => (byte[])[2, 0, 0x0B])]));
    }

    /// <summary>A module that turns the host's references into those of a guest's objects (<c>any</c>) and back (<c>extern</c>).</summary>
    public static byte[] References() => Module(
        Section(1, [0x60, 1, ExternRef, 1, AnyRef], [0x60, 1, AnyRef, 1, ExternRef]),
        Section(3, [0], [1]),
        Section(7, Export("any", 0, 0), Export("extern", 0, 1)),
        Section(10, [6, 0, 0x20, 0, 0xFB, 26, 0x0B], [6, 0, 0x20, 0, 0xFB, 27, 0x0B]));

    private static byte[] Module(params byte[][] sections) => [.. "\0asm\u0001\0\0\0"u8, .. sections.SelectMany(section => section)];

    private static byte[] Section(byte id, params byte[][] items)
    {
        byte[] content = [(byte)items.Length, .. items.SelectMany(item => item)];
        return [id, (byte)((content.Length & 0x7F) | 0x80), (byte)(content.Length >> 7), .. content];
    }

    private static byte[] Export(string name, byte kind, int index) => [(byte)name.Length, .. Encoding.UTF8.GetBytes(name), kind, (byte)index];
}
