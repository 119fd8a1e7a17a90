using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Silo.Tests.Running;
using Npgsql;

namespace HeliosEdge.Silo.Tests.Faults;

/// <summary>Silos whose storage fails while they serve, as processes of their own.</summary>
[Trait("Category", "Process")]
public sealed partial class StorageFaultTests
{
    /// <summary>What a guest is told where its host function failed.</summary>
    private const int Failed = -5;

    [SmallDiskFact]
    public async Task A_silo_whose_disk_is_full_refuses_writes_serves_what_it_has_and_is_ready_again_by_itself()
    {
        using var disk = new SmallDisk(8);
        await using var silo = SiloProcess.Start("--data", Path.Combine(disk.Path, "data"), "--urls", "http://127.0.0.1:0", "--engine", "managed", "--code-cache-mib", "1");
        using var http = new HttpClient { BaseAddress = await silo.AddressAsync() };
        await DeployAsync(http, "echo", "echo", "handle");
        await DeployAsync(http, "set", "keys", "set");
        (await CallAsync(http, "set", "a=b")).ShouldBe(0);

        disk.Fill();
        await IsRefusedAsync(http);
        await NotReadyAsync(http, "its disk is full");
        for (var i = 0; i < 3; i++)
        {
            await IsRefusedAsync(http);
            (await CallAsync(http, "set", $"a={new string('x', 500_000)}")).ShouldBe(Failed);
            using var queued = await http.PostAsync("/v1/functions/echo/invoke-async", new ByteArrayContent(new byte[500_000]));
            await Answer.ProblemAsync(queued, HttpStatusCode.ServiceUnavailable, "unavailable");
        }

        using (var answer = await http.PostAsync("/v1/functions/echo/invoke", new StringContent("still")))
        {
            (await answer.Content.ReadAsStringAsync()).ShouldBe("still");
        }

        disk.Empty();
        await IsReadyAsync(http);
        await UploadAsync(http, HttpStatusCode.Created);
        (await CallAsync(http, "set", "a=c")).ShouldBe(0);
        Told(silo, "The silo's state").ShouldBe((1, 1));
        Told(silo, "What functions keep under keys").ShouldBe((1, 1));
        Told(silo, "What callers' keys").ShouldBe((1, 1));
        silo.Output.Split(Environment.NewLine).ShouldAllBe(line => !line.Contains("   at ", StringComparison.Ordinal));
    }

    [PostgresFact]
    public async Task A_silo_whose_PostgreSQL_is_gone_refuses_writes_serves_what_it_has_and_is_ready_again_by_itself()
    {
        using var folder = new TemporaryFolder();
        var url = new Uri(await PostgresServer.NewDatabaseAsync());
        using var cable = new Cable(url.Port);
        await using var silo = SiloProcess.Start(
            "--store", new UriBuilder(url) { Port = cable.Port }.Uri.AbsoluteUri, "--data", folder.Path, "--urls", "http://127.0.0.1:0", "--regions", "eu", "--sql-regions", "eu");
        using var http = new HttpClient { BaseAddress = await silo.AddressAsync() };
        await DeployAsync(http, "echo", "echo", "handle");
        await DeployAsync(http, "set", "keys", "set");
        (await CallAsync(http, "set", "a=b")).ShouldBe(0);

        cable.Cut();
        for (var i = 0; i < 3; i++)
        {
            await IsRefusedAsync(http);
            await NotReadyAsync(http, "its database cannot be reached");
            (await CallAsync(http, "set", "a=c")).ShouldBe(Failed);
        }

        using (var answer = await http.PostAsync("/v1/functions/echo/invoke", new StringContent("still")))
        {
            (await answer.Content.ReadAsStringAsync()).ShouldBe("still");
        }

        cable.Mend();
        await IsReadyAsync(http);
        await UploadAsync(http, HttpStatusCode.Created);
        (await CallAsync(http, "set", "a=d")).ShouldBe(0);
        Told(silo, "The silo's state").ShouldBe((1, 1));
        silo.Output.Split(Environment.NewLine).ShouldAllBe(line => !line.Contains("   at ", StringComparison.Ordinal));
        silo.Output.ShouldNotContain("secret");
    }

    [PostgresOnSmallDiskFact]
    public async Task A_silo_whose_PostgreSQL_has_a_full_disk_refuses_writes()
    {
        using var disk = new SmallDisk(40);
        using var folder = new TemporaryFolder();
        await using var database = await PostgresServer.NewDatabaseOnAsync(disk.Path);
        await using var silo = await TestSilo.StartAsync(folder.Path, postgres: database.Address);

        disk.Fill();
        await IsRefusedAsync(silo.Http);
        await NotReadyAsync(silo.Http, "its disk is full");

        disk.Empty();
        await IsReadyAsync(silo.Http);
        await UploadAsync(silo.Http, HttpStatusCode.Created);
        NpgsqlConnection.ClearAllPools();
    }

