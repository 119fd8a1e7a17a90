using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using HeliosEdge.Sandbox.Engines;

namespace HeliosEdge.Sandbox.Memory;

/// <summary>
/// The only way from the host into a guest's linear memory. Every access is checked against the memory as it is at that moment;
/// a refused one throws <see cref="GuestMemoryException"/>, has no effect, and is reported to the <see cref="EscapeDetector"/>,
/// which may end the invocation with <see cref="ErrorCodes.SandboxViolation"/> instead.
/// </summary>
/// <remarks>
/// Pointers and lengths are unsigned 32-bit numbers, as guests have them. Address 0 is null: bytes there are refused with
/// <see cref="ErrorCodes.NullPointer"/>. A length of 0 is accepted at every address up to the memory's end, 0 included.
/// </remarks>
public sealed class GuestMemory
{
    /// <summary>Bytes of the longest string that is read where nothing else is configured.</summary>
    public const int DefaultMaxStringBytes = 65_536;

    internal const string AllocateExport = "__wasm_allocate";
    internal const string DeallocateExport = "__wasm_deallocate";
    internal const string AllocateType = "(i32) -> (i32)";
    internal const string DeallocateType = "(i32, i32) -> ()";

    private static readonly UTF8Encoding StrictUtf8 = new(false, true);

    private readonly IGuestAccess _guest;
    private readonly EscapeDetector? _escapes;
    private readonly int _maxStringBytes;
    private readonly AllocationTracker? _tracker;

    /// <summary>Makes the bridge to a guest.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="escapes">Who is told of refused accesses; null for nobody.</param>
    /// <param name="maxStringBytes">Bytes of the longest string that is read.</param>
    /// <param name="tracker">Who keeps account of allocated blocks; null for nobody.</param>
    public GuestMemory(
        IGuestAccess guest, EscapeDetector? escapes = null, int maxStringBytes = DefaultMaxStringBytes, AllocationTracker? tracker = null)
    {
        _tracker = tracker;
        _guest = guest;
        _escapes = escapes;
        _maxStringBytes = maxStringBytes;
    }

    /// <summary>The memory's size in bytes, now.</summary>
    /// <exception cref="GuestMemoryException"><see cref="ErrorCodes.MemoryNotFound"/>.</exception>
    public long Length => _guest.HasMemory
        ? _guest.MemoryLength
        : throw Refuse(new GuestMemoryException(ErrorCodes.MemoryNotFound, "The guest exports no memory."));

    /// <summary>A window on the memory, for hot paths. It must not be kept over a call into the guest or beyond the host call.</summary>
    /// <exception cref="GuestMemoryException">
    /// <see cref="ErrorCodes.OutOfBounds"/>, <see cref="ErrorCodes.NullPointer"/> or <see cref="ErrorCodes.MemoryNotFound"/>.
    /// </exception>
    public Span<byte> View(uint pointer, uint length)
    {
        Check(pointer, length);
        if (length > int.MaxValue)
        {
            throw Refuse(new GuestMemoryException(ErrorCodes.OutOfBounds, $"{length} bytes are more than one access may span, {int.MaxValue}.")
            {
                Limit = int.MaxValue,
                Value = length,
            });
        }

        return length == 0 ? [] : _guest.Memory(pointer, (int)length);
    }

    /// <summary>Checks that a later access would be within the memory, without making it.</summary>
    /// <exception cref="GuestMemoryException">As <see cref="View"/>.</exception>
    public void Check(uint pointer, uint length)
    {
        var available = Length;
        if (pointer == 0 && length > 0)
        {
            throw Refuse(new GuestMemoryException(ErrorCodes.NullPointer, $"A null pointer was given for {length} bytes."));
        }

        // Two unsigned 32-bit values cannot overflow a 64-bit sum.
        if ((long)pointer + length > available)
        {
            throw Refuse(new GuestMemoryException(
                ErrorCodes.OutOfBounds, $"{length} bytes at {pointer} do not lie within the guest's memory of {available} bytes.")
            {
                Limit = available,
                Value = (long)pointer + length,
            });
        }
    }

    /// <summary>Copies bytes out.</summary>
    /// <exception cref="GuestMemoryException">As <see cref="View"/>.</exception>
    public byte[] ReadBytes(uint pointer, uint length) => View(pointer, length).ToArray();

