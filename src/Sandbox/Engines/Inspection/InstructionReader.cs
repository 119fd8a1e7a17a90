using HeliosEdge.Wasm.Binary;

namespace HeliosEdge.Sandbox.Engines.Inspection;

/// <summary>
/// Passes over the instructions of WebAssembly 3.0 (core spec 5.4): it knows what stands behind each opcode, and nothing of types.
/// </summary>
internal static class InstructionReader
{
    /// <summary>The opcode of <c>memory.grow</c>, behind which the memory's index stands.</summary>
    public const byte MemoryGrow = 0x40;

    private const byte End = 0x0B;

    /// <summary>Passes over a constant expression and the <c>end</c> behind it.</summary>
    public static void SkipExpression(ref WasmReader reader)
    {
        // Constant expressions have no blocks: the first end is theirs.
        while (Skip(ref reader) != End)
        {
        }
    }

    /// <summary>Passes over one instruction.</summary>
    /// <returns>Its opcode's first byte.</returns>
    /// <exception cref="Wasm.InvalidModuleException">There is no such instruction, or the bytes end within it.</exception>
    public static byte Skip(ref WasmReader reader)
    {
        var at = reader.Position;
        var opcode = reader.Byte();
        switch (opcode)
        {
            case 0x00 or 0x01 or 0x05 or 0x0A or End or 0x0F or 0x1A or 0x1B or (>= 0x45 and <= 0xC4) or 0xD1 or 0xD3 or 0xD4:
                break;
            case 0x02 or 0x03 or 0x04:
                TypeReader.SkipBlock(ref reader);
                break;
            case 0x1F:
                SkipTry(ref reader);
                break;
            case 0x08 or 0x0C or 0x0D or 0x10 or 0x12 or 0x14 or 0x15 or (>= 0x20 and <= 0x26) or 0x3F or MemoryGrow or 0xD2 or 0xD5 or 0xD6:
                Indices(ref reader, 1);
                break;
            case 0x0E:
                Indices(ref reader, (long)reader.U32() + 1);
                break;
            case 0x11 or 0x13:
                Indices(ref reader, 2);
                break;
            case 0x1C:
                for (var types = reader.U32(); types > 0; types--)
                {
                    _ = TypeReader.Value(ref reader);
                }

                break;
            case >= 0x28 and <= 0x3E:
                SkipMemoryArgument(ref reader);
                break;
            case 0x41:
                _ = reader.I32();
                break;
            case 0x42:
                _ = reader.I64();
                break;
            case 0x43:
                reader.Skip(sizeof(float));
                break;
            case 0x44:
                reader.Skip(sizeof(double));
                break;
            case 0xD0:
                _ = TypeReader.Heap(ref reader);
                break;
            case 0xFB:
                SkipObject(ref reader, at);
                break;
            case 0xFC:
                SkipBulk(ref reader, at);
                break;
            case 0xFD:
                SkipVector(ref reader, at);
                break;
            default:
                throw reader.Malformed($"illegal opcode 0x{opcode:x2}", at);
        }

        return opcode;
    }

    private static void Indices(ref WasmReader reader, long count)
    {
        for (; count > 0; count--)
        {
            _ = reader.U32();
        }
    }

    private static void SkipMemoryArgument(ref WasmReader reader)
    {
        // An alignment from 64 on says that the memory's index stands between it and the offset.
        if ((reader.U32() & 0x40) != 0)
        {
            _ = reader.U32();
        }

        _ = TypeReader.Unsigned(ref reader);
    }

    private static void SkipTry(ref WasmReader reader)
    {
        TypeReader.SkipBlock(ref reader);
        for (var clauses = reader.U32(); clauses > 0; clauses--)
        {
            var at = reader.Position;
            var kind = reader.Byte();
            Indices(ref reader, kind switch
            {
                0 or 1 => 2,
                2 or 3 => 1,
                _ => throw reader.Malformed("malformed catch clause", at),
            });
        }
    }

    private static void SkipObject(ref WasmReader reader, int at)
    {
        var opcode = reader.U32();
        switch (opcode)
        {
            case 0 or 1 or 6 or 7 or (>= 11 and <= 14) or 16:
                Indices(ref reader, 1);
                break;
            case (>= 2 and <= 5) or (>= 8 and <= 10) or (>= 17 and <= 19):
                Indices(ref reader, 2);
                break;
            case >= 20 and <= 23:
                _ = TypeReader.Heap(ref reader);
                break;
            case 24 or 25:
                _ = reader.Byte();
                _ = reader.U32();
                _ = TypeReader.Heap(ref reader);
                _ = TypeReader.Heap(ref reader);
                break;
            case 15 or (>= 26 and <= 30):
                break;
            default:
                throw reader.Malformed($"illegal opcode 0xfb {opcode}", at);
        }
    }

    private static void SkipBulk(ref WasmReader reader, int at)
    {
        var opcode = reader.U32();
        Indices(ref reader, opcode switch
        {
            <= 7 => 0,
            8 or 10 or 12 or 14 => 2,
            9 or 11 or 13 or (>= 15 and <= 17) => 1,
            _ => throw reader.Malformed($"illegal opcode 0xfc {opcode}", at),
        });
    }

    private static void SkipVector(ref WasmReader reader, int at)
    {
        const int VectorBytes = 16;
        var opcode = reader.U32();
        switch (opcode)
        {
            case <= 11 or 92 or 93:
                SkipMemoryArgument(ref reader);
                break;
            case 12 or 13:
                reader.Skip(VectorBytes);
                break;
            case >= 21 and <= 34:
                _ = reader.Byte();
                break;
            case >= 84 and <= 91:
                SkipMemoryArgument(ref reader);
                _ = reader.Byte();
                break;
            case <= 275:
                break;
            default:
                throw reader.Malformed($"illegal opcode 0xfd {opcode}", at);
        }
    }
}
