namespace HeliosEdge.Wasm.Tests.Properties;

/// <summary>One section's place in a module: its header from <c>Start</c>, its content from <c>Content</c> to <c>End</c>.</summary>
internal readonly record struct Section(byte Id, int Start, int Content, int End);

/// <summary>A module's sections, as far as the bytes make sense.</summary>
internal static class SectionMap
{
    public static List<Section> Of(ReadOnlySpan<byte> module)
    {
        var sections = new List<Section>();
        var at = 8;
        while (at < module.Length)
        {
            var start = at;
            var id = module[at++];
            if (!InstructionMap.Unsigned(module, ref at, out var length) || length > (ulong)(module.Length - at))
            {
                break;
            }

            sections.Add(new(id, start, at, at + (int)length));
            at += (int)length;
        }

        return sections;
    }

    /// <summary>The ranges of the function bodies, without their lengths.</summary>
    public static List<Range> Bodies(ReadOnlySpan<byte> module, Section code)
    {
        var bodies = new List<Range>();
        var at = code.Content;
        if (!InstructionMap.Unsigned(module, ref at, out var count))
        {
            return bodies;
        }

        for (ulong i = 0; i < count; i++)
        {
            if (!InstructionMap.Unsigned(module, ref at, out var length) || at > code.End || length > (ulong)(code.End - at))
            {
                break;
            }

            bodies.Add(at..(at + (int)length));
            at += (int)length;
        }

        return bodies;
    }
}
