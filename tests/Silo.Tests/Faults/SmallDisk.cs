using System.Diagnostics;
using Xunit.Sdk;

namespace HeliosEdge.Silo.Tests.Faults;

/// <summary>A disk of a few MiB, in memory, that a test can fill.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SmallDisk(int mebibytes)
    {
        if (!TryMount(_folder.Path, mebibytes))
        {
            throw new InvalidOperationException($"{_folder.Path} cannot be mounted.");
        }
    }

    /// <summary>Why tests of it are left out, or null where they run.</summary>
    public static string? WhySkipped { get; } = FindWhySkipped();

    public string Path => _folder.Path;

    private string Filler => System.IO.Path.Combine(Path, "filler");

    /// <summary>Takes all room that is left.</summary>
    public void Fill()
    {
        using var file = new FileStream(Filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                file.Write(new byte[4_096]);
            }
        }
        catch (IOException)
        {
            // That is what full means.
        }
    }

    /// <summary>Gives the room back.</summary>
    public void Empty() => File.Delete(Filler);

    public void Dispose()
    {
        Run("umount", "-l", Path);
        _folder.Dispose();
    }

    private static string? FindWhySkipped()
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
        {
            return "Only root may mount a small disk, on Linux.";
        }

        using var folder = new TemporaryFolder();
        if (!TryMount(folder.Path, 1))
        {
            return "This machine does not let root mount a disk in memory.";
        }

        Run("umount", "-l", folder.Path);
        return null;
    }

    private static bool TryMount(string path, int mebibytes) => Run("mount", "-t", "tmpfs", "-o", $"size={mebibytes}m", "helios-test", path);

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}

/// <summary>A test that needs a <see cref="SmallDisk"/>; left out, with the reason, where none can be had.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SmallDiskFactAttribute : Xunit.FactAttribute
{
    public SmallDiskFactAttribute() => Skip = SmallDisk.WhySkipped!;
}

/// <summary>A test that needs PostgreSQL on a <see cref="SmallDisk"/>.</summary>
[TraitDiscoverer(PostgresTraitDiscoverer.Name, PostgresTraitDiscoverer.Assembly)]
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PostgresOnSmallDiskFactAttribute : Xunit.FactAttribute, ITraitAttribute
{
    public PostgresOnSmallDiskFactAttribute() => Skip = (SmallDisk.WhySkipped ?? PostgresServer.WhySkipped)!;
}
