namespace HeliosEdge.Testing.Building;

/// <summary>Modules that cost a compiler much more than their sender.</summary>
public static class BombModule
{
    /// <summary>Functions that do nothing but call the next one, so that none can be left out.</summary>
    public static byte[] Calls(int functions, int calls) => Module(functions, function => Repeat(calls, [0x10, .. Leb128.Unsigned((ulong)((function + 1) % functions))]));

    /// <summary>A function that has vectors on its stack, all at once.</summary>
    public static byte[] Vectors(int operands) => Module(1, _ => [.. Repeat(operands, 0x41, 0, 0xFD, 0x0F), .. Repeat(operands, 0x1A)]);

    private static byte[] Module(int functions, Func<int, byte[]> instructions)
    {
        byte[] Sized(int function)
        {
            byte[] body = [0, .. instructions(function), 0x0B];
            return [.. Leb128.Unsigned((ulong)body.Length), .. body];
        }

        return
        [
            .. "\0asm\u0001\0\0\0"u8,
            .. Section(1, [1, 0x60, 0, 0]),
            .. Section(3, [.. Leb128.Unsigned((ulong)functions), .. new byte[functions]]),
            .. Section(7, [1, 1, (byte)'f', 0, 0]),
            .. Section(10, [.. Leb128.Unsigned((ulong)functions), .. Enumerable.Range(0, functions).SelectMany(Sized)]),
        ];
    }

    private static byte[] Repeat(int count, params byte[] instruction) => [.. Enumerable.Repeat(instruction, count).SelectMany(bytes => bytes)];

    private static byte[] Section(byte id, byte[] content) => [id, .. Leb128.Unsigned((ulong)content.Length), .. content];
}
