using System.Runtime.InteropServices;

namespace HeliosEdge.Sandbox.Engines.Wasmtime;

/// <summary>
/// Divisions by zero arrive as SIGFPE for the library and for the .NET runtime alike. The library's handler asks to run on the thread's
/// alternate stack and hands on what is not its own; the runtime's handler throws a managed exception from where it runs, for which the
/// alternate stack is too small. So the handler is made to run on the stack of the thread, as the runtime's did before.
/// </summary>
internal static unsafe partial class DivisionSignal // SAFETY: the structure is read and written back whole; only a flag changes.
{
    private const int Sigfpe = 8;
    private const int OnStack = 0x0800_0000;

    // struct sigaction on 64-bit Linux: the handler, 128 bytes of mask, the flags, the restorer.
    private const int Flags = 8 + 128;
    private const int ActionBytes = 256;

    /// <summary>To be called once the library has installed its handlers, which it does with its first engine.</summary>
    public static void UseThreadStack()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var action = stackalloc byte[ActionBytes];
        if (sigaction(Sigfpe, null, action) == 0)
        {
            *(int*)(action + Flags) &= ~OnStack;
            _ = sigaction(Sigfpe, action, null);
        }
    }

    [LibraryImport("libc")]
    private static partial int sigaction(int signal, byte* action, byte* old);
}
