using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Abstractions.Regions;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Sandbox;
using Orleans;
using Orleans.Runtime;
using Xunit.Abstractions;

namespace HeliosEdge.Cluster.Tests;

public sealed class RegionTests(ITestOutputHelper output)
{
    private static readonly byte[] Payload = [1, 2, 3];

    [Fact]
    public async Task Calls_run_in_their_region_whoever_makes_them_and_the_silos_of_a_region_share_them()
    {
        const int functions = 30;
        await using var cluster = await RegionCluster.StartAsync("eu", "us", "us");
        var places = new List<SiloAddress>();
        for (var i = 0; i < functions; i++)
        {
            await cluster.RegisterAsync(i % 3, $"f{i}", "eu", "us");
            foreach (var region in new[] { "eu", "us" })
            {
                var grain = cluster.Function((i + 1) % 3, region, $"f{i}");

                (await grain.InvokeAsync(new FunctionCall { Payload = Payload })).Response.ToArray().ShouldBe(Payload);

                var place = (await cluster.WhereAsync(grain)).ShouldNotBeNull();
                cluster.SilosOf(region).ShouldContain(place);
                if (region == "us")
                {
                    places.Add(place);
                }
            }
        }

        var shares = places.CountBy(place => place).Select(share => share.Value).Order().ToArray();
        output.WriteLine($"{functions} functions on the two silos of us: {string.Join(" and ", shares)}");
        shares.Length.ShouldBe(2);
        shares[0].ShouldBeGreaterThan(functions / 5);
    }

    [Fact]
    public async Task A_region_without_a_silo_is_unavailable_and_nothing_of_it_runs_elsewhere()
    {
        await using var cluster = await RegionCluster.StartAsync("us", "eu", "us");
        await cluster.RegisterAsync(0, "f", "eu", "us");
        (await cluster.Function(0, "eu", "f").InvokeAsync(new FunctionCall { Payload = Payload })).Fault.ShouldBeNull();

        await cluster.StopAsync("eu");

        for (var caller = 0; caller < cluster.Count; caller++)
        {
            var refused = await Should.ThrowAsync<SandboxException>(cluster.Function(caller, "eu", "f").InvokeAsync(new FunctionCall { Payload = Payload }));
            refused.Code.ShouldBe(ErrorCodes.RegionUnavailable);
            refused.Message.ShouldContain("eu");
            (await Should.ThrowAsync<SandboxException>(cluster.Get<IGrainFactory>(caller).GetGrain<IRegionGrain>("eu").DescribeAsync()))
                .Code.ShouldBe(ErrorCodes.RegionUnavailable);
        }

        (await cluster.WhereAsync(cluster.Function(0, "eu", "f"))).ShouldBeNull();
        (await cluster.Function(0, "us", "f").InvokeAsync(new FunctionCall { Payload = Payload })).Fault.ShouldBeNull();

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
                var us = await cluster.Function(silo, "us", "f").InvokeAsync(new FunctionCall { Payload = Payload });
                us.Fault?.Code.ShouldBe(round % 2 == 0 ? ErrorCodes.FunctionNotFound : null);
            }

            await cluster.Get<FunctionRegistrar>(changing).DeleteAsync("f");

            for (var silo = 0; silo < cluster.Count; silo++)
            {
                cluster.Get<FunctionCatalog>(silo).Contains("f").ShouldBeFalse();
            }
        }
    }
}