    /// <summary>Copies as many bytes out as <paramref name="destination"/> holds.</summary>
    /// <exception cref="GuestMemoryException">As <see cref="View"/>.</exception>
    public void ReadBytes(uint pointer, Span<byte> destination) => View(pointer, (uint)destination.Length).CopyTo(destination);

    /// <summary>Copies bytes in: all of them or, if they do not fit, none.</summary>
    /// <exception cref="GuestMemoryException">As <see cref="View"/>.</exception>
    public void WriteBytes(uint pointer, ReadOnlySpan<byte> bytes) => bytes.CopyTo(View(pointer, (uint)bytes.Length));

    /// <summary>Reads a string of strict UTF-8: no overlong forms, no surrogates, nothing replaced.</summary>
    /// <param name="pointer">Where it starts.</param>
    /// <param name="length">Its bytes.</param>
    /// <exception cref="GuestMemoryException">
    /// As <see cref="View"/>; <see cref="ErrorCodes.StringTooLarge"/>, before anything is read; <see cref="ErrorCodes.InvalidUtf8"/>.
    /// </exception>
    public string ReadString(uint pointer, uint length) => ReadString(pointer, length, _maxStringBytes);

    /// <summary>Reads a string that has a limit of its own.</summary>
    internal string ReadString(uint pointer, uint length, int maxBytes)
    {
        if (length > (uint)maxBytes)
        {
            throw Refuse(new GuestMemoryException(
                ErrorCodes.StringTooLarge, $"The string at {pointer} has {length} bytes; the limit is {maxBytes} bytes.")
            {
                Limit = maxBytes,
                Value = length,
            });
        }

        try
        {
            return StrictUtf8.GetString(View(pointer, length));
        }
        catch (DecoderFallbackException e)
        {
            throw Refuse(new GuestMemoryException(
                ErrorCodes.InvalidUtf8, $"The string of {length} bytes at {pointer} is no UTF-8 from its byte {e.Index} on.", e));
        }
    }

    /// <summary>Writes a string as UTF-8, without a terminating zero.</summary>
    /// <param name="pointer">Where to.</param>
    /// <param name="capacity">The room in bytes; all of it must lie within the memory.</param>
    /// <param name="text">The string.</param>
    /// <returns>The bytes written.</returns>
    /// <exception cref="GuestMemoryException">
    /// As <see cref="View"/>; <see cref="ErrorCodes.StringTooLarge"/>: it does not fit into <paramref name="capacity"/>;
    /// <see cref="ErrorCodes.InvalidUtf8"/>: it has a surrogate without its partner.
    /// </exception>
    public int WriteString(uint pointer, uint capacity, string text)
    {
        int length;
        try
        {
            length = StrictUtf8.GetByteCount(text);
        }
        catch (EncoderFallbackException e)
        {
            throw Refuse(new GuestMemoryException(ErrorCodes.InvalidUtf8, $"The string has a lone surrogate at {e.Index}.", e));
        }

        var room = View(pointer, capacity);
        if (length > room.Length)
        {
            throw Refuse(new GuestMemoryException(
                ErrorCodes.StringTooLarge, $"The string has {length} bytes; the guest has room for {capacity} bytes at {pointer}.")
            {
                Limit = capacity,
                Value = length,
            });
        }

        return StrictUtf8.GetBytes(text, room);
    }

    /// <summary>Reads a value, in the host's byte order, which is WebAssembly's too: little-endian.</summary>
    /// <typeparam name="T">A type for which every pattern of bits is a value: numbers, and structs of numbers.</typeparam>
    /// <exception cref="GuestMemoryException">As <see cref="View"/>; <see cref="ErrorCodes.Misaligned"/>.</exception>
    public T Read<T>(uint pointer)
        where T : unmanaged
    {
        CheckAlignment<T>(pointer);
        return MemoryMarshal.Read<T>(View(pointer, (uint)Unsafe.SizeOf<T>()));
    }

    /// <summary>Writes a value.</summary>
    /// <typeparam name="T">A type without padding, which would carry bytes of the host's memory to the guest.</typeparam>
    /// <exception cref="GuestMemoryException">As <see cref="View"/>; <see cref="ErrorCodes.Misaligned"/>.</exception>
    public void Write<T>(uint pointer, T value)
        where T : unmanaged
    {
        CheckAlignment<T>(pointer);
        MemoryMarshal.Write(View(pointer, (uint)Unsafe.SizeOf<T>()), value);
    }

