using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Settings;
using HeliosEdge.Silo.Tests.Running;
using Microsoft.Data.Sqlite;

namespace HeliosEdge.Silo.Tests.Storage;

[Trait("Category", "Process")]
public sealed class RestartTests
{
    [Fact]
    public async Task Modules_and_functions_survive_a_restart()
    {
        using var folder = new TemporaryFolder();
        JsonNode before;
        await using (var silo = await TestSilo.StartAsync(folder.Path))
        {
            before = await silo.DeployAsync("kept", "echo", limits: new JsonObject { ["timeoutMs"] = 77 }, regions: ["us-east"]);
            await silo.DeployAsync("gone", "counter");
            (await silo.Http.DeleteAsync("/v1/functions/gone")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        }

        await using var again = await TestSilo.StartAsync(folder.Path);

        JsonNode.DeepEquals(await Answer.JsonAsync(await again.Http.GetAsync("/v1/functions/kept")), before).ShouldBeTrue();
        (await again.CallAsync("kept", [1, 2])).ShouldBe([1, 2]);
        await Answer.ProblemAsync(await again.InvokeAsync("gone"), HttpStatusCode.NotFound, "function_not_found");
        var module = await Answer.JsonAsync(await again.Http.GetAsync($"/v1/modules/{before["module"]!.GetValue<string>()}"));
        module["size"]!.GetValue<int>().ShouldBe(TestSilo.Guest("echo").Length);
    }

    [Fact]
    public async Task What_was_acknowledged_survives_a_kill()
    {
        using var folder = new TemporaryFolder();
        var names = new List<string>();
        await using (var silo = SiloProcess.Start("--data", folder.Path, "--urls", "http://127.0.0.1:0"))
        {
            using var http = new HttpClient { BaseAddress = await silo.AddressAsync() };
            var module = await Answer.JsonAsync(await http.PutAsync("/v1/modules", new ByteArrayContent(TestSilo.Guest("echo"))));
            using var killed = new CancellationTokenSource();
            var some = new TaskCompletionSource();
            var registering = Task.Run(async () =>
            {
                for (var i = 0; ; i++)
                {
                    using var body = new StringContent(
                        new JsonObject { ["module"] = module["hash"]!.GetValue<string>() }.ToJsonString(), null, "application/json");
                    try
                    {
                        using var answer = await http.PutAsync($"/v1/functions/f{i}", body);
                        answer.StatusCode.ShouldBe(HttpStatusCode.Created);
                        names.Add($"f{i}");
                        if (names.Count == 20)
                        {
                            some.SetResult();
                        }
                    }
                    catch (HttpRequestException) when (killed.IsCancellationRequested)
                    {
                        return;
                    }
                }
            });
            await await Task.WhenAny(some.Task, registering).WaitAsync(TimeSpan.FromSeconds(60));
            await killed.CancelAsync();
            await silo.KillAsync();
            await registering;
        }

        names.ShouldNotBeEmpty();
        await using var again = await TestSilo.StartAsync(folder.Path);

        foreach (var name in names)
        {
            (await again.CallAsync(name, [3])).ShouldBe([3]);
        }
    }

    [Fact]
    public async Task A_limit_that_the_operator_lowered_holds_for_what_was_registered_before()
    {
        using var folder = new TemporaryFolder();
        await using (var silo = await TestSilo.StartAsync(folder.Path))
        {
            await silo.DeployAsync("spin", "spin", limits: new JsonObject { ["timeoutMs"] = 60_000 });
        }

        var policy = new SandboxPolicy();
        policy = policy with { Ceiling = policy.Ceiling with { TimeoutMs = 200 } };
        policy = policy with { Defaults = LimitKinds.Lower(policy.Defaults, policy.Ceiling) };
        await using var strict = await TestSilo.StartAsync(folder.Path, policy);

        var problem = await Answer.ProblemAsync(await strict.InvokeAsync("spin"), HttpStatusCode.GatewayTimeout, "timeout");
        problem["limit"]!.GetValue<int>().ShouldBe(200);
    }

    [Fact]
    public async Task A_data_folder_has_one_silo_at_a_time()
    {
        using var folder = new TemporaryFolder();
        await using var first = await TestSilo.StartAsync(folder.Path);

        var refused = await Should.ThrowAsync<SiloStartException>(TestSilo.StartAsync(folder.Path));

        refused.Message.ShouldContain("in use by another silo");
        refused.Message.ShouldContain("--data");
    }

    [Fact]
    public async Task A_database_of_a_later_release_is_left_alone()
    {
        using var folder = new TemporaryFolder();
        await using (await TestSilo.StartAsync(folder.Path))
        {
        }

        await using (var connection = new SqliteConnection($"Data Source={Path.Combine(folder.Path, "silo.db")};Pooling=False"))
        {
            await connection.OpenAsync();
            var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 99";
            await command.ExecuteNonQueryAsync();
        }

        (await Should.ThrowAsync<SiloStartException>(TestSilo.StartAsync(folder.Path))).Message.ShouldContain("version 99");
    }

    [Fact]
    public async Task Functions_of_an_earlier_release_are_taken_over()
    {
        using var folder = new TemporaryFolder();
        await using (var connection = new SqliteConnection($"Data Source={Path.Combine(folder.Path, "silo.db")};Pooling=False"))
        {
            await connection.OpenAsync();
            var command = connection.CreateCommand();
            command.CommandText = """
                CREATE TABLE modules (hash TEXT NOT NULL PRIMARY KEY, stored_at TEXT NOT NULL, bytes BLOB NOT NULL) STRICT;
                CREATE TABLE functions (
                    name TEXT NOT NULL PRIMARY KEY, module TEXT NOT NULL REFERENCES modules (hash), abi TEXT NOT NULL, entry TEXT NOT NULL,
                    regions TEXT NOT NULL, memory_mib INTEGER NOT NULL, timeout_ms INTEGER NOT NULL, max_payload_bytes INTEGER NOT NULL,
                    max_response_bytes INTEGER NOT NULL, registered_at TEXT NOT NULL, profile TEXT NOT NULL DEFAULT 'minimal',
                    capabilities TEXT NOT NULL DEFAULT '') STRICT;
                PRAGMA user_version = 2;
                INSERT INTO modules VALUES ($hash, '', $bytes);
                INSERT INTO functions VALUES ('old', $hash, 'helios-1', 'handle', 'eu-west,us-east', 9, 700, 80, 60, '2026-01-02T03:04:05.0000000+00:00', 'compute', 'clock,env,log,random');
                INSERT INTO functions VALUES ('bare', $hash, 'helios-1', 'handle', 'eu-west', 64, 5000, 100, 100, '2026-01-02T03:04:05.0000000+00:00', 'minimal', '');
                """;
            var bytes = TestSilo.Guest("echo");
            command.Parameters.AddWithValue("$hash", Convert.ToHexStringLower(SHA256.HashData(bytes)));
            command.Parameters.AddWithValue("$bytes", bytes);
            await command.ExecuteNonQueryAsync();
        }

        await using var silo = await TestSilo.StartAsync(folder.Path);
        await EarlierRelease.ShouldBeTakenOverByAsync(silo);
        (await (await silo.InvokeAsync("old", [1, 2])).Content.ReadAsByteArrayAsync()).ShouldBe([1, 2]);
        (await (await silo.InvokeAsync("bare", [3])).Content.ReadAsByteArrayAsync()).ShouldBe([3]);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_named()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "silo.db"), new string('x', 5_000));

        (await Should.ThrowAsync<SiloStartException>(TestSilo.StartAsync(folder.Path))).Message.ShouldContain("silo.db");
    }
}
