namespace HeliosEdge.Cluster.Tests;

/// <summary>Settings that silos of a cluster must have alike.</summary>
[Trait("Category", "Process")]
public sealed class SettingsTests
{
    [PostgresFact]
    public async Task Silos_that_differ_say_so_once_for_each_setting_and_silo_and_those_that_are_alike_say_nothing()
    {
        var cluster = await PostgresServer.NewDatabaseAsync();
        string[] settings = ["--sql-regions", "asia", "--database", $"orders={cluster}", "--database", $"shop@eu={cluster}"];
        await using var eu = await ClusterSilo.StartAsync(cluster, "eu", settings);
        await using var other = await ClusterSilo.StartAsync(cluster, "eu,us", "--allow-engine", "wasmtime", "--database", $"orders={cluster}");
        var (here, there) = ($"at 127.0.0.1:{other.SiloPort} it is", $"at 127.0.0.1:{eu.SiloPort} it is");

        await eu.WaitForLineAsync($"differ in --sql-regions: here it is asia, {here} nothing.");
        await eu.WaitForLineAsync($"differ in --engine and --allow-engine: here it is managed, {here} managed,wasmtime.");
        await eu.WaitForLineAsync($"differ in --database for eu: here it is orders,shop, {here} orders.");
        await other.WaitForLineAsync($"differ in --sql-regions: here it is nothing, {there} asia.");
        await other.WaitForLineAsync($"differ in --engine and --allow-engine: here it is managed,wasmtime, {there} managed.");
        await other.WaitForLineAsync($"differ in --database for eu: here it is orders, {there} orders,shop.");

        await using var alike = await ClusterSilo.StartAsync(cluster, "eu", settings);
        await other.WaitForLineAsync($"at 127.0.0.1:{alike.SiloPort} it is asia.");
        await eu.WaitForSiloAsync(alike, "eu");
        await alike.WaitForLineAsync($"differ in --sql-regions: here it is asia, {here} nothing.");

        eu.LinesWith("differ in").Length.ShouldBe(3);
        eu.LinesWith("differ in").ShouldAllBe(line => line.Contains(here));
        alike.LinesWith($"at 127.0.0.1:{eu.SiloPort} it is").ShouldBeEmpty();
        new[] { eu, other, alike }.SelectMany(silo => silo.LinesWith("differ in")).ShouldAllBe(line => !line.Contains("postgres://"));
    }
}