    /// <summary>Reads as many values as <paramref name="destination"/> holds.</summary>
    /// <exception cref="GuestMemoryException">As <see cref="View"/>; <see cref="ErrorCodes.Misaligned"/>.</exception>
    public void Read<T>(uint pointer, Span<T> destination)
        where T : unmanaged
    {
        CheckAlignment<T>(pointer);
        ReadBytes(pointer, MemoryMarshal.AsBytes(destination));
    }

    /// <summary>Writes values: all of them or none.</summary>
    /// <exception cref="GuestMemoryException">As <see cref="View"/>; <see cref="ErrorCodes.Misaligned"/>.</exception>
    public void Write<T>(uint pointer, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        CheckAlignment<T>(pointer);
        WriteBytes(pointer, MemoryMarshal.AsBytes(values));
    }

    /// <summary>Asks the guest's own <c>__wasm_allocate</c> for a block and zeroes it. Views from before are no longer valid.</summary>
    /// <returns>Where it is; its end lies within the memory as the allocator left it.</returns>
    /// <exception cref="GuestMemoryException">
    /// <see cref="ErrorCodes.AllocatorNotFound"/>; <see cref="ErrorCodes.AllocationFailed"/>: it returned 0;
    /// <see cref="ErrorCodes.OutOfBounds"/>: the block that it returned does not lie within the memory.
    /// </exception>
    /// <exception cref="AllocationException">As <see cref="AllocationTracker.Register"/>.</exception>
    /// <exception cref="GuestTrapException">The allocator trapped, or the deadline passed in it.</exception>
    public uint Allocate(uint size)
    {
        if (!_guest.HasFunction(AllocateExport, AllocateType))
        {
            throw Refuse(new GuestMemoryException(
                ErrorCodes.AllocatorNotFound, $"The guest exports no function \"{AllocateExport}\" {AllocateType}."));
        }

        _tracker?.Admit(size);
        var pointer = (uint)_guest.Call(AllocateExport, (int)size);
        if (pointer == 0 && size > 0)
        {
            throw Refuse(new GuestMemoryException(ErrorCodes.AllocationFailed, $"{AllocateExport}({size}) returned 0: the guest has no room.")
            {
                Value = size,
            });
        }

        // Checked only now: the allocator may have grown the memory. What it hands out may hold what the guest had there before,
        // and must be registered before it is zeroed: a forged block may be one that is in use.
        Check(pointer, size);
        _tracker?.Register(pointer, size);
        View(pointer, size).Clear();
        return pointer;
    }

    /// <summary>Gives a block back through the guest's own <c>__wasm_deallocate</c>. Views from before are no longer valid.</summary>
    /// <exception cref="GuestMemoryException">As <see cref="View"/>; <see cref="ErrorCodes.DeallocatorNotFound"/>.</exception>
    /// <exception cref="AllocationException">As <see cref="AllocationTracker.Release"/>; the guest is not called then.</exception>
    /// <exception cref="GuestTrapException">The deallocator trapped, or the deadline passed in it.</exception>
    public void Deallocate(uint pointer, uint size)
    {
        Check(pointer, size);
        if (!_guest.HasFunction(DeallocateExport, DeallocateType))
        {
            throw Refuse(new GuestMemoryException(
                ErrorCodes.DeallocatorNotFound, $"The guest exports no function \"{DeallocateExport}\" {DeallocateType}."));
        }

        _tracker?.Release(pointer, size);
        _guest.Run(DeallocateExport, (int)pointer, (int)size);
    }

    private void CheckAlignment<T>(uint pointer)
        where T : unmanaged
    {
        var alignment = (uint)(Unsafe.SizeOf<Padded<T>>() - Unsafe.SizeOf<T>());
        if (pointer % alignment != 0)
        {
            throw Refuse(new GuestMemoryException(
                ErrorCodes.Misaligned, $"The pointer {pointer} to a {typeof(T).Name} is no multiple of {alignment}.")
            {
                Limit = alignment,
                Value = pointer,
            });
        }
    }

    private GuestMemoryException Refuse(GuestMemoryException refused)
    {
        _escapes?.Report(refused);
        return refused;
    }

    /// <summary>A byte and a <typeparamref name="T"/>: as much longer than a T as its alignment.</summary>
    [StructLayout(LayoutKind.Sequential)]
    [SuppressMessage("Performance", "CA1823", Justification = "Only the layout counts.")]
    private readonly struct Padded<T>
        where T : unmanaged
    {
        private readonly byte _byte;
        private readonly T _value;
    }
}
