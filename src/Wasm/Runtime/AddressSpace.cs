using System.ComponentModel;
using System.Runtime.InteropServices;

namespace HeliosEdge.Wasm.Runtime;

/// <summary>Reserves address space and gives parts of it memory, by the operating system's own calls.</summary>
internal static unsafe partial class AddressSpace // SAFETY: every pointer handed out is the start of a mapping that its owner alone releases.
{
    private const int ProtNone = 0;
    private const int ProtReadWrite = 3;
    private const int MapPrivate = 0x02;
    private const int MapNoReserve = 0x4000;
    private const int DontNeed = 4;
    private const uint MemCommit = 0x1000;
    private const uint MemReserve = 0x2000;
    private const uint MemRelease = 0x8000;
    private const uint PageNoAccess = 0x01;
    private const uint PageReadWrite = 0x04;

    private static long _reserved;

    /// <summary>Bytes of all reservations that were not given back yet.</summary>
    public static long Reserved => Interlocked.Read(ref _reserved);

    private static int MapAnonymous => OperatingSystem.IsLinux() ? 0x20 : 0x1000;

    /// <summary>Takes address space without memory behind it; an access to it is a fault.</summary>
    public static byte* Reserve(nuint bytes)
    {
        if (OperatingSystem.IsWindows())
        {
            var address = VirtualAlloc(null, bytes, MemReserve, PageNoAccess);
            return address != null ? Count(address, bytes) : throw Failed("reserve", bytes);
        }

        var flags = MapPrivate | MapAnonymous | (OperatingSystem.IsLinux() ? MapNoReserve : 0);
        var mapped = mmap(null, bytes, ProtNone, flags, -1, 0);
        return mapped != (void*)-1 ? Count(mapped, bytes) : throw Failed("reserve", bytes);
    }

    /// <summary>Puts zeroed memory behind a part of a reservation; false where the system has none left.</summary>
    public static bool TryCommit(byte* address, nuint bytes) =>
        bytes == 0
        || (OperatingSystem.IsWindows()
            ? VirtualAlloc(address, bytes, MemCommit, PageReadWrite) != null
            : mprotect(address, bytes, ProtReadWrite) == 0);

    /// <summary>
    /// Takes the memory behind a part of a reservation away and has it read as zero from then on; false, and nothing changed, where
    /// the system has no call for that.
    /// </summary>
    public static bool TryDiscard(byte* address, nuint bytes) => OperatingSystem.IsLinux() && madvise(address, bytes, DontNeed) == 0;

    /// <summary>Gives back a whole reservation.</summary>
    public static void Release(byte* address, nuint bytes)
    {
        var released = OperatingSystem.IsWindows() ? VirtualFree(address, 0, MemRelease) != 0 : munmap(address, bytes) == 0;
        if (!released)
        {
            throw Failed("release", bytes);
        }

        Interlocked.Add(ref _reserved, -(long)bytes);
    }

    private static byte* Count(void* address, nuint bytes)
    {
        Interlocked.Add(ref _reserved, (long)bytes);
        return (byte*)address;
    }

    private static OutOfMemoryException Failed(string what, nuint bytes) =>
        new($"The system refused to {what} {bytes} bytes of address space: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");

    [LibraryImport("libc", SetLastError = true)]
    private static partial void* mmap(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mprotect(void* address, nuint length, int protection);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int munmap(void* address, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int madvise(void* address, nuint length, int advice);

    [LibraryImport("kernel32", SetLastError = true)]
    private static partial void* VirtualAlloc(void* address, nuint size, uint type, uint protection);

    [LibraryImport("kernel32", SetLastError = true)]
    private static partial int VirtualFree(void* address, nuint size, uint type);
}
