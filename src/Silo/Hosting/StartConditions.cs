namespace HeliosEdge.Silo.Hosting;

/// <summary>
/// What the system must allow this process at least. It is looked at before anything else is done: a process without descriptors cannot even
/// load what would tell so, and one without address space is ended by the runtime wherever it happens to be.
/// </summary>
internal static class StartConditions
{
    /// <summary>Descriptors with which a silo starts and serves a little; the runtime and its assemblies alone take some 240.</summary>
    public const long LeastDescriptors = 768;

    /// <summary>Bytes of address space with which a silo starts and a guest's memory can be reserved.</summary>
    public const long LeastAddressSpace = 8L << 30;

    private const string File = "/proc/self/limits";

    /// <summary>Why a silo cannot run within the limits of this process; null where it can, or where the system does not tell.</summary>
    public static string? Fault() => System.IO.File.Exists(File) ? Fault(System.IO.File.ReadAllText(File)) : null;

    /// <summary>The same for limits as the system states them.</summary>
    internal static string? Fault(string limits)
    {
        // The runtime has raised the soft limit to the hard one by now.
        if (Of(limits, "Max open files") is { } files && files < LeastDescriptors)
        {
            return TooFewDescriptors(files);
        }

        return Of(limits, "Max address space") is { } bytes && bytes < LeastAddressSpace
            ? $"The address space of this process is limited to {bytes >> 20} MiB (ulimit -v); a silo needs at least {LeastAddressSpace >> 20} MiB."
            : null;
    }

    /// <summary>What is told where there are fewer descriptors than <see cref="LeastDescriptors"/>.</summary>
    public static string TooFewDescriptors(long descriptors) =>
        $"This process may have {descriptors} files open (ulimit -n); a silo needs at least {LeastDescriptors}.";

    /// <summary>The soft limit of a kind; null for none.</summary>
    private static long? Of(string limits, string kind)
    {
        foreach (var line in limits.Split('\n'))
        {
            if (line.StartsWith(kind, StringComparison.Ordinal))
            {
                var fields = line.Substring(kind.Length).Split(' ', StringSplitOptions.RemoveEmptyEntries);
                return fields.Length > 0 && long.TryParse(fields[0], out var most) ? most : null;
            }
        }

        return null;
    }
}
