using System.Text;
using HeliosEdge.Wasm.Binary;

namespace HeliosEdge.Sandbox.Engines.Wasmtime;

/// <summary>
/// Makes a module remember that a growth of its memory was refused. The C API's limiter refuses without telling anybody, so every
/// <c>memory.grow</c> becomes a call of a function that is added behind all others; it grows the memory and, where that fails although
/// the module's own maximum admits it, sets a global that is added and exported. No existing index changes; custom sections are left out.
/// </summary>
internal static class GrowthWitness
{
    private const byte TypeSection = 1;
    private const byte FunctionSection = 3;
    private const byte GlobalSection = 6;
    private const byte ExportSection = 7;
    private const byte CodeSection = 10;
    private const byte DataCountSection = 12;
    private const long MaxPages = 65_536;

    /// <summary>Adds the witness to a validated module.</summary>
    /// <param name="wasm">The module.</param>
    /// <param name="module">The same, decoded.</param>
    /// <param name="growths">Where its <c>memory.grow</c> instructions stand, in their order; not empty.</param>
    /// <param name="export">The name of the added export: an i32, not 0 once a growth was refused.</param>
    public static byte[] Add(ReadOnlySpan<byte> wasm, ModuleDefinition module, List<int> growths, out string export)
    {
        export = "memory growth refused";
        while (TakenBy(module, export))
        {
            export += "'";
        }

        var result = new List<byte>(wasm.Length + 256);
        result.AddRange(wasm[..8]);
        var reader = new WasmReader(wasm, 8, wasm.Length);
        bool hasGlobals = false, hasExports = false;
        while (!reader.AtEnd)
        {
            var id = reader.Byte();
            var size = (int)reader.U32();
            var start = reader.Position;
            reader.Skip(size);
            if (id == 0)
            {
                continue;
            }

            // The data count section stands before the code but has a higher number.
            var rank = id == DataCountSection ? CodeSection - 1 : id;
            if (!hasGlobals && rank >= GlobalSection)
            {
                Append(result, GlobalSection, id == GlobalSection ? wasm.Slice(start, size) : [0], Global());
                hasGlobals = true;
            }

            if (!hasExports && rank >= ExportSection)
            {
                Append(result, ExportSection, id == ExportSection ? wasm.Slice(start, size) : [0], Export(module, export));
                hasExports = true;
            }

            switch (id)
            {
                case GlobalSection or ExportSection:
                    break;
                case TypeSection:
                    Append(result, id, wasm.Slice(start, size), [0x60, 1, 0x7F, 1, 0x7F]);
                    break;
                case FunctionSection:
                    Append(result, id, wasm.Slice(start, size), Unsigned((uint)module.Types.Length));
                    break;
                case CodeSection:
                    Section(result, id, Code(wasm, module, growths));
                    break;
                default:
                    Section(result, id, wasm.Slice(start, size));
                    break;
            }
        }

        return [.. result];
    }

    private static bool TakenBy(ModuleDefinition module, string name) => module.Exports.Exists(e => e.Name == name);

    private static byte[] Global() => [0x7F, 1, 0x41, 0, 0x0B];

    private static byte[] Export(ModuleDefinition module, string name)
    {
        var utf8 = Encoding.UTF8.GetBytes(name);
        return [.. Unsigned((uint)utf8.Length), .. utf8, 3, .. Unsigned((uint)module.GlobalTypes.Count)];
    }

    private static byte[] Code(ReadOnlySpan<byte> wasm, ModuleDefinition module, List<int> growths)
    {
        byte[] call = [0x10, .. Unsigned((uint)module.Functions.Count)];
        var code = new List<byte>(module.Bodies[^1].End - module.Bodies[0].Start + 256);
        code.AddRange(Unsigned((uint)module.Bodies.Count + 1));
        var next = 0;
        var body = new List<byte>();
        foreach (var (start, end) in module.Bodies)
        {
            body.Clear();
            var from = start;
            for (; next < growths.Count && growths[next] < end; next++)
            {
                body.AddRange(wasm[from..growths[next]]);
                body.AddRange(call);
                from = growths[next] + 2;
            }

            body.AddRange(wasm[from..end]);
            code.AddRange(Unsigned((uint)body.Count));
            code.AddRange(body);
        }

        var maximum = module.Memories[0].Maximum ?? MaxPages;
        byte[] witness =
        [
            1, 1, 0x7F,
            0x20, 0, 0x40, 0, 0x22, 1, 0x41, 0x7F, 0x46, 0x04, 0x40,
            0x3F, 0, 0xAD, 0x20, 0, 0xAD, 0x7C, 0x42, .. Signed(maximum), 0x58, 0x04, 0x40,
            0x41, 1, 0x24, .. Unsigned((uint)module.GlobalTypes.Count),
            0x0B, 0x0B, 0x20, 1, 0x0B,
        ];
        code.AddRange(Unsigned((uint)witness.Length));
        code.AddRange(witness);
        return [.. code];
    }

    /// <summary>Writes a section that is a vector with one element more than before.</summary>
    private static void Append(List<byte> result, byte id, ReadOnlySpan<byte> vector, ReadOnlySpan<byte> element)
    {
        var reader = new WasmReader(vector);
        var count = reader.U32();
        Section(result, id, [.. Unsigned(count + 1), .. vector[reader.Position..], .. element]);
    }

    private static void Section(List<byte> result, byte id, ReadOnlySpan<byte> content)
    {
        result.Add(id);
        result.AddRange(Unsigned((uint)content.Length));
        result.AddRange(content);
    }

    private static byte[] Unsigned(uint value)
    {
        var bytes = new List<byte>(5);
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        return [.. bytes];
    }

    private static byte[] Signed(long value)
    {
        // Not negative: one more group where the last one's sign bit would be set.
        var bytes = new List<byte>(10);
        for (; value >= 0x40; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        return [.. bytes];
    }
}
