using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Wasi.Memory;

namespace HeliosEdge.Sandbox.Wasi.Functions;

/// <summary>The command's arguments and environment.</summary>
internal static class ArgumentFunctions
{
    public static void ArgsGet(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a) =>
        Write(process.Arguments, memory, (uint)a[0], (uint)a[1]);

    public static void ArgsSizesGet(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a) =>
        WriteSizes(process.Arguments, memory, (uint)a[0], (uint)a[1]);

    public static void EnvironGet(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a) =>
        Write(process.Environment, memory, (uint)a[0], (uint)a[1]);

    public static void EnvironSizesGet(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a) =>
        WriteSizes(process.Environment, memory, (uint)a[0], (uint)a[1]);

    private static void WriteSizes(byte[][] texts, IGuestAccess memory, uint count, uint bytes)
    {
        memory.CheckRange(bytes, 4);
        memory.WriteU32(count, (uint)texts.Length);
        memory.WriteU32(bytes, (uint)texts.Sum(text => (long)text.Length));
    }

    private static void Write(byte[][] texts, IGuestAccess memory, uint pointers, uint buffer)
    {
        memory.CheckRange(pointers, 4UL * (ulong)texts.Length);
        memory.CheckRange(buffer, (ulong)texts.Sum(text => (long)text.Length));
        foreach (var text in texts)
        {
            memory.WriteU32(pointers, buffer);
            text.CopyTo(memory.Bytes(buffer, (uint)text.Length));
            pointers += 4;
            buffer += (uint)text.Length;
        }
    }
}
