using System.Runtime.InteropServices;

namespace HeliosEdge.Sandbox.Wasi.Files.Host;

/// <summary>The calls of Linux that work relative to an open directory: the only ones that nobody can trick by moving names about.</summary>
internal static unsafe partial class Libc // SAFETY: every pointer is a pinned span or local that outlives the call, passed with its own length.
{
    public const int CurrentDirectory = -100;
    public const int NoFollowStatus = 0x100;
    public const int EmptyPath = 0x1000;
    public const int RemoveDirectory = 0x200;
    public const int WriteOnly = 1;
    public const int ReadWrite = 2;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;
    public const int NoControllingTerminal = 0x100;
    public const int Truncate = 0x200;
    public const int NonBlocking = 0x800;
    public const int CloseOnExec = 0x80000;
    public const int AppendWrite = 0x10;

    private const int Interrupted = 4;
    private const uint BasicStatus = 0x7ff;
    private const short PollInput = 1;

    // The two flags whose values differ between processors.
    public static int DirectoryOnly { get; } = IsArm ? 0x4000 : 0x10000;

    public static int NoFollow { get; } = IsArm ? 0x8000 : 0x20000;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64;

    public static SafeDescriptor Open(SafeDescriptor? directory, string name, int flags, int mode = 0)
    {
        while (true)
        {
            var result = OpenAt(Number(directory), name, flags | CloseOnExec, mode);
            if (result >= 0)
            {
                return new SafeDescriptor(result);
            }

            if (Marshal.GetLastPInvokeError() != Interrupted)
            {
                throw LastError();
            }
        }
    }

    public static FileStatus Status(SafeDescriptor directory, string name, int flags)
    {
        // SAFETY: statx writes 256 bytes at most, the size of the buffer.
        Span<byte> buffer = stackalloc byte[256];
        fixed (byte* pointer = buffer)
        {
            Check(Statx(Number(directory), name, flags, BasicStatus, pointer));
        }

        var device = ((ulong)MemoryMarshal.Read<uint>(buffer[136..]) << 32) | MemoryMarshal.Read<uint>(buffer[140..]);
        return new FileStatus(
            device,
            MemoryMarshal.Read<ulong>(buffer[32..]),
            TypeOf((MemoryMarshal.Read<ushort>(buffer[28..]) >> 12) & 15),
            MemoryMarshal.Read<uint>(buffer[16..]),
            MemoryMarshal.Read<ulong>(buffer[40..]),
            Time(buffer[64..]),
            Time(buffer[112..]),
            Time(buffer[96..]));

        static ulong Time(ReadOnlySpan<byte> time)
        {
            var seconds = MemoryMarshal.Read<long>(time);
            return seconds < 0 ? 0 : unchecked(((ulong)seconds * 1_000_000_000) + MemoryMarshal.Read<uint>(time[8..]));
        }
    }

    public static string ReadLink(SafeDescriptor directory, string name)
    {
        // SAFETY: the call gets the buffer's length and does not write beyond it.
        Span<byte> buffer = stackalloc byte[4_096];
        fixed (byte* pointer = buffer)
        {
            var length = ReadLinkAt(Number(directory), name, pointer, (nuint)buffer.Length);
            Check(length);
            return System.Text.Encoding.UTF8.GetString(buffer[..(int)length]);
        }
    }

    public static void SetTimes(SafeDescriptor descriptor, string? name, ulong? accessed, ulong? modified)
    {
        const long omit = 0x3ffffffe;
        const ulong second = 1_000_000_000;

        // SAFETY: two timespecs of two 64-bit numbers each, as the call reads them.
        var times = stackalloc long[4];
        times[0] = (long)((accessed ?? 0) / second);
        times[1] = accessed is { } a ? (long)(a % second) : omit;
        times[2] = (long)((modified ?? 0) / second);
        times[3] = modified is { } m ? (long)(m % second) : omit;
        Check(name is null ? FutimeNs(Number(descriptor), times) : UtimeNsAt(Number(descriptor), name, times, NoFollowStatus));
    }

    public static int Read(SafeDescriptor descriptor, Span<byte> buffer, long offset)
    {
        // SAFETY: the call gets the buffer's own length.
        fixed (byte* pointer = buffer)
        {
            while (true)
            {
                var count = offset < 0 ? Read(Number(descriptor), pointer, (nuint)buffer.Length) : ReadAt(Number(descriptor), pointer, (nuint)buffer.Length, offset);
                if (count >= 0)
                {
                    return (int)count;
                }

                if (Marshal.GetLastPInvokeError() != Interrupted)
                {
                    throw LastError();
                }
            }
        }
    }

