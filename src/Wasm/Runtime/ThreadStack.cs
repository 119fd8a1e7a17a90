using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace HeliosEdge.Wasm.Runtime;

/// <summary>Where the current thread's stack is and how much of it is left.</summary>
internal static unsafe partial class ThreadStack // SAFETY: addresses of locals are compared as numbers and never followed.
{
    /// <summary>
    /// Stack that guests may not use: room for the runtime's compiler, which runs on the guest's stack at a function's first
    /// call, for host functions, and for unwinding.
    /// </summary>
    public const int Reserve = 512 << 10;

    [ThreadStatic]
    private static nuint _lowest;

    /// <summary>About where the stack pointer is.</summary>
    public static nuint Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            byte here;
            return (nuint)(&here);
        }
    }

    /// <summary>The lowest address of the current thread's stack; <see cref="nuint.MaxValue"/> where the system does not tell.</summary>
    public static nuint Lowest => _lowest != 0 ? _lowest : _lowest = Find();

    /// <summary>Whether the current thread has this much stack left for a guest, besides <see cref="Reserve"/>.</summary>
    public static bool Suffices(int bytes)
    {
        var lowest = Lowest;
        var current = Current;
        return lowest < current && current - lowest > (nuint)(bytes + Reserve);
    }

    /// <summary>Runs a call on a thread made for it, which has this much stack for a guest, and waits for it.</summary>
    public static T RunOnLarger<T>(int bytes, Func<T> call)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    result = call();
                }
                catch (Exception e)
                {
                    failure = ExceptionDispatchInfo.Capture(e);
                }
            },
            bytes + (2 * Reserve))
        { IsBackground = true, Name = "helios-guest" };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }

    private static nuint Find()
    {
        if (OperatingSystem.IsWindows())
        {
            GetCurrentThreadStackLimits(out var low, out _);
            return low;
        }

        if (OperatingSystem.IsMacOS())
        {
            var self = pthread_self();
            return pthread_get_stackaddr_np(self) - pthread_get_stacksize_np(self);
        }

        if (!OperatingSystem.IsLinux())
        {
            return nuint.MaxValue;
        }

        // pthread_attr_t is 56 bytes on 64-bit glibc and musl; the room is twice that.
        var attributes = stackalloc ulong[14];
        if (pthread_getattr_np(pthread_self(), attributes) != 0)
        {
            return nuint.MaxValue;
        }

        var found = pthread_attr_getstack(attributes, out var address, out _) == 0 ? address : nuint.MaxValue;
        _ = pthread_attr_destroy(attributes);
        return found;
    }

    [LibraryImport("libc")]
    private static partial nuint pthread_self();

    [LibraryImport("libc")]
    private static partial int pthread_getattr_np(nuint thread, void* attributes);

    [LibraryImport("libc")]
    private static partial int pthread_attr_getstack(void* attributes, out nuint address, out nuint size);

    [LibraryImport("libc")]
    private static partial int pthread_attr_destroy(void* attributes);

    [LibraryImport("libc")]
    private static partial nuint pthread_get_stackaddr_np(nuint thread);

    [LibraryImport("libc")]
    private static partial nuint pthread_get_stacksize_np(nuint thread);

    [LibraryImport("kernel32")]
    private static partial void GetCurrentThreadStackLimits(out nuint low, out nuint high);
}
