using System.Buffers.Binary;

namespace HeliosEdge.Sandbox.Abi.Extism;

/// <summary>
/// The functions of Extism's kernel. Its reference is the kernel itself: an address that is out of bounds loads as 0, stores
/// nowhere and sets nothing, and no call of these fails.
/// </summary>
internal static class MemoryFunctions
{
    public static long Alloc(ExtismCall call, ReadOnlySpan<long> arguments) => (long)call.Memory.Allocate((ulong)arguments[0]);

    public static long Free(ExtismCall call, ReadOnlySpan<long> arguments)
    {
        call.Memory.Free((ulong)arguments[0]);
        return 0;
    }

    public static long Length(ExtismCall call, ReadOnlySpan<long> arguments) => call.Memory.LengthOf((ulong)arguments[0]);

    public static long LoadByte(ExtismCall call, ReadOnlySpan<long> arguments) =>
        call.Reach(arguments[0], sizeof(byte)) is { IsEmpty: false } bytes ? bytes[0] : 0;

    public static long LoadWord(ExtismCall call, ReadOnlySpan<long> arguments) =>
        call.Reach(arguments[0], sizeof(long)) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : 0;

    public static long StoreByte(ExtismCall call, ReadOnlySpan<long> arguments)
    {
        if (call.Reach(arguments[0], sizeof(byte)) is { IsEmpty: false } bytes)
        {
            bytes[0] = (byte)arguments[1];
        }

        return 0;
    }

    public static long StoreWord(ExtismCall call, ReadOnlySpan<long> arguments)
    {
        if (call.Reach(arguments[0], sizeof(long)) is { IsEmpty: false } bytes)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes, arguments[1]);
        }

        return 0;
    }

    public static long InputOffset(ExtismCall call, ReadOnlySpan<long> arguments) => (long)call.Memory.InputAddress;

    public static long InputLength(ExtismCall call, ReadOnlySpan<long> arguments) => (long)call.Memory.InputLength;

    public static long InputLoadByte(ExtismCall call, ReadOnlySpan<long> arguments) =>
        InInput(call.Memory, arguments[0], sizeof(byte)) is { IsEmpty: false } bytes ? bytes[0] : 0;

    public static long InputLoadWord(ExtismCall call, ReadOnlySpan<long> arguments) =>
        InInput(call.Memory, arguments[0], sizeof(long)) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : 0;

    public static long InputSet(ExtismCall call, ReadOnlySpan<long> arguments)
    {
        if (!call.Memory.SetInput((ulong)arguments[0], (ulong)arguments[1]))
        {
            ReportUnlessEmpty(call, arguments[0], arguments[1]);
        }

        return 0;
    }

    public static long OutputSet(ExtismCall call, ReadOnlySpan<long> arguments)
    {
        if (!call.Memory.SetOutput((ulong)arguments[0], (ulong)arguments[1]))
        {
            ReportUnlessEmpty(call, arguments[0], arguments[1]);
        }

        return 0;
    }

    public static long OutputOffset(ExtismCall call, ReadOnlySpan<long> arguments) => (long)call.Memory.OutputAddress;

    public static long OutputLength(ExtismCall call, ReadOnlySpan<long> arguments) => (long)call.Memory.OutputLength;

    public static long ErrorSet(ExtismCall call, ReadOnlySpan<long> arguments)
    {
        if (!call.Memory.SetError((ulong)arguments[0]))
        {
            call.ReportEscape(arguments[0], 1);
        }

        return 0;
    }

    public static long ErrorGet(ExtismCall call, ReadOnlySpan<long> arguments) => (long)call.Memory.Error;

    public static long Reset(ExtismCall call, ReadOnlySpan<long> arguments)
    {
        call.Memory.Reset();
        return 0;
    }

    public static long MemoryBytes(ExtismCall call, ReadOnlySpan<long> arguments) => call.Memory.Length;

    /// <summary>Loads past the input's end are how some plug-ins find it; they are no attempt at anything.</summary>
    private static ReadOnlySpan<byte> InInput(ExtismMemory memory, long offset, int length) =>
        (ulong)length <= memory.InputLength && (ulong)offset <= memory.InputLength - (ulong)length
            ? memory.View(memory.InputAddress + (ulong)offset, length)
            : [];

    /// <summary>Kits set block 0 with length 0 for empty output.</summary>
    private static void ReportUnlessEmpty(ExtismCall call, long address, long length)
    {
        if (length != 0)
        {
            call.ReportEscape(address, length);
        }
    }
}
