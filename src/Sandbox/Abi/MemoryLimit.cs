using System.Globalization;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Sandbox.Abi;

/// <summary>The limit on an invocation's memory, as every ABI applies it.</summary>
internal static class MemoryLimit
{
    private const long PageBytes = 65_536;

    /// <summary>The limit in bytes.</summary>
    public static long Bytes(ResourceLimits limits) => (long)limits.MemoryMiB << 20;

    /// <summary>Refuses a module that starts with more memory than it may have.</summary>
    public static void CheckInitial(ModuleExport memory, ResourceLimits limits)
    {
        var initialBytes = InitialPages(memory.Type) * PageBytes;
        if (initialBytes > Bytes(limits))
        {
            throw SandboxException.Breach(
                ErrorCodes.MemoryLimitExceeded, "The module starts with a memory of", Bytes(limits), initialBytes, "bytes");
        }
    }

    /// <summary>The error of a guest that was refused memory.</summary>
    public static SandboxException Exceeded(string what, ResourceLimits limits, GuestTrapException? trap = null) =>
        new(ErrorCodes.MemoryLimitExceeded, $"{what}; the limit is {limits.MemoryMiB} MiB.", trap)
        {
            Limit = Bytes(limits),
            Backtrace = trap?.Backtrace ?? [],
        };

    private static long InitialPages(string memoryType)
    {
        // "memory 1..2" or "memory 1.."; see ModuleExport.Type.
        var text = memoryType.AsSpan("memory ".Length);
        return long.Parse(text[..text.IndexOf("..", StringComparison.Ordinal)], NumberStyles.None, CultureInfo.InvariantCulture);
    }
}
