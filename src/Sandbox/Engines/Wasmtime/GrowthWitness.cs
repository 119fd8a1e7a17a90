using System.Text;
using HeliosEdge.Sandbox.Engines.Inspection;
using HeliosEdge.Wasm;
using HeliosEdge.Wasm.Binary;

namespace HeliosEdge.Sandbox.Engines.Wasmtime;

/// <summary>
/// Makes a module remember that a growth of a memory was refused. The C API's limiter refuses without telling anybody, so every
/// <c>memory.grow</c> becomes a call of a function that is added behind all others, one for each memory; it grows the memory and, where
/// that fails although the module's own maximum admits it, sets a global that is added and exported. No existing index changes; custom
/// sections are left out.
/// </summary>
internal static class GrowthWitness
{
    private const ulong MaxPages = 1UL << 16;
    private const ulong MaxPages64 = 1UL << 48;
    private const byte I32 = 0x7F;
    private const byte I64 = 0x7E;

    /// <summary>Adds the witness to a module that the library has validated.</summary>
    /// <param name="wasm">The module.</param>
    /// <param name="module">What it says of itself.</param>
    /// <param name="export">The name of the added export: an i32, not 0 once a growth was refused. Null where no memory is ever grown.</param>
    /// <returns>The module to compile.</returns>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidModule"/>: it was not validated, and its bodies are not those of a module.</exception>
    public static ReadOnlySpan<byte> Add(ReadOnlySpan<byte> wasm, ModuleOutline module, out string? export)
    {
        export = null;
        List<(Range Instruction, int Memory)> growths;
        try
        {
            growths = Growths(wasm, module);
        }
        catch (InvalidModuleException e)
        {
            throw ModuleInspector.Refused(e);
        }

        if (growths.Count == 0)
        {
            return wasm;
        }

        export = "memory growth refused";
        while (TakenBy(module, export))
        {
            export += "'";
        }

        var grown = growths.Select(growth => growth.Memory).Distinct().Order().ToArray();
        var result = new List<byte>(wasm.Length + 256);
        result.AddRange(wasm[..8]);
        var reader = new WasmReader(wasm, 8, wasm.Length);
        bool hasGlobals = false, hasExports = false;
        while (!reader.AtEnd)
        {
            var id = (SectionId)reader.Byte();
            var size = (int)reader.U32();
            var start = reader.Position;
            reader.Skip(size);
            if (id == SectionId.Custom)
            {
                continue;
            }

            if (!hasGlobals && Rank(id) >= Rank(SectionId.Global))
            {
                Append(result, SectionId.Global, id == SectionId.Global ? wasm.Slice(start, size) : [0], 1, [I32, 1, 0x41, 0, 0x0B]);
                hasGlobals = true;
            }

            if (!hasExports && Rank(id) >= Rank(SectionId.Export))
            {
                Append(result, SectionId.Export, id == SectionId.Export ? wasm.Slice(start, size) : [0], 1, Export(module, export));
                hasExports = true;
            }

            switch (id)
            {
                case SectionId.Global or SectionId.Export:
                    break;
                case SectionId.Type:
                    Append(result, id, wasm.Slice(start, size), 2, [0x60, 1, I32, 1, I32, 0x60, 1, I64, 1, I64]);
                    break;
                case SectionId.Function:
                    Append(
                        result,
                        id,
                        wasm.Slice(start, size),
                        grown.Length,
                        [.. grown.SelectMany(memory => Unsigned((uint)module.Types + (module.Memories[memory].Is64 ? 1u : 0u)))]);
                    break;
                case SectionId.Code:
                    Section(result, id, Code(wasm, module, growths, grown));
                    break;
                default:
                    Section(result, id, wasm.Slice(start, size));
                    break;
            }
        }

        return result.ToArray();
    }