    public static int Write(SafeDescriptor descriptor, ReadOnlySpan<byte> bytes, long offset, bool append)
    {
        // SAFETY: the call gets the buffer's own length, the vector is one pointer and one length.
        fixed (byte* pointer = bytes)
        {
            var vector = stackalloc nuint[2];
            vector[0] = (nuint)pointer;
            vector[1] = (nuint)bytes.Length;
            while (true)
            {
                var count = append ? WriteVectors(Number(descriptor), vector, 1, 0, AppendWrite)
                    : offset < 0 ? Write(Number(descriptor), pointer, (nuint)bytes.Length)
                    : WriteAt(Number(descriptor), pointer, (nuint)bytes.Length, offset);
                if (count >= 0)
                {
                    return (int)count;
                }

                if (Marshal.GetLastPInvokeError() != Interrupted)
                {
                    throw LastError();
                }
            }
        }
    }

    public static int ReadEntries(SafeDescriptor directory, Span<byte> buffer)
    {
        // SAFETY: the call gets the buffer's own length.
        fixed (byte* pointer = buffer)
        {
            var count = ListEntries(Number(directory), pointer, (nuint)buffer.Length);
            Check(count);
            return (int)count;
        }
    }

    public static void MakeDirectory(SafeDescriptor directory, string name) => Check(MakeDirectoryAt(Number(directory), name, 0x1ff));

    public static void SymbolicLink(SafeDescriptor directory, string name, string target) => Check(SymbolicLinkAt(target, Number(directory), name));

    public static void Link(SafeDescriptor directory, string name, SafeDescriptor target, string targetName) =>
        Check(LinkAt(Number(directory), name, Number(target), targetName, 0));

    public static void Rename(SafeDescriptor directory, string name, SafeDescriptor target, string targetName) =>
        Check(RenameAt(Number(directory), name, Number(target), targetName));

    public static void Unlink(SafeDescriptor directory, string name, int flags) => Check(UnlinkAt(Number(directory), name, flags));

    public static void SetSize(SafeDescriptor descriptor, long size) => Check(Truncate64(Number(descriptor), size));

    public static void Allocate(SafeDescriptor descriptor, long offset, long length)
    {
        var error = AllocateSpace(Number(descriptor), offset, length);
        if (error != 0)
        {
            throw new WasiException(HostErrors.Translate(error));
        }
    }

    public static void Sync(SafeDescriptor descriptor) => Check(SyncAll(Number(descriptor)));

    /// <summary>Waits until standard input can be read.</summary>
    public static bool WaitForInput(TimeSpan atMost)
    {
        // SAFETY: one pollfd: a descriptor of 32 bits, and what is wanted and what is so of 16 bits each.
        var request = stackalloc int[2];
        request[0] = 0;
        request[1] = PollInput;
        return Poll(request, 1, (int)Math.Min(int.MaxValue, Math.Ceiling(atMost.TotalMilliseconds))) != 0;
    }

    // The handle is kept alive by the node that holds it, which is disposed on the thread that calls only.
    private static int Number(SafeDescriptor? descriptor) => descriptor is null ? CurrentDirectory : (int)descriptor.DangerousGetHandle();

    private static FileType TypeOf(int mode) => mode switch
    {
        2 => FileType.CharacterDevice,
        4 => FileType.Directory,
        6 => FileType.BlockDevice,
        8 => FileType.RegularFile,
        10 => FileType.SymbolicLink,
        12 => FileType.SocketStream,
        _ => FileType.Unknown,
    };

    private static void Check(nint result)
    {
        if (result < 0)
        {
            throw LastError();
        }
    }

    private static WasiException LastError() => new(HostErrors.Translate(Marshal.GetLastPInvokeError()));

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenAt(int directory, string name, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string name, int flags, uint mask, byte* buffer);

    [LibraryImport("libc", EntryPoint = "readlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint ReadLinkAt(int directory, string name, byte* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "utimensat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UtimeNsAt(int directory, string name, long* times, int flags);

    [LibraryImport("libc", EntryPoint = "futimens", SetLastError = true)]
    private static partial int FutimeNs(int descriptor, long* times);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int descriptor, byte* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    private static partial nint ReadAt(int descriptor, byte* buffer, nuint length, long offset);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, byte* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    private static partial nint WriteAt(int descriptor, byte* buffer, nuint length, long offset);

    [LibraryImport("libc", EntryPoint = "pwritev2", SetLastError = true)]
    private static partial nint WriteVectors(int descriptor, nuint* vectors, int count, long offset, int flags);

    [LibraryImport("libc", EntryPoint = "getdents64", SetLastError = true)]
    private static partial nint ListEntries(int directory, byte* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeDirectoryAt(int directory, string name, int mode);

    [LibraryImport("libc", EntryPoint = "symlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SymbolicLinkAt(string target, int directory, string name);

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkAt(int directory, string name, int target, string targetName, int flags);

    [LibraryImport("libc", EntryPoint = "renameat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt(int directory, string name, int target, string targetName);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnlinkAt(int directory, string name, int flags);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    private static partial int Truncate64(int descriptor, long size);

    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    private static partial int AllocateSpace(int descriptor, long offset, long length);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int SyncAll(int descriptor);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(int* requests, nuint count, int milliseconds);
}
