using System.Net;
using System.Text.Json.Nodes;
using HeliosEdge.Access.Keys;
using HeliosEdge.Access.Stores;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Tests.Running;
using Microsoft.AspNetCore.Routing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace HeliosEdge.Silo.Tests.Access;

[Trait("Category", "Slow")]
public sealed class KeyTests
{
    private static readonly string NoModule = new('0', 64);

    [Fact]
    public async Task The_first_key_locks_the_silo_and_its_last_administrator_stays()
    {
        await using var silo = await TestSilo.StartAsync();
        (await silo.Http.GetAsync("/v1/functions")).StatusCode.ShouldBe(HttpStatusCode.OK);

        var refused = await silo.Http.PostAsync("/v1/keys", KeyHolder.Json(JsonNode.Parse("""{"name":"a","scopes":["deploy"]}""")!));
        (await Answer.ProblemAsync(refused, HttpStatusCode.BadRequest, "invalid_parameter"))["detail"]!.GetValue<string>().ShouldContain("first key");
        var (id, text) = await silo.Http.CreateKeyAsync("admin");

        await Answer.ProblemAsync(await silo.Http.GetAsync("/v1/functions"), HttpStatusCode.Unauthorized, "unauthenticated");
        await Answer.ProblemAsync(await silo.Http.PostAsync("/v1/keys", null), HttpStatusCode.Unauthorized, "unauthenticated");
        using var admin = silo.With(text);
        (await admin.GetAsync("/v1/functions")).StatusCode.ShouldBe(HttpStatusCode.OK);
        await Answer.ProblemAsync(await admin.DeleteAsync($"/v1/keys/{id}"), HttpStatusCode.Conflict, "last_admin_key");
        await Answer.ProblemAsync(await admin.DeleteAsync("/v1/keys/nosuch"), HttpStatusCode.NotFound, "key_not_found");

        var (second, secondText) = await admin.CreateKeyAsync("admin");
        using var other = silo.With(secondText);
        (await other.DeleteAsync($"/v1/keys/{id}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await Answer.ProblemAsync(await admin.GetAsync("/v1/functions"), HttpStatusCode.Unauthorized, "unauthenticated");
        var keys = (await Answer.JsonAsync(await other.GetAsync("/v1/keys")))["keys"]!.AsArray();
        keys.Select(key => key!["id"]!.GetValue<string>()).ShouldBe([id, second]);
        keys[0]!["revokedAt"].ShouldNotBeNull();
        keys[1]!["revokedAt"].ShouldBeNull();
        keys.ToJsonString().ShouldNotContain("hk_");
    }

    [Fact]
    public async Task A_silo_that_had_a_key_stays_locked_after_its_last_one_is_revoked_on_its_machine()
    {
        using var folder = new TemporaryFolder();
        var (id, text) = await KeyHolder.AddKeyAsync(folder.Path, "admin");
        using (var store = new SqliteAccessStore(folder.Path))
        {
            await store.RevokeAsync(id, DateTimeOffset.UtcNow, keepAnAdmin: false);
        }

        await using var silo = await TestSilo.StartAsync(folder.Path);

        foreach (var key in new[] { null, text })
        {
            using var http = silo.With(key);
            await Answer.ProblemAsync(await http.GetAsync("/v1/functions"), HttpStatusCode.Unauthorized, "unauthenticated");
        }
    }

    [Fact]
    public async Task A_key_that_another_process_makes_or_revokes_is_noticed_while_the_silo_runs()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await TestSilo.StartAsync(folder.Path);
        (await silo.Http.GetAsync("/v1/functions")).StatusCode.ShouldBe(HttpStatusCode.OK);
        var (id, text) = await KeyHolder.AddKeyAsync(folder.Path, "read");
        using var reader = silo.With(text);

        await Eventually.HoldsAsync("HttpStatusCode.OK", async () => (await reader.GetAsync("/v1/functions")).StatusCode == HttpStatusCode.OK);
        await Eventually.HoldsAsync("HttpStatusCode.Unauthorized", async () => (await silo.Http.GetAsync("/v1/functions")).StatusCode == HttpStatusCode.Unauthorized);
        using (var store = new SqliteAccessStore(folder.Path))
        {
            await store.RevokeAsync(id, DateTimeOffset.UtcNow, keepAnAdmin: false);
        }

        await Eventually.HoldsAsync("HttpStatusCode.Unauthorized", async () => (await reader.GetAsync("/v1/functions")).StatusCode == HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task An_expired_key_is_no_longer_good()
    {
        using var folder = new TemporaryFolder();
        var (_, text) = await KeyHolder.AddKeyAsync(folder.Path, "read", lifetime: TimeSpan.FromSeconds(3));
        await using var silo = await TestSilo.StartAsync(folder.Path);
        using var http = silo.With(text);

        await Eventually.HoldsAsync("HttpStatusCode.Unauthorized", async () => (await http.GetAsync("/v1/functions")).StatusCode == HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("read", "200 403 403 403 403 403")]
    [InlineData("invoke", "403 404 403 403 403 403")]
    [InlineData("deploy", "200 403 404 422 403 403")]
    [InlineData("deploy invoke", "200 404 404 422 403 403")]
    [InlineData("admin", "200 404 404 422 200 200")]
    public async Task A_key_may_do_what_its_scopes_say(string scopes, string statuses)
    {
        using var folder = new TemporaryFolder();
        var (_, text) = await KeyHolder.AddKeyAsync(folder.Path, scopes);
        await using var silo = await TestSilo.StartAsync(folder.Path);
        using var http = silo.With(text);

        HttpResponseMessage[] answers =
        [
            await http.GetAsync("/v1/functions"),
            await http.PostAsync("/v1/functions/nosuch/invoke", new ByteArrayContent([])),
            await http.DeleteAsync("/v1/functions/nosuch"),
            await http.PutAsync("/v1/modules", new ByteArrayContent([1])),
            await http.GetAsync("/v1/keys"),
            await http.GetAsync("/v1/audit"),
        ];

        string.Join(' ', answers.Select(answer => (int)answer.StatusCode)).ShouldBe(statuses);
        string[] needed = ["read", "invoke", "deploy", "deploy", "admin", "admin"];
        for (var i = 0; i < answers.Length; i++)
        {
            if (answers[i].StatusCode == HttpStatusCode.Forbidden)
            {
                var problem = await Answer.ProblemAsync(answers[i], HttpStatusCode.Forbidden, "forbidden");
                problem["detail"]!.GetValue<string>().ShouldContain($"scope {needed[i]}");
                answers[i].Headers.WwwAuthenticate.ToString().ShouldContain($"scope=\"{needed[i]}\"");
            }
        }
    }

    [Fact]
    public async Task What_is_no_good_key_is_answered_alike_and_never_repeated()
    {
        using var folder = new TemporaryFolder();
        var (id, text) = await KeyHolder.AddKeyAsync(folder.Path, "admin");
        await using var silo = await TestSilo.StartAsync(folder.Path);
        string[] shown =
        [
            KeyText.Format(id, KeyText.NewSecret()),
            KeyText.Format(KeyText.NewId(), KeyText.NewSecret()),
            text[..^1],
            text + "x",
            text.ToUpperInvariant(),
            "hk_",
        ];
        var details = new HashSet<string>();

        foreach (var key in shown)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/functions") { Headers = { { "X-Helios-Key", key } } };
            using var answer = await silo.Http.SendAsync(request);
            var problem = await Answer.ProblemAsync(answer, HttpStatusCode.Unauthorized, "unauthenticated");
            answer.Headers.WwwAuthenticate.ToString().ShouldContain("error=\"invalid_token\"");
            details.Add(problem["detail"]!.GetValue<string>());
        }

        details.ShouldHaveSingleItem().ShouldNotContain("hk_");
        using var missing = await silo.Http.GetAsync("/v1/functions");
        missing.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer realm=\"helios\"");
    }

    [Fact]
    public async Task A_key_is_taken_from_a_header_of_its_own_too_and_health_and_the_description_need_none()
    {
        using var folder = new TemporaryFolder();
        var (_, text) = await KeyHolder.AddKeyAsync(folder.Path, "read");
        await using var silo = await TestSilo.StartAsync(folder.Path);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/functions");
        request.Headers.Add("X-Helios-Key", text);
        request.Headers.Add("Authorization", "Bearer for-the-guest");

        (await silo.Http.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.OK);
        foreach (var path in new[] { "/healthz", "/readyz", "/openapi/v1.json" })
        {
            (await silo.Http.GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.OK, path);
        }
    }

    [Fact]
    public async Task A_key_with_a_rate_is_held_to_it_alone()
    {
        using var folder = new TemporaryFolder();
        var (_, slow) = await KeyHolder.AddKeyAsync(folder.Path, "read", rate: 2);
        var (_, free) = await KeyHolder.AddKeyAsync(folder.Path, "read");
        await using var silo = await TestSilo.StartAsync(folder.Path);
        using var limited = silo.With(slow);
        using var unlimited = silo.With(free);

        // Far more than two seconds' worth at once: some must come too soon, however slow the machine.
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => limited.GetAsync("/v1/functions")));
        var others = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => unlimited.GetAsync("/v1/functions")));

        answers.ShouldContain(answer => answer.StatusCode == HttpStatusCode.OK);
        var late = answers.First(answer => answer.StatusCode == HttpStatusCode.TooManyRequests);
        (await Answer.ProblemAsync(late, HttpStatusCode.TooManyRequests, "rate_limited"))["limit"]!.GetValue<int>().ShouldBe(2);
        late.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(1));
        others.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("""{"scopes":["read"]}""", "name is missing")]
    [InlineData("""{"name":"a","scopes":["root"]}""", "\"root\" is no scope")]
    [InlineData("""{"name":"a","scopes":[]}""", "needs a scope")]
    [InlineData("""{"name":"a","scopes":["read"],"rate":0}""", "rate is from 1")]
    [InlineData("""{"name":"a","scopes":["read"],"expiresInSeconds":-1}""", "good for")]
    [InlineData("""{"name":"a","scopes":["read"],"expiresInSeconds":9223372036854775807}""", "good for")]
    [InlineData("""{"name":"a","scope":"read"}""", "Unknown member \"scope\"")]
    public async Task A_key_that_is_not_accepted_is_refused_with_the_reason(string body, string reason)
    {
        await using var silo = await TestSilo.StartAsync();

        var problem = await Answer.ProblemAsync(
            await silo.Http.PostAsync("/v1/keys", KeyHolder.Json(JsonNode.Parse(body)!)), HttpStatusCode.BadRequest, "invalid_parameter");

        problem["detail"]!.GetValue<string>().ShouldContain(reason);
        (await silo.Http.GetAsync("/v1/functions")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Every_change_is_in_the_log_with_who_made_it_and_what_became_of_it()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await TestSilo.StartAsync(folder.Path);
        var module = await Answer.JsonAsync(await silo.UploadAsync(TestSilo.Guest("echo")));
        var (adminId, adminText) = await silo.Http.CreateKeyAsync("admin");
        using var admin = silo.With(adminText);
        var (deployId, deployText) = await admin.CreateKeyAsync("deploy");
        using var deployer = silo.With(deployText);
        var registration = new JsonObject { ["module"] = module["hash"]!.GetValue<string>() };
        await Answer.JsonAsync(await deployer.PutAsync("/v1/functions/echo", KeyHolder.Json(registration)));
        await deployer.PutAsync("/v1/functions/echo", KeyHolder.Json(new JsonObject { ["module"] = NoModule }));
        await deployer.PostAsync("/v1/keys", KeyHolder.Json(new JsonObject()));
        await deployer.DeleteAsync("/v1/functions/echo");
        await deployer.DeleteAsync("/v1/functions/a%0Ab");
        await admin.DeleteAsync($"/v1/keys/{deployId}");
        await deployer.DeleteAsync("/v1/functions/echo");

        var page = await Answer.JsonAsync(await admin.GetAsync("/v1/audit?limit=4"));
        var rest = await Answer.JsonAsync(await admin.GetAsync($"/v1/audit?before={page["before"]}"));

        rest["before"].ShouldBeNull();
        var entries = page["entries"]!.AsArray().Concat(rest["entries"]!.AsArray()).Select(entry => entry!).ToArray();
        entries.ShouldAllBe(entry => entry["address"]!.GetValue<string>() == "127.0.0.1");
        entries.Select(entry => $"{entry["who"]} {entry["action"]} {entry["target"]} {entry["status"]}").ShouldBe(
        [
            $"key:{adminId} key.revoke /v1/keys/{deployId} 204",
            $"key:{deployId} function.delete /v1/functions/a%0Ab 404",
            $"key:{deployId} function.delete /v1/functions/echo 204",
            $"key:{deployId} key.create /v1/keys 403",
            $"key:{deployId} function.put /v1/functions/echo 404",
            $"key:{deployId} function.put /v1/functions/echo 201",
            $"key:{adminId} key.create /v1/keys/{deployId} 201",
            $"loopback key.create /v1/keys/{adminId} 201",
            $"loopback module.put /v1/modules/{module["hash"]} 201",
        ]);
    }

    [Fact]
    public async Task A_change_that_can_not_be_logged_is_not_made()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await TestSilo.StartAsync(folder.Path);
        await silo.DeployAsync("echo", "echo");
        using (var connection = new SqliteConnection($"Data Source={Path.Combine(folder.Path, SqliteAccessStore.FileName)}"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "DROP TABLE audit";
            command.ExecuteNonQuery();
        }

        await Answer.ProblemAsync(await silo.Http.DeleteAsync("/v1/functions/echo"), HttpStatusCode.InternalServerError, "internal_error");

        (await silo.CallAsync("echo", [1, 2])).ShouldBe([1, 2]);
    }

    [Fact]
    public async Task Pages_of_the_log_have_bounds()
    {
        await using var silo = await TestSilo.StartAsync();

        foreach (var query in new[] { "limit=0", "limit=1001", "limit=x", "before=x" })
        {
            await Answer.ProblemAsync(await silo.Http.GetAsync($"/v1/audit?{query}"), HttpStatusCode.BadRequest, "invalid_parameter");
        }
    }

    [Fact]
    public async Task Every_endpoint_states_who_may_use_it_and_every_one_that_changes_something_is_logged()
    {
        await using var silo = await TestSilo.StartAsync();
        var endpoints = silo.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().ToArray();

        endpoints.Length.ShouldBeGreaterThan(10);
        foreach (var endpoint in endpoints)
        {
            var name = endpoint.DisplayName;
            var rule = endpoint.Metadata.GetMetadata<AccessRule>().ShouldNotBeNull(name);
            var methods = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>().ShouldNotBeNull(name).HttpMethods;
            if (methods.All(AccessRule.IsSafe))
            {
                continue;
            }

            rule.Scope.ShouldNotBe(Scopes.None, name);
            if (rule.Scope is not (Scopes.Invoke or Scopes.DataRead))
            {
                rule.Change.ShouldNotBeNullOrEmpty(name);
            }
        }
    }
}
