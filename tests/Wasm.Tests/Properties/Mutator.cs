using HeliosEdge.Testing.Building;

namespace HeliosEdge.Wasm.Tests.Properties;

/// <summary>
/// Makes new modules out of old ones: blindly, by section, and by instruction. The finer the change, the likelier it
/// is that the module still validates and reaches the compiler.
/// </summary>
/// <param name="random">Decides everything.</param>
/// <param name="corpus">What pieces are taken from.</param>
/// <param name="sound">Those of the corpus that are valid; most mutations start from one of them.</param>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> corpus, IReadOnlyList<byte[]> sound)
{
    private static readonly byte[] _interesting = [0, 1, 2, 0x0B, 0x3F, 0x40, 0x41, 0x60, 0x6F, 0x70, 0x7B, 0x7C, 0x7D, 0x7E, 0x7F, 0x80, 0xFC, 0xFD, 0xFF];

    // Instructions of one type each: any may stand for any other.
    private static readonly byte[][] _alike =
    [
        Bytes(0x6A, 0x78), Bytes(0x7C, 0x8A), Bytes(0x92, 0x98), Bytes(0xA0, 0xA6),
        [0x67, 0x68, 0x69, 0xC0, 0xC1, 0x45], [0x79, 0x7A, 0x7B, 0xC2, 0xC3, 0xC4],
        Bytes(0x8B, 0x91), Bytes(0x99, 0x9F),
        Bytes(0x46, 0x4F), Bytes(0x51, 0x5A), Bytes(0x5B, 0x60), Bytes(0x61, 0x66),
        [0x28, 0x2C, 0x2D, 0x2E, 0x2F], [0x29, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35],
        [0x36, 0x3A, 0x3B], [0x37, 0x3C, 0x3D, 0x3E],
        [0xA8, 0xA9, 0xBC], [0xAA, 0xAB], [0xAE, 0xAF], [0xB0, 0xB1, 0xBD], [0xB2, 0xB3, 0xBE], [0xB4, 0xB5], [0xB7, 0xB8], [0xB9, 0xBA, 0xBF],
        [0x20, 0x21, 0x22], [0x23, 0x24], [0x0C, 0x0D], [0x02, 0x03, 0x04], [0x00, 0x01, 0x0F, 0x1A, 0x1B],
    ];

    // Vector instructions that take two vectors and give one.
    private static readonly byte[] _vectorPairs =
    [
        14, .. Bytes(35, 76), .. Bytes(78, 81), 101, 102, .. Bytes(110, 115), .. Bytes(118, 121), 123, 130, 133, 134,
        .. Bytes(142, 147), .. Bytes(149, 153), .. Bytes(155, 159), 174, 177, .. Bytes(181, 186), .. Bytes(188, 191), 206, 209, 213,
    ];

    /// <summary>A module of the corpus with a few mutations.</summary>
    public byte[] Next()
    {
        var module = random.Next(10) == 0 ? Pick(corpus) : Pick(sound);
        for (var rounds = 1 + random.Next(random.Next(10) == 0 ? 8 : 2); rounds > 0; rounds--)
        {
            module = Mutate(module);
        }

        return module;
    }

    private byte[] Mutate(byte[] module) => module.Length == 0 ? [0] : random.Next(40) switch
    {
        0 => FlipBits(module),
        1 => SetBytes(module),
        2 => module[..random.Next(module.Length + 1)],
        3 => RemoveRange(module),
        4 => DuplicateRange(module),
        5 => InsertBytes(module),
        6 => Splice(module, Pick(corpus)),
        7 => ChangeSections(module),
        8 => ChangeSectionLength(module),
        9 => ChangeInteger(module),
        10 => SwapBodies(module),
        11 => ChangeSectionContent(module),
        _ => ChangeInstructions(module),
    };

    private byte[] FlipBits(byte[] module)
    {
        var result = (byte[])module.Clone();
        for (var flips = 1 + random.Next(4); flips > 0; flips--)
        {
            result[random.Next(result.Length)] ^= (byte)(1 << random.Next(8));
        }

        return result;
    }

    private byte[] SetBytes(byte[] module)
    {
        var result = (byte[])module.Clone();
        for (var count = 1 + random.Next(4); count > 0; count--)
        {
            result[random.Next(result.Length)] = random.Next(2) == 0 ? Pick(_interesting) : (byte)random.Next(256);
        }

        return result;
    }

    private byte[] RemoveRange(byte[] module)
    {
        var (start, length) = SmallRange(module.Length);
        return [.. module[..start], .. module[(start + length)..]];
    }

    private byte[] DuplicateRange(byte[] module)
    {
        var (start, length) = SmallRange(module.Length);
        var at = random.Next(module.Length + 1);
        return [.. module[..at], .. module.AsSpan(start, length), .. module[at..]];
    }

    private byte[] InsertBytes(byte[] module)
    {
        var at = random.Next(module.Length + 1);
        var bytes = new byte[1 + random.Next(8)];
        random.NextBytes(bytes);
        return [.. module[..at], .. bytes, .. module[at..]];
    }

    private byte[] Splice(byte[] module, byte[] other) =>
        [.. module[..random.Next(module.Length + 1)], .. other[random.Next(other.Length + 1)..]];

    private byte[] ChangeSections(byte[] module)
    {
        var sections = SectionMap.Of(module);
        if (sections.Count == 0)
        {
            return module;
        }

        var pieces = sections.ConvertAll(section => module[section.Start..section.End]);
        var index = random.Next(pieces.Count);
        switch (random.Next(5))
        {
            case 0:
                pieces.RemoveAt(index);
                break;
            case 1:
                pieces.Insert(random.Next(pieces.Count + 1), pieces[index]);
                break;
            case 2:
                var second = random.Next(pieces.Count);
                (pieces[index], pieces[second]) = (pieces[second], pieces[index]);
                break;
            default:
                // The same section of another module, in the same place.
                var other = Pick(corpus);
                foreach (var section in SectionMap.Of(other).Where(section => section.Id == sections[index].Id))
                {
                    pieces[index] = other[section.Start..section.End];
                }

                break;
        }

        return [.. module[..8], .. pieces.SelectMany(piece => piece)];
    }

    private byte[] ChangeSectionLength(byte[] module)
    {
        var sections = SectionMap.Of(module);
        if (sections.Count == 0)
        {
            return module;
        }

        var section = Pick(sections);
        var length = (ulong)(section.End - section.Content);
        ulong changed = random.Next(6) switch
        {
            0 => length + 1,
            1 => length == 0 ? 1 : length - 1,
            2 => 0,
            3 => uint.MaxValue,
            4 => 1UL << 35,
            _ => (ulong)random.Next(1 << random.Next(1, 20)),
        };
        return [.. module[..(section.Start + 1)], .. Leb128.Unsigned(changed), .. module[section.Content..]];
    }

    private byte[] ChangeInteger(byte[] module)
    {
        var at = random.Next(module.Length);
        var value = module[at];
        byte[] replacement = random.Next(6) switch
        {
            0 => [(byte)(value | 0x80), 0],
            1 => [(byte)(value | 0x80), 0x80, 0x80, 0x80, 0],
            2 => [(byte)(value | 0x80), 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0],
            3 => [0xFF, 0xFF, 0xFF, 0xFF, 0x0F],
            4 => [0x80, 0x80, 0x80, 0x80, 0x78],
            _ => [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
        };
        return [.. module[..at], .. replacement, .. module[(at + 1)..]];
    }

    /// <summary>A small change inside one section, with the section's length put right.</summary>
    private byte[] ChangeSectionContent(byte[] module)
    {
        var sections = SectionMap.Of(module);
        if (sections.Count == 0)
        {
            return module;
        }

        var section = Pick(sections);
        var content = module[section.Content..section.End];
        if (content.Length == 0)
        {
            return module;
        }

        content = random.Next(5) switch
        {
            0 => RemoveRange(content),
            1 => DuplicateRange(content),
            2 => InsertBytes(content),
            3 => ChangeInteger(content),
            _ => SetBytes(content),
        };
        return Replace(module, section, content);
    }

    private byte[] SwapBodies(byte[] module) => ChangeBodies(module, bodies =>
    {
        var index = random.Next(bodies.Count);
        bodies[index] = bodies[random.Next(bodies.Count)];
    });

    private byte[] ChangeInstructions(byte[] module) => ChangeBodies(module, bodies =>
    {
        var index = random.Next(bodies.Count);
        for (var changes = 1 + random.Next(3); changes > 0; changes--)
        {
            bodies[index] = ChangeInstruction(bodies[index], bodies);
        }
    });

    private byte[] ChangeInstruction(byte[] body, List<byte[]> bodies)
    {
        var instructions = InstructionMap.Of(body);
        if (instructions.Count == 0)
        {
            return body;
        }

        var chosen = Pick(instructions);
        var (before, instruction, after) = (body[..chosen.Start.Value], body[chosen], body[chosen.End.Value..]);
        switch (random.Next(16))
        {
            case 0:
                return [.. before, .. after];
            case 1:
                return [.. before, .. instruction, .. instruction, .. after];
            case 2:
                var second = body[Pick(instructions)];
                return [.. before, .. second, .. instruction, .. after];
            case 3:
                var other = Pick(bodies);
                var others = InstructionMap.Of(other);
                return others.Count == 0 ? body : [.. before, .. other[Pick(others)], .. instruction, .. after];
            case 4:
                return [.. before, .. ChangeImmediate(instruction), .. after];
            case >= 5 and <= 8:
                // A value dropped, a block opened and closed, dead code: all keep the types of what follows.
                return [.. before, .. Pick<byte[]>([[0x41, 0x7F, 0x1A], [0x02, 0x40, 0x0B], [0x03, 0x40, 0x0B], [0x00], [0x01], [0x0F], [0x41, 0, 0x0D, 0]]), .. instruction, .. after];
            default:
                return [.. before, .. Exchange(instruction), .. after];
        }
    }

    private byte[] Exchange(byte[] instruction)
    {
        if (instruction[0] == 0xFD && instruction.Length <= 3)
        {
            return [0xFD, .. Leb128.Unsigned(Pick(_vectorPairs))];
        }

        foreach (var group in _alike)
        {
            if (Array.IndexOf(group, instruction[0]) >= 0)
            {
                return [Pick(group), .. instruction[1..]];
            }
        }

        return ChangeImmediate(instruction);
    }

    private byte[] ChangeImmediate(byte[] instruction)
    {
        if (instruction.Length == 1)
        {
            return [(byte)random.Next(256)];
        }

        return instruction[0] switch
        {
            0x41 => [0x41, .. Leb128.Signed(Pick<long>([0, 1, -1, 7, 8, 16, 31, 32, 65_535, 65_536, int.MaxValue, int.MinValue, random.Next()]))],
            0x42 => [0x42, .. Leb128.Signed(Pick<long>([0, 1, -1, 63, 64, uint.MaxValue, int.MinValue, long.MaxValue, long.MinValue, random.NextInt64()]))],
            0x43 => [0x43, .. BitConverter.GetBytes(Pick<uint>([0, 0x8000_0000, 0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0x7FA0_0000, 1, 0x4F00_0000, 0x5F00_0000]))],
            0x44 => [0x44, .. BitConverter.GetBytes(Pick<ulong>([0, 1UL << 63, 0x7FF0UL << 48, 0xFFF0UL << 48, 0x7FF8UL << 48, 0x7FF4UL << 48, 1, 0x41E0UL << 48, 0x43E0UL << 48]))],
            >= 0x28 and <= 0x3E => [instruction[0], (byte)random.Next(4), .. Leb128.Unsigned(Pick<ulong>([0, 1, 15, 65_532, 65_535, 65_536, int.MaxValue, 0x8000_0000, 0xFFFF_FFFC, uint.MaxValue]))],
            _ => [instruction[0], .. Leb128.Unsigned((ulong)random.Next(1 << random.Next(1, 5))), .. instruction[2..]],
        };
    }

    private byte[] ChangeBodies(byte[] module, Action<List<byte[]>> change)
    {
        foreach (var section in SectionMap.Of(module).Where(section => section.Id == 10))
        {
            var bodies = SectionMap.Bodies(module, section).ConvertAll(body => module[body]);
            if (bodies.Count == 0)
            {
                return module;
            }

            change(bodies);
            return Replace(module, section, [.. Leb128.Unsigned((ulong)bodies.Count), .. bodies.SelectMany(body => (byte[])[.. Leb128.Unsigned((ulong)body.Length), .. body])]);
        }

        return module;
    }

    private static byte[] Replace(byte[] module, Section section, byte[] content) =>
        [.. module[..section.Start], section.Id, .. Leb128.Unsigned((ulong)content.Length), .. content, .. module[section.End..]];

    private (int Start, int Length) SmallRange(int total)
    {
        var length = Math.Min(total, 1 + random.Next(1 << random.Next(1, 7)));
        return (random.Next(total - length + 1), length);
    }

    private T Pick<T>(IReadOnlyList<T> list) => list[random.Next(list.Count)];

    private static byte[] Bytes(int first, int last) => [.. Enumerable.Range(first, last - first + 1).Select(value => (byte)value)];
}
