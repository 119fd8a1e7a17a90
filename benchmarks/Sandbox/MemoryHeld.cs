using System.Diagnostics;
using System.Globalization;
using HeliosEdge.Sandbox.Engines.Managed;

namespace HeliosEdge.Benchmarks.Sandbox;

/// <summary>What a live instance holds, managed and native together, measured in a process of its own.</summary>
internal static class MemoryHeld
{
    public const string Argument = "--memory-held";

    private const int Instances = 1_000;

    /// <summary>Bytes for each live instance, in the sandbox or on the bare engine.</summary>
    public static double Measure(bool sandbox)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(MemoryHeld).Assembly.Location);
        }

        start.ArgumentList.Add(Argument);
        start.ArgumentList.Add(sandbox ? "sandbox" : "engine");
        using var process = Process.Start(start)!;
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return double.Parse(text, CultureInfo.InvariantCulture);
    }

    /// <summary>The other process.</summary>
    public static int Run(bool sandbox)
    {
        var guest = Guest.Echo();
        var held = new List<IDisposable>(Instances + 1);
        using var bare = sandbox ? null : new BareRunner(guest.Wasm, reset: false);
        using var full = sandbox ? new SandboxRunner("managed", new ManagedEngine(), guest.Wasm) : null;
        Func<IDisposable> hold = sandbox ? () => full!.Hold(guest.Payload) : () => bare!.Hold(guest.Payload);
        held.Add(hold());
        var before = Resident();
        for (var i = 0; i < Instances; i++)
        {
            held.Add(hold());
        }

        Console.WriteLine(((double)(Resident() - before) / Instances).ToString(CultureInfo.InvariantCulture));
        held.ForEach(instance => instance.Dispose());
        return 0;
    }

    private static long Resident()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        return Environment.WorkingSet;
    }
}
