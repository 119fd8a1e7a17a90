namespace HeliosEdge.Wasm.Tests.Properties;

/// <summary>Where the instructions of a function body start and end, as far as the bytes make sense.</summary>
internal static class InstructionMap
{
    /// <summary>The ranges of a body's instructions; the locals come before the first.</summary>
    public static List<Range> Of(ReadOnlySpan<byte> body)
    {
        var instructions = new List<Range>();
        var at = 0;
        if (!Unsigned(body, ref at, out var runs))
        {
            return instructions;
        }

        for (ulong i = 0; i < runs; i++)
        {
            if (!Unsigned(body, ref at, out _) || at >= body.Length)
            {
                return instructions;
            }

            at++;
        }

        while (at < body.Length)
        {
            var start = at;
            if (!Skip(body, ref at) || at > body.Length)
            {
                break;
            }

            instructions.Add(start..at);
        }

        return instructions;
    }

    internal static bool Unsigned(ReadOnlySpan<byte> bytes, ref int at, out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 70 && at < bytes.Length; shift += 7)
        {
            var next = bytes[at++];
            value |= (ulong)(next & 0x7F) << Math.Min(shift, 63);
            if (next < 0x80)
            {
                return true;
            }
        }

        return false;
    }

    private static bool Skip(ReadOnlySpan<byte> body, ref int at)
    {
        var op = body[at++];
        switch (op)
        {
            case 0x0E:
                if (!Unsigned(body, ref at, out var labels) || labels > (ulong)body.Length)
                {
                    return false;
                }

                return Numbers(body, ref at, (int)labels + 1);
            case 0x1C:
                if (!Unsigned(body, ref at, out var types) || types > (ulong)body.Length)
                {
                    return false;
                }

                at += (int)types;
                return true;
            case 0x11 or (>= 0x28 and <= 0x3E):
                return Numbers(body, ref at, 2);
            case (>= 0x02 and <= 0x04) or 0x0C or 0x0D or 0x10 or (>= 0x20 and <= 0x26) or 0x3F or 0x40 or 0x41 or 0x42 or 0xD0 or 0xD2:
                return Numbers(body, ref at, 1);
            case 0x43:
                at += 4;
                return true;
            case 0x44:
                at += 8;
                return true;
            case 0xFC:
                return Unsigned(body, ref at, out var bulk) && Numbers(body, ref at, bulk switch
                {
                    8 or 10 or 12 or 14 => 2,
                    9 or 11 or 13 or 15 or 16 or 17 => 1,
                    _ => 0,
                });
            case 0xFD:
                if (!Unsigned(body, ref at, out var vector))
                {
                    return false;
                }

                switch (vector)
                {
                    case <= 11 or 92 or 93:
                        return Numbers(body, ref at, 2);
                    case 12 or 13:
                        at += 16;
                        return true;
                    case >= 21 and <= 34:
                        at += 1;
                        return true;
                    case >= 84 and <= 91:
                        return Numbers(body, ref at, 2) && ++at <= body.Length;
                    default:
                        return true;
                }

            default:
                return true;
        }
    }

    private static bool Numbers(ReadOnlySpan<byte> body, ref int at, int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (!Unsigned(body, ref at, out _))
            {
                return false;
            }
        }

        return true;
    }
}