    /// <summary>Where the module's <c>memory.grow</c> instructions stand, in their order, and which memory each grows.</summary>
    private static List<(Range Instruction, int Memory)> Growths(ReadOnlySpan<byte> wasm, ModuleOutline module)
    {
        var growths = new List<(Range, int)>();
        foreach (var body in module.Bodies)
        {
            var reader = new WasmReader(wasm, body.Start.Value, body.End.Value);
            for (var groups = reader.U32(); groups > 0; groups--)
            {
                _ = reader.U32();
                _ = TypeReader.Value(ref reader);
            }

            while (!reader.AtEnd)
            {
                var start = reader.Position;
                if (InstructionReader.Skip(ref reader) == InstructionReader.MemoryGrow)
                {
                    var operand = new WasmReader(wasm, start + 1, reader.Position);
                    var memory = operand.U32();
                    growths.Add(memory < (uint)module.Memories.Length
                        ? (start..reader.Position, (int)memory)
                        : throw reader.Invalid($"unknown memory {memory}", start));
                }
            }
        }

        return growths;
    }

    /// <summary>A section's place in the order of sections, which is not that of their numbers.</summary>
    private static int Rank(SectionId id) => id switch
    {
        SectionId.Tag => (2 * (int)SectionId.Memory) + 1,
        SectionId.DataCount => (2 * (int)SectionId.Element) + 1,
        _ => 2 * (int)id,
    };

    private static bool TakenBy(ModuleOutline module, string name) => module.Exports.Any(export => export.Name == name);

    private static byte[] Export(ModuleOutline module, string name)
    {
        const byte GlobalKind = 3;
        var utf8 = Encoding.UTF8.GetBytes(name);
        return [.. Unsigned((uint)utf8.Length), .. utf8, GlobalKind, .. Unsigned((uint)module.Globals)];
    }

    private static byte[] Code(ReadOnlySpan<byte> wasm, ModuleOutline module, List<(Range Instruction, int Memory)> growths, int[] grown)
    {
        var code = new List<byte>(module.Bodies[^1].End.Value - module.Bodies[0].Start.Value + 256);
        code.AddRange(Unsigned((uint)(module.Bodies.Length + grown.Length)));
        var next = 0;
        var body = new List<byte>();
        foreach (var range in module.Bodies)
        {
            body.Clear();
            var from = range.Start.Value;
            for (; next < growths.Count && growths[next].Instruction.Start.Value < range.End.Value; next++)
            {
                var (instruction, memory) = growths[next];
                body.AddRange(wasm[from..instruction.Start.Value]);
                body.AddRange([0x10, .. Unsigned((uint)(module.Functions + Array.IndexOf(grown, memory)))]);
                from = instruction.End.Value;
            }

            body.AddRange(wasm[from..range.End.Value]);
            code.AddRange(Unsigned((uint)body.Count));
            code.AddRange(body);
        }

        foreach (var memory in grown)
        {
            var witness = Witness(module, memory);
            code.AddRange(Unsigned((uint)witness.Length));
            code.AddRange(witness);
        }

        return [.. code];
    }

    /// <summary>
    /// <c>old = memory.grow(delta); if (old == -1 &amp;&amp; delta &lt;= maximum - memory.size) refused = 1; return old</c>.
    /// </summary>
    private static byte[] Witness(ModuleOutline module, int memory)
    {
        var type = module.Memories[memory];
        var maximum = (long)(type.Maximum ?? (type.Is64 ? MaxPages64 : MaxPages));
        byte[] index = Unsigned((uint)memory);
        byte[] failed = type.Is64 ? [0x42, 0x7F, 0x51] : [0x41, 0x7F, 0x46];
        byte[] widen = type.Is64 ? [] : [0xAD];
        return
        [
            1, 1, type.Is64 ? I64 : I32,
            0x20, 0, 0x40, .. index, 0x22, 1, .. failed, 0x04, 0x40,
            0x20, 0, .. widen, 0x42, .. Signed(maximum), 0x3F, .. index, .. widen, 0x7D, 0x58, 0x04, 0x40,
            0x41, 1, 0x24, .. Unsigned((uint)module.Globals),
            0x0B, 0x0B, 0x20, 1, 0x0B,
        ];
    }

    /// <summary>Writes a section that is a vector with some elements more than before.</summary>
    private static void Append(List<byte> result, SectionId id, ReadOnlySpan<byte> vector, int added, ReadOnlySpan<byte> elements)
    {
        var reader = new WasmReader(vector);
        var count = reader.U32();
        Section(result, id, [.. Unsigned(count + (uint)added), .. vector[reader.Position..], .. elements]);
    }

    private static void Section(List<byte> result, SectionId id, ReadOnlySpan<byte> content)
    {
        result.Add((byte)id);
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
