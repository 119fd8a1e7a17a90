using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using HeliosEdge.Sandbox.SecurityTests.Attacks;
using HeliosEdge.Sandbox.SecurityTests.Running;
using HeliosEdge.Sandbox.Wasi.Files.InMemory;

namespace HeliosEdge.Sandbox.SecurityTests;

/// <summary>What attacks took is given back.</summary>
public sealed class ReleaseTests
{
    private const long Mebibyte = 1 << 20;

    [Fact]
    public async Task Many_attacks_at_once_leave_no_thread_no_code_and_no_memory()
    {
        await AttackAsync();
        var before = Measure();

        for (var round = 0; round < 3; round++)
        {
            await AttackAsync();
        }

        // Whatever an attack leaves behind would be there three times; the bounds are what measuring itself wavers by.
        var after = Measure();
        (after.Code - before.Code).ShouldBeLessThanOrEqualTo(0);
        (after.Threads - before.Threads).ShouldBeLessThan(40);
        (after.ManagedBytes - before.ManagedBytes).ShouldBeLessThan(64 * Mebibyte);
        (after.WorkingSet - before.WorkingSet).ShouldBeLessThan(256 * Mebibyte);
    }

    [Fact]
    public void Files_that_shrink_give_their_memory_back()
    {
        var budget = new MemoryBudget(16 * Mebibyte);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var files = new MemoryFile[100];
        for (var i = 0; i < files.Length; i++)
        {
            files[i] = new MemoryFile(budget);
            files[i].SetSize(12 * Mebibyte);
            files[i].SetSize(1);
        }

        (GC.GetTotalMemory(forceFullCollection: true) - before).ShouldBeLessThan(8 * Mebibyte);
        GC.KeepAlive(files);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task AttackAsync()
    {
        var silo = new ManagedSilo();
        await silo.InitializeAsync();
        try
        {
            // Those that take less than a few seconds even where all run at once on two processors.
            var attacks = MemoryAttacks.All.Concat(HostCallAttacks.All).Where(attack => attack.Verdict is Verdict.Ending && !attack.Limits.ContainsKey("memoryMiB"));
            await Parallel.ForEachAsync(attacks, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (attack, _) => await silo.MakeAsync(attack));
            await silo.CheckAsync();
        }
        finally
        {
            await silo.DisposeAsync();
        }
    }

    private static (int Code, int Threads, long ManagedBytes, long WorkingSet) Measure()
    {
        // A load context goes once its last method has left all stacks, which takes more than one collection.
        for (var i = 0; i < 10; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return (AssemblyLoadContext.All.Count(context => context.IsCollectible), process.Threads.Count, GC.GetTotalMemory(false), process.WorkingSet64);
    }
}