    [SmallDiskFact]
    public void A_statement_on_a_full_disk_is_told_from_one_in_a_full_database()
    {
        using var disk = new SmallDisk(8);
        SqliteRegionDatabases.Prepare();
        using (var databases = new SqliteRegionDatabases(disk.Path, maxPages: 100))
        {
            Execute(databases, "CREATE TABLE t (x BLOB)").Outcome.ShouldBe(SqlOutcome.Success);
            Execute(databases, "INSERT INTO t VALUES (zeroblob(900000))").ShouldSatisfyAllConditions(
                answer => answer.Outcome.ShouldBe(SqlOutcome.Failed), answer => answer.Message!.ShouldContain("100 pages"));

            disk.Fill();
            Execute(databases, "INSERT INTO t VALUES (zeroblob(300000))").Outcome.ShouldBe(SqlOutcome.DiskFull);

            disk.Empty();
            Execute(databases, "INSERT INTO t VALUES (zeroblob(300000))").Outcome.ShouldBe(SqlOutcome.Success);
        }
    }

    private static SqlAnswer Execute(SqliteRegionDatabases databases, string sql) => databases.Find("eu", "main")!.Run(new SqlStatement(sql, default, SqlAccess.Write), SqlPatience.For(TimeSpan.FromSeconds(30), CancellationToken.None));

    private static async Task DeployAsync(HttpClient http, string name, string guest, string entry)
    {
        var module = await Answer.JsonAsync(await http.PutAsync("/v1/modules", new ByteArrayContent(TestSilo.Guest(guest))));
        var body = new JsonObject { ["module"] = module["hash"]!.GetValue<string>(), ["entry"] = entry, ["profile"] = "edge" };
        await Answer.JsonAsync(await http.PutAsync($"/v1/functions/{name}", new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json")));
    }

    private static async Task<int> CallAsync(HttpClient http, string name, string payload)
    {
        using var answer = await http.PostAsync($"/v1/functions/{name}/invoke", new StringContent(payload));
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, Encoding.UTF8.GetString(bytes));
        return BinaryPrimitives.ReadInt32LittleEndian(bytes);
    }

    /// <summary>A module that no silo has, of half a megabyte: of a valid one and a section that means nothing.</summary>
    private static async Task UploadAsync(HttpClient http, HttpStatusCode status)
    {
        byte[] filler = [1, (byte)'x', .. RandomNumberGenerator.GetBytes(500_000)];
        byte[] length = [(byte)(filler.Length & 0x7F | 0x80), (byte)(filler.Length >> 7 & 0x7F | 0x80), (byte)(filler.Length >> 14)];
        using var answer = await http.PutAsync("/v1/modules", new ByteArrayContent([.. TestSilo.Guest("echo"), 0, .. length, .. filler]));
        if (status == HttpStatusCode.ServiceUnavailable)
        {
            await Answer.ProblemAsync(answer, status, "unavailable");
            answer.Headers.RetryAfter.ShouldNotBeNull();
        }
        else
        {
            answer.StatusCode.ShouldBe(status, await answer.Content.ReadAsStringAsync());
        }
    }

    private static Task IsRefusedAsync(HttpClient http) => UploadAsync(http, HttpStatusCode.ServiceUnavailable);

    private static async Task NotReadyAsync(HttpClient http, string reason)
    {
        using var answer = await http.GetAsync("/readyz");
        var problem = await Answer.ProblemAsync(answer, HttpStatusCode.ServiceUnavailable, "unavailable");
        problem["detail"]!.GetValue<string>().ShouldContain(reason);
        answer.Headers.RetryAfter.ShouldNotBeNull();
        (await http.GetAsync("/healthz")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static Task IsReadyAsync(HttpClient http) =>
        Eventually.HoldsAsync("the silo is ready", async () => (await http.GetAsync("/readyz")).StatusCode == HttpStatusCode.OK);

    /// <summary>How often it was told that a store cannot be used, and that it can again.</summary>
    private static (int Faults, int Ends) Told(SiloProcess silo, string what)
    {
        var lines = silo.Output.Split('\n').Where(line => line.Contains(what, StringComparison.Ordinal)).ToList();
        return (lines.Count(line => CannotBeUsed().IsMatch(line)), lines.Count(line => line.Contains("can be used again", StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"cannot be used: its \w+ ")]
    private static partial Regex CannotBeUsed();
}
