using System.Diagnostics;
using System.Runtime.InteropServices;

namespace HeliosEdge.Silo.Tests.Federation;

/// <summary>Network namespaces, joined by a pair of interfaces that can be taken down.</summary>
internal sealed class Partition : IAsyncDisposable
{
    private readonly string _name = $"helios{Environment.ProcessId}";

    /// <summary>The address inside.</summary>
    public string Inside => "10.213.77.2";

    /// <summary>The address outside.</summary>
    public string Outside => "10.213.77.1";

    /// <summary>What a command begins with that runs inside.</summary>
    public string[] Prefix => ["ip", "netns", "exec", _name];

    /// <summary>Why namespaces cannot be made here; null if they can.</summary>
    public static string? Missing { get; } = FindMissing();

    public async Task CreateAsync()
    {
        await RunAsync("netns", "add", _name);
        await RunAsync("link", "add", $"{_name}o", "type", "veth", "peer", "name", $"{_name}i");
        await RunAsync("link", "set", $"{_name}i", "netns", _name);
        await RunAsync("addr", "add", $"{Outside}/30", "dev", $"{_name}o");
        await RunAsync("link", "set", $"{_name}o", "up");
        await RunAsync("-n", _name, "addr", "add", $"{Inside}/30", "dev", $"{_name}i");
        await RunAsync("-n", _name, "link", "set", $"{_name}i", "up");
        await RunAsync("-n", _name, "link", "set", "lo", "up");
    }

    public Task CutAsync() => RunAsync("link", "set", $"{_name}o", "down");

    public Task HealAsync() => RunAsync("link", "set", $"{_name}o", "up");

    public async ValueTask DisposeAsync()
    {
        await TryRunAsync("link", "del", $"{_name}o");
        await TryRunAsync("netns", "del", _name);
    }

    private static string? FindMissing()
    {
        if (!RuntimeInformation.IsOSPlatform(OSPlatform.Linux))
        {
            return "network namespaces are Linux's";
        }

        var name = $"heliosprobe{Environment.ProcessId}";
        try
        {
            var can = TryRunAsync("netns", "add", name).GetAwaiter().GetResult() == 0
                && TryRunAsync("-n", name, "link", "add", "pa", "type", "veth", "peer", "name", "pb").GetAwaiter().GetResult() == 0;
            TryRunAsync("netns", "del", name).GetAwaiter().GetResult();
            return can ? null : "network namespaces may not be made here";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "the command ip is not installed";
        }
    }

    private static async Task RunAsync(params string[] args) =>
        (await TryRunAsync(args)).ShouldBe(0, $"ip {string.Join(' ', args)}");

    private static async Task<int> TryRunAsync(params string[] args)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", args) { RedirectStandardError = true })!;
        await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}

/// <summary>A fact that needs network namespaces, and is skipped where they cannot be had.</summary>
public sealed class PartitionFactAttribute : FactAttribute
{
    public PartitionFactAttribute()
    {
        Skip = Partition.Missing;
    }
}
