using System.Collections.Concurrent;
using System.Diagnostics;
using Xunit.Abstractions;

namespace HeliosEdge.Cluster.Tests;

/// <summary>Silo processes that find each other through a real PostgreSQL.</summary>
[Trait("Category", "Process")]
public sealed class ProcessTests(ITestOutputHelper output)
{
    private const int Functions = 24;
    private const string Late = "late";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [PostgresFact]
    public async Task Silos_that_start_at_once_form_one_cluster_and_calls_reach_the_region_from_each()
    {
        var cluster = await PostgresServer.NewDatabaseAsync();
        var silos = await Task.WhenAll(ClusterSilo.StartAsync(cluster, "eu"), ClusterSilo.StartAsync(cluster, "us"));
        await using var eu = silos[0];
        await using var us = silos[1];

        // A silo learns of the other's regions a moment after it has joined.
        await us.WaitForRegionAsync("eu");
        await us.DeployAsync("f", "eu");

        foreach (var silo in silos)
        {
            (await silo.TryCallAsync("f", "eu")).ShouldBeNull();
        }
    }

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Calls_recover_when_a_silo_is_killed_under_load_or_hangs(bool hangs)
    {
        var cluster = await PostgresServer.NewDatabaseAsync();
        var silos = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ClusterSilo.StartAsync(cluster, "eu")));
        var names = Enumerable.Range(0, Functions).Select(i => $"f{i}").ToArray();
        try
        {
            await DeployAsync(silos[0], names, "eu");
            foreach (var name in names)
            {
                (await CallUntilAsync(silos[0], name, "eu")).ShouldBeNull();
            }

            using var stop = new CancellationTokenSource();
            var calls = 0;
            using var called = new SemaphoreSlim(0);
            var failures = new ConcurrentBag<(TimeSpan After, string What)>();
            var killedAt = Stopwatch.GetTimestamp();

            async Task MoreCallsAsync(int count)
            {
                for (var enough = Volatile.Read(ref calls) + count; Volatile.Read(ref calls) < enough;)
                {
                    await called.WaitAsync(Patience);
                }
            }

            // How long a call takes is told, and decides nothing: the machine may be busy.
            string[] Failed() => [.. failures.Select(failure => failure.What).Where(what => what != Late)];
            var load = names.Select((name, i) => Task.Run(async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    var begun = Stopwatch.GetTimestamp();
                    var failure = await silos[i % 2].TryCallAsync(name, "eu");
                    Interlocked.Increment(ref calls);
                    called.Release();
                    if (failure is not null)
                    {
                        failures.Add((Stopwatch.GetElapsedTime(killedAt), failure));
                    }
                    else if (Stopwatch.GetElapsedTime(begun) > TimeSpan.FromSeconds(1))
                    {
                        failures.Add((Stopwatch.GetElapsedTime(killedAt), Late));
                    }

                    await Task.Delay(10);
                }
            })).ToArray();
            await MoreCallsAsync(500);
            Failed().ShouldBeEmpty();

            killedAt = Stopwatch.GetTimestamp();
            await (hangs ? silos[2].FreezeAsync() : silos[2].KillAsync());
            var recovered = await Task.WhenAll(names.Select(async (name, i) =>
            {
                (await CallUntilAsync(silos[i % 2], name, "eu")).ShouldBeNull();
                return Stopwatch.GetElapsedTime(killedAt);
            }));
            await Task.WhenAll(silos[0].WaitForEndAsync(silos[2], "eu"), silos[1].WaitForEndAsync(silos[2], "eu"));

            // What was under way to it has ended as well by then.
            await MoreCallsAsync(500);
            var failuresBefore = Failed().Length;
            await MoreCallsAsync(2_000);
            await stop.CancelAsync();
            await Task.WhenAll(load);

            var last = failures.IsEmpty ? TimeSpan.Zero : failures.Max(failure => failure.After);
            output.WriteLine($"{calls} calls; {failures.Count} failed or took over 1 s after the kill, the last {last.TotalSeconds:0.0} s after it; all functions answered within {recovered.Max().TotalSeconds:0.0} s");
            foreach (var kind in failures.CountBy(failure => failure.What))
            {
                output.WriteLine($"{kind.Value} x {kind.Key}");
            }

            Failed().Length.ShouldBe(failuresBefore, "calls fail long after the silo is gone");
        }
        finally
        {
            await Task.WhenAll(silos.Select(silo => silo.DisposeAsync().AsTask()));
        }
    }

    [PostgresFact]
    public async Task Every_accepted_invocation_succeeds_once_although_a_silo_is_killed_among_them()
    {
        const int count = 300;
        var cluster = await PostgresServer.NewDatabaseAsync();
        var silos = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ClusterSilo.StartAsync(cluster, "eu")));
        try
        {
            await silos[0].DeployAsync("work", "eu");
            var ids = await Task.WhenAll(Enumerable.Range(0, count).Select(i => silos[i % 3].QueueAsync("work", "eu", $"{i}")));
            var killedAt = Stopwatch.GetTimestamp();
            await silos[2].KillAsync();

            var ended = await Task.WhenAll(ids.Select((id, i) => silos[i % 2].EndAsync(id)));

            foreach (var kind in ended.CountBy(invocation => $"{invocation["state"]} {invocation["fault"]?["code"]}, attempt {invocation["attempt"]}"))
            {
                output.WriteLine($"{kind.Value} x {kind.Key}");
            }

            output.WriteLine($"{count} invocations ended within {Stopwatch.GetElapsedTime(killedAt).TotalSeconds:0.0} s after the kill");
            ended.Select(invocation => invocation["state"]!.GetValue<string>()).ShouldAllBe(state => state == "succeeded");
            ended.Select(invocation => invocation["result"]!.GetValue<string>()).ShouldBe(Enumerable.Range(0, count).Select(i => $"{i}"));
        }
        finally
        {
            await Task.WhenAll(silos.Select(silo => silo.DisposeAsync().AsTask()));
        }
    }

    [PostgresFact]
    public async Task A_rolling_restart_under_load_shows_no_error_to_a_client_that_retries()
    {
        var cluster = await PostgresServer.NewDatabaseAsync();
        var silos = await Task.WhenAll(ClusterSilo.StartAsync(cluster, "eu"), ClusterSilo.StartAsync(cluster, "eu"));
        var names = Enumerable.Range(0, 8).Select(i => $"f{i}").ToArray();
        try
        {
            await DeployAsync(silos[0], names, "eu");
            using var stop = new CancellationTokenSource();
            var answered = 0;
            using var called = new SemaphoreSlim(0);
            var retried = 0;
            var failed = new ConcurrentBag<string>();
            var load = names.Select((name, i) => Task.Run(async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    var begun = Stopwatch.GetTimestamp();
                    for (var attempt = i; ; attempt++)
                    {
                        var failure = await silos[attempt % 2].TryCallAsync(name, "eu");
                        if (failure is null)
                        {
                            Interlocked.Increment(ref answered);
                            called.Release();
                            break;
                        }

                        Interlocked.Increment(ref retried);
                        if (Stopwatch.GetElapsedTime(begun) > Patience)
                        {
                            failed.Add(failure);
                            break;
                        }

                        await Task.Delay(100);
                    }
                }
            })).ToArray();

            foreach (var silo in silos)
            {
                await silo.RestartAsync();
                await silo.WaitForRegionAsync("eu");
                for (var enough = Volatile.Read(ref answered) + 500; Volatile.Read(ref answered) < enough;)
                {
                    await called.WaitAsync(Patience);
                }
            }

            await stop.CancelAsync();
            await Task.WhenAll(load);
            output.WriteLine($"{answered} calls answered, {retried} attempts retried");
            failed.ShouldBeEmpty();
            answered.ShouldBeGreaterThan(100);
        }
        finally
        {
            await Task.WhenAll(silos.Select(silo => silo.DisposeAsync().AsTask()));
        }
    }

    private static async Task DeployAsync(ClusterSilo silo, string[] names, string region)
    {
        foreach (var name in names)
        {
            await silo.DeployAsync(name, region);
        }
    }

    private static async Task<string?> CallUntilAsync(ClusterSilo silo, string name, string region)
    {
        var begun = Stopwatch.GetTimestamp();
        while (true)
        {
            var failure = await silo.TryCallAsync(name, region);
            if (failure is null || Stopwatch.GetElapsedTime(begun) > Patience)
            {
                return failure;
            }

            await Task.Delay(50);
        }
    }
}
