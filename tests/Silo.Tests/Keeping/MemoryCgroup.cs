namespace HeliosEdge.Silo.Tests.Keeping;

/// <summary>A control group with a limit of memory, made below that of this process; version 1 or 2.</summary>
internal sealed class MemoryCgroup : IDisposable
{
    private readonly string _folder;

    private MemoryCgroup(string folder) => _folder = folder;

    /// <summary>A command that runs another within the group, as <see cref="SiloProcess.StartIn"/> takes it.</summary>
    public string[] Command => ["bash", "-c", $"echo $$ > {_folder}/cgroup.procs && exec \"$@\"", "bash"];

    /// <summary>Makes one; null where the system does not let this process.</summary>
    public static MemoryCgroup? TryMake(long bytes)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        foreach (var line in File.ReadLines("/proc/self/cgroup"))
        {
            var parts = line.Split(':', 3);
            var (root, limit) = parts[1] switch
            {
                "memory" => ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
                "" => ("/sys/fs/cgroup", "memory.max"),
                _ => ("", ""),
            };
            var folder = $"{root}{parts[2].TrimEnd('/')}/helios-{Guid.NewGuid():N}";
            try
            {
                if (root.Length > 0 && Directory.Exists(root))
                {
                    Directory.CreateDirectory(folder);
                    if (File.Exists($"{folder}/{limit}"))
                    {
                        File.WriteAllText($"{folder}/{limit}", $"{bytes}");
                        return new MemoryCgroup(folder);
                    }

                    Directory.Delete(folder);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Not for this process to make; there may be another hierarchy.
            }
        }

        return null;
    }

    public void Dispose() => Directory.Delete(_folder);
}
