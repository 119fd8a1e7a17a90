namespace HeliosEdge.Cluster.Tests;

/// <summary>Versions of functions across silo processes: what one acknowledges is in force on the other, without waiting.</summary>
[Trait("Category", "Process")]
public sealed class VersionTests
{
    private static readonly string[] Regions = ["eu", "us"];

    [PostgresFact]
    public async Task A_switch_that_one_silo_acknowledged_is_in_force_on_the_other()
    {
        var cluster = await PostgresServer.NewDatabaseAsync();
        var silos = await Task.WhenAll(ClusterSilo.StartAsync(cluster, "eu"), ClusterSilo.StartAsync(cluster, "us"));
        await using var eu = silos[0];
        await using var us = silos[1];
        await Task.WhenAll(eu.WaitForRegionAsync("us"), us.WaitForRegionAsync("eu"));

        for (var version = 1; version <= 6; version++)
        {
            var changing = silos[version % 2];

            (await changing.DeployAsync("f", 10_000 + version, Regions)).ShouldBe(version);

            await AllRunAsync(silos, version);
        }

        for (var version = 5; version >= 1; version--)
        {
            (await silos[version % 2].ChangeAsync(HttpMethod.Post, "f/rollback", "{}")).ShouldBe(version);

            await AllRunAsync(silos, version);
        }

        (await eu.ChangeAsync(HttpMethod.Put, "f/traffic", """{"2":50,"4":50}""")).ShouldBe(4);
        foreach (var region in Regions)
        {
            var seen = new HashSet<int>();
            for (var call = 0; call < 100; call++)
            {
                seen.Add(await us.CallVersionAsync("f", region));
            }

            seen.Order().ShouldBe([2, 4]);
        }

        (await us.ChangeAsync(HttpMethod.Put, "f/traffic", """{"3":1}""")).ShouldBe(3);
        await AllRunAsync(silos, 3);
    }

    private static async Task AllRunAsync(ClusterSilo[] silos, int version)
    {
        foreach (var silo in silos)
        {
            foreach (var region in Regions)
            {
                (await silo.CallVersionAsync("f", region)).ShouldBe(version);
            }
        }
    }
}
