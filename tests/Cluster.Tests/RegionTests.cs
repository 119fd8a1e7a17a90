using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Abstractions.Regions;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Limits;
using Orleans;
using Orleans.Runtime;

namespace HeliosEdge.Cluster.Tests;

/// <summary>Where calls run. Guests that run until they are taken back show on which silo they are.</summary>
[Trait("Category", "Slow")]
public sealed class RegionTests : IDisposable
{
    private static readonly byte[] Payload = [1, 2, 3];

    private readonly CancellationTokenSource _enough = new();

    public void Dispose() => _enough.Dispose();

    [Fact]
    public async Task A_function_is_busy_on_every_silo_of_its_region_at_once_each_with_the_calls_that_arrive_there()
    {
        await using var cluster = await RegionCluster.StartAsync("eu", "us", "us");
        await DeploySpinAsync(cluster, maxInstances: 1, "us");

        var calls = new List<Task<InvocationResult>>();
        foreach (var (silo, busy) in ((int, int[])[])[(1, [0, 1, 0]), (2, [0, 1, 1])])
        {
            calls.Add(SpinAsync(cluster, silo, "us"));
            await cluster.BusyAsync(busy);
        }

        await EndAsync(calls);
    }

    [Fact]
    public async Task Calls_from_outside_of_a_region_are_shared_by_its_silos_and_one_that_joins_late_takes_its_share()
    {
        await using var cluster = await RegionCluster.StartAsync("eu", "us", "us");
        await DeploySpinAsync(cluster, maxInstances: 10, "eu", "us");
        var calls = new List<Task<InvocationResult>>();
        foreach (var busy in (int[][])[[0, 1, 1], [0, 2, 2]])
        {
            calls.Add(SpinAsync(cluster, 0, "us"));
            calls.Add(SpinAsync(cluster, 0, "us"));
            await cluster.BusyAsync(busy);
        }

        await cluster.JoinAsync("us");
        calls.Add(SpinAsync(cluster, 0, "us"));
        calls.Add(SpinAsync(cluster, 0, "us"));

        await cluster.BusyAsync([0, 2, 2, 2]);
        calls.Add(SpinAsync(cluster, 3, "eu"));
        await cluster.BusyAsync([1, 2, 2, 2]);
        await EndAsync(calls);
    }

    [Fact]
    public async Task The_grain_of_a_function_is_where_its_key_says_and_without_a_silo_in_it_where_the_call_comes_from()
    {
        await using var cluster = await RegionCluster.StartAsync("eu", "us", "us");
        await DeploySpinAsync(cluster, maxInstances: 1, "us");
        var call = new FunctionCall();

        var there = Grain(cluster, 0, FunctionKey.For("us", "spin", cluster.Get<ISiloStatusOracle>(2).SiloAddress.ToParsableString())).InvokeAsync(call, _enough.Token);
        await cluster.BusyAsync([0, 0, 1]);
        var here = Grain(cluster, 1, FunctionKey.For("us", "spin")).InvokeAsync(call, _enough.Token);
        await cluster.BusyAsync([0, 1, 1]);

        await _enough.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(there);
        await Should.ThrowAsync<OperationCanceledException>(here);
        await cluster.BusyAsync([0, 0, 0]);
    }

    [Fact]
    public async Task A_region_without_a_silo_is_unavailable_and_nothing_of_it_runs_elsewhere()
    {
        await using var cluster = await RegionCluster.StartAsync("us", "eu", "us");
        await cluster.RegisterAsync(0, "f", "eu", "us");
        (await cluster.CallAsync(0, "eu", "f", Payload)).Response.ToArray().ShouldBe(Payload);

        await cluster.StopAsync("eu");

        foreach (var caller in (int[])[0, 2])
        {
            var refused = (await cluster.CallAsync(caller, "eu", "f", Payload)).Fault.ShouldNotBeNull();
            refused.Code.ShouldBe(ErrorCodes.RegionUnavailable);
            refused.Message.ShouldContain("eu");
            (await Should.ThrowAsync<SandboxException>(Grain(cluster, caller, FunctionKey.For("eu", "f")).InvokeAsync(new FunctionCall { Payload = Payload })))
                .Code.ShouldBe(ErrorCodes.RegionUnavailable);
            (await Should.ThrowAsync<SandboxException>(cluster.Get<IGrainFactory>(caller).GetGrain<IRegionGrain>("eu").DescribeAsync()))
                .Code.ShouldBe(ErrorCodes.RegionUnavailable);
        }

        (await cluster.CallAsync(0, "us", "f", Payload)).Response.ToArray().ShouldBe(Payload);

        // A change is still possible, and waits for nobody.
        await cluster.RegisterAsync(0, "g", "eu", "us");
    }

    [Fact]
    public async Task A_change_is_in_force_on_every_silo_once_it_is_acknowledged()
    {
        await using var cluster = await RegionCluster.StartAsync("eu", "us", "us");
        for (var round = 0; round < 10; round++)
        {
            var changing = round % cluster.Count;

            await cluster.RegisterAsync(changing, "f", round % 2 == 0 ? ["eu"] : ["eu", "us"]);

            for (var silo = 0; silo < cluster.Count; silo++)
            {
                cluster.Get<FunctionCatalog>(silo).Find("f").Regions.ShouldBe(round % 2 == 0 ? ["eu"] : ["eu", "us"]);
                var code = (await cluster.CallAsync(silo, "us", "f", Payload)).Fault?.Code;
                code.ShouldBe(round % 2 == 0 ? ErrorCodes.FunctionNotFound : null);
            }

            await cluster.Get<FunctionRegistrar>(changing).DeleteAsync("f");

            for (var silo = 0; silo < cluster.Count; silo++)
            {
                cluster.Get<FunctionCatalog>(silo).Contains("f").ShouldBeFalse();
            }
        }
    }

    private static IEdgeFunctionGrain Grain(RegionCluster cluster, int caller, string key) => cluster.Get<IGrainFactory>(caller).GetGrain<IEdgeFunctionGrain>(key);

    private static Task DeploySpinAsync(RegionCluster cluster, int maxInstances, params string[] regions) => cluster.RegisterAsync(
        0, "spin", "spin", RequestedLimits.None.With("timeoutMs", 60_000).With("maxInstances", maxInstances), regions);

    private Task<InvocationResult> SpinAsync(RegionCluster cluster, int silo, string region) => cluster.CallAsync(silo, region, "spin", [], _enough.Token);

    private async Task EndAsync(IEnumerable<Task<InvocationResult>> calls)
    {
        await _enough.CancelAsync();
        foreach (var call in calls)
        {
            // Here the guest says that it was taken back; a call of another silo ends at once.
            try
            {
                (await call).Fault.ShouldNotBeNull().Code.ShouldBe(ErrorCodes.Cancelled);
            }
            catch (OperationCanceledException)
            {
                _enough.IsCancellationRequested.ShouldBeTrue();
            }
        }
    }
}
