using System.Net;
using System.Text;
using HeliosEdge.Settings;
using HeliosEdge.Silo.Tests.Running;
using HeliosEdge.Storage.Postgres;
using Npgsql;

namespace HeliosEdge.Silo.Tests.Storage;

/// <summary>Two silos that share a PostgreSQL database.</summary>
[Trait("Category", "Slow")]
public sealed class SharedDatabaseTests
{
    private const string Listeners = "FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'";

    /// <summary>So long that a test which passes was notified, and one which was not ends at its watchdog.</summary>
    private static readonly CatalogWatchOptions NeverPolls = new() { Poll = TimeSpan.FromHours(1) };

    public static TheoryData<bool> Notifications => [true, false];

    [PostgresTheory]
    [MemberData(nameof(Notifications))]
    public async Task Registrations_traffic_rollbacks_and_removals_of_one_silo_are_served_by_the_other(bool notified)
    {
        var url = await PostgresServer.NewDatabaseAsync();
        await using var one = await StartAsync(url, notified);
        await using var other = await StartAsync(url, notified);

        await one.DeployAsync("f", "echo");
        await ServesAsync(other, 1);
        (await other.CallAsync("f", [1, 2])).ShouldBe([1, 2]);
        await one.DeployAsync("f", "counter");
        await ServesAsync(other, 2);

        (await one.Http.PutAsync("/v1/functions/f/traffic", Json("""{"1":50,"2":50}"""))).StatusCode.ShouldBe(HttpStatusCode.OK);
        await DividesAsync(other, """{"1":50,"2":50}""");

        (await one.Http.PostAsync("/v1/functions/f/rollback", Json("""{"version":1}"""))).StatusCode.ShouldBe(HttpStatusCode.OK);
        await DividesAsync(other, """{"1":100}""");

        // The catalogue comes before what runs, by as much as it takes to tell it.
        await Eventually.HoldsAsync("only version 1", async () =>
        {
            var versions = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => VersionAsync(other)));
            return versions.All(version => version == "1");
        });
        (await other.CallAsync("f", [3])).ShouldBe([3]);

        // And the other way.
        (await other.Http.DeleteAsync("/v1/functions/f")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await Eventually.HoldsAsync("the removal", async () => (await one.InvokeAsync("f")).StatusCode == HttpStatusCode.NotFound);
    }

    [PostgresFact]
    public async Task A_silo_whose_listening_connection_is_ended_listens_again_and_misses_nothing()
    {
        var url = await PostgresServer.NewDatabaseAsync();
        await using var one = await StartAsync(url, notified: true);
        await using var other = await StartAsync(url, notified: true);
        await one.DeployAsync("f", "echo");
        await ServesAsync(other, 1);

        for (var version = 2; version <= 6; version++)
        {
            // The change comes while nobody listens, or just after: either way it must arrive without a look at the clock.
            await EndListenersAsync(url);
            await one.DeployAsync("f", version % 2 == 0 ? "counter" : "echo");
            await ServesAsync(other, version);
        }
    }

    [PostgresFact]
    public async Task A_silo_that_missed_more_changes_than_are_kept_reads_all_functions()
    {
        var url = await PostgresServer.NewDatabaseAsync();
        await using var one = await StartAsync(url, notified: true);
        await one.DeployAsync("kept", "echo");
        await one.DeployAsync("gone", "echo");
        await using var other = await StartAsync(url, notified: true);
        await Eventually.HoldsAsync("the first look", async () => (await other.InvokeAsync("gone")).IsSuccessStatusCode);

        await using var source = NpgsqlDataSource.Create(PostgresUrl.Parse(url));
        await using (var command = source.CreateCommand(
            """
            BEGIN;
            DELETE FROM functions WHERE name = 'gone';
            SET CONSTRAINTS ALL IMMEDIATE;
            DELETE FROM function_changes;
            UPDATE catalog SET revision = revision + 20000;
            COMMIT
            """))
        {
            await command.ExecuteNonQueryAsync();
        }

        foreach (var silo in new[] { one, other })
        {
            await Eventually.HoldsAsync("the removal", async () => (await silo.InvokeAsync("gone")).StatusCode == HttpStatusCode.NotFound);
            (await silo.CallAsync("kept", [7])).ShouldBe([7]);
        }
    }

    [PostgresFact]
    public async Task A_registration_on_a_silo_that_does_not_yet_know_the_newest_version_is_not_taken_for_it()
    {
        var url = await PostgresServer.NewDatabaseAsync();
        await using var one = await StartAsync(url, notified: true);
        await using var other = await StartAsync(url, notified: true);
        await one.DeployAsync("f", "echo");
        await ServesAsync(other, 1);
        var second = await one.DeployAsync("f", "counter");

        // Whether or not the second has arrived at the other silo: the third is another version.
        var third = await other.DeployAsync("f", "echo");

        (second["version"]!.GetValue<int>(), third["version"]!.GetValue<int>()).ShouldBe((2, 3));
        await ServesAsync(one, 3);
    }

    [PostgresFact]
    public async Task What_many_change_at_the_same_time_is_the_same_everywhere_in_the_end()
    {
        var url = await PostgresServer.NewDatabaseAsync();
        await using var one = await StartAsync(url, notified: true);
        await using var other = await StartAsync(url, notified: true);
        TestSilo[] silos = [one, other];
        await one.DeployAsync("f0", "echo");

        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => silos[i % 2].DeployAsync($"f{i % 4}", i % 3 == 0 ? "counter" : "echo")));

        await Eventually.HoldsAsync("both to say the same", async () =>
            await one.Http.GetStringAsync("/v1/functions") == await other.Http.GetStringAsync("/v1/functions"));
        var stored = await Answer.JsonAsync(await one.Http.GetAsync("/v1/functions"));
        foreach (var function in stored["functions"]!.AsArray())
        {
            var newest = await Answer.JsonAsync(await one.Http.GetAsync($"/v1/functions/{function!["name"]}/versions"));
            newest["versions"]![0]!["weight"]!.GetValue<int>().ShouldBe(100);
            newest["versions"]![0]!["version"]!.GetValue<int>().ShouldBe(function["version"]!.GetValue<int>());
        }
    }

    private static Task<TestSilo> StartAsync(string url, bool notified) =>
        TestSilo.StartAsync(postgres: url, configure: options => notified ? options with { CatalogWatch = NeverPolls } : options);

    private static Task ServesAsync(TestSilo silo, int version) =>
        Eventually.HoldsAsync($"version {version}", async () => await VersionAsync(silo) == $"{version}");

    private static Task DividesAsync(TestSilo silo, string traffic) => Eventually.HoldsAsync("the traffic", async () =>
        (await Answer.JsonAsync(await silo.Http.GetAsync("/v1/functions/f")))["traffic"]!.ToJsonString() == traffic);

    private static async Task<string?> VersionAsync(TestSilo silo)
    {
        using var answer = await silo.InvokeAsync("f", [1]);
        return answer.IsSuccessStatusCode ? answer.Headers.GetValues("X-Helios-Version").Single() : null;
    }

    private static async Task EndListenersAsync(string url)
    {
        await using var source = NpgsqlDataSource.Create(PostgresUrl.Parse(url));
        await Eventually.HoldsAsync("both to listen", async () =>
        {
            await using var count = source.CreateCommand($"SELECT count(*) {Listeners}");
            return await count.ExecuteScalarAsync() is 2L;
        });
        await using var end = source.CreateCommand($"SELECT count(pg_terminate_backend(pid)) {Listeners}");
        await end.ExecuteScalarAsync();
    }

    private static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");
}
