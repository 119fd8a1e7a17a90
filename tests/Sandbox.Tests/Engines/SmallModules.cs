namespace HeliosEdge.Sandbox.Tests.Engines;

/// <summary>Makes any number of small modules that differ, each with a memory and some functions.</summary>
internal static class SmallModules
{
    /// <summary>A module whose export <c>run</c> returns a number.</summary>
    /// <param name="number">The number.</param>
    /// <param name="functions">How many functions it has; the first calls all others.</param>
    /// <param name="hasData">Whether its memory starts with data.</param>
    public static byte[] Returning(int number, int functions = 1, bool hasData = false)
    {
        var module = new List<byte> { 0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0 };
        Section(1, [1, 0x60, 0, 1, 0x7F]);
        Section(3, [.. Unsigned(functions), .. new byte[functions]]);
        Section(5, [1, 1, 1, 1]);
        Section(7, [2, 3, .. "run"u8, 0, 0, 6, .. "memory"u8, 2, 0]);
        byte[] result = [0x41, .. Signed(number), 0x0B];
        var code = new List<byte>(Unsigned(functions));
        for (var i = 0; i < functions; i++)
        {
            var body = new List<byte> { 0 };
            for (var called = 1; i == 0 && called < functions; called++)
            {
                body.AddRange([0x10, .. Unsigned(called), 0x1A]);
            }

            body.AddRange(result);
            code.AddRange(Unsigned(body.Count));
            code.AddRange(body);
        }

        Section(10, [.. code]);
        if (hasData)
        {
            Section(11, [1, 0, 0x41, 0, 0x0B, 8, .. BitConverter.GetBytes((long)number)]);
        }

        return [.. module];

        void Section(byte id, byte[] content)
        {
            module.Add(id);
            module.AddRange(Unsigned(content.Length));
            module.AddRange(content);
        }
    }

    private static byte[] Unsigned(int value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        return [.. bytes];
    }

    private static byte[] Signed(int value)
    {
        var bytes = new List<byte>();
        for (; value is < -64 or >= 64; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)(value & 0x7F));
        return [.. bytes];
    }
}
