using System.Net;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Tests.Access;
using HeliosEdge.Silo.Tests.Running;
using Microsoft.Extensions.DependencyInjection;

namespace HeliosEdge.Silo.Tests.Invocations;

/// <summary>Callers who choose the same idempotency key.</summary>
[Trait("Category", "Slow")]
public sealed class CallersKeyTests
{
    private const string Replay = "X-Helios-Idempotent-Replay";

    [Fact]
    public Task Each_caller_has_idempotency_keys_of_its_own() => EachHasItsOwnAsync(postgres: null);

    [PostgresFact]
    public async Task Each_caller_has_idempotency_keys_of_its_own_in_PostgreSQL() => await EachHasItsOwnAsync(await PostgresServer.NewDatabaseAsync());

    [Fact]
    public async Task What_was_stored_without_a_caller_is_good_for_a_silo_without_access_keys_and_nobodys_once_it_has_one()
    {
        await using var silo = await TestSilo.StartAsync();
        await silo.DeployAsync("echo", "echo");
        var earlier = await silo.Services.GetRequiredService<IInvocationStore>().EnqueueAsync(new NewInvocation
        {
            Function = "echo",
            Region = "eu-west",
            Payload = "x"u8.ToArray(),
            IdempotencyKey = "k",
        });

        (await AcceptedAsync(silo.Http, "invoke-async?region=eu-west", "x")).ShouldBe((HttpStatusCode.OK, earlier.Id.ToString()));

        var (_, admin) = await silo.Http.CreateKeyAsync("admin");
        using var administrator = silo.With(admin);
        var (_, invoke) = await administrator.CreateKeyAsync("invoke");
        using var caller = silo.With(invoke);
        var (status, id) = await AcceptedAsync(caller, "invoke-async?region=eu-west", "x");
        status.ShouldBe(HttpStatusCode.Accepted);
        id.ShouldNotBe(earlier.Id.ToString());
    }

    [Fact]
    public async Task A_call_that_is_passed_on_takes_neither_the_key_nor_its_caller_along()
    {
        await using var west = await ListeningPeer.StartAsync();
        await using var east = await west.StartSiloAsync();

        using var first = await CallAsync(east.Http, "invoke?region=west", "x");
        using var repeat = await CallAsync(east.Http, "invoke?region=west", "x");

        repeat.Headers.GetValues(Replay).ShouldBe(["true"]);
        west.Headers.ShouldHaveSingleItem()
            .Where(name => name.StartsWith("X-Helios-", StringComparison.OrdinalIgnoreCase) || name.Equals("Idempotency-Key", StringComparison.OrdinalIgnoreCase))
            .ShouldHaveSingleItem().ShouldBe("X-Helios-Hops", StringCompareShould.IgnoreCase);
    }

    [Fact]
    public async Task Whoever_shows_the_peer_key_shares_no_idempotency_key_with_those_who_do_not()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "peer.key");
        await File.WriteAllTextAsync(file, new string('k', 40));
        await using var silo = await TestSilo.StartAsync(configure: options => options with { Access = new AccessOptions { PeerKeyFile = file } });
        await silo.DeployAsync("echo", "echo");
        using var peer = silo.With(null);
        peer.DefaultRequestHeaders.Add("X-Helios-Peer-Key", new string('k', 40));
        using var samePeer = silo.With(null);
        samePeer.DefaultRequestHeaders.Add("X-Helios-Peer-Key", new string('k', 40));
        samePeer.DefaultRequestHeaders.Add("X-Helios-Hops", "1");

        using var mine = await CallAsync(silo.Http, "invoke", "x");
        using var theirs = await CallAsync(peer, "invoke", "x");
        using var again = await CallAsync(samePeer, "invoke", "x");

        theirs.StatusCode.ShouldBe(HttpStatusCode.OK);
        theirs.Headers.Contains(Replay).ShouldBeFalse();
        again.Headers.GetValues(Replay).ShouldBe(["true"]);
    }

    private static async Task EachHasItsOwnAsync(string? postgres)
    {
        await using var silo = await TestSilo.StartAsync(postgres: postgres);
        await silo.DeployAsync("echo", "echo");
        var (_, adminKey) = await silo.Http.CreateKeyAsync("admin");
        using var admin = silo.With(adminKey);
        using var one = silo.With((await admin.CreateKeyAsync("invoke")).Text);
        using var other = silo.With((await admin.CreateKeyAsync("invoke")).Text);

        using var first = await CallAsync(one, "invoke", "x");
        using var others = await CallAsync(other, "invoke", "x");
        using var othersPayload = await CallAsync(admin, "invoke", "another payload");
        using var repeat = await CallAsync(one, "invoke", "x");
        (first.StatusCode, first.Headers.Contains(Replay)).ShouldBe((HttpStatusCode.OK, false));
        (others.StatusCode, others.Headers.Contains(Replay)).ShouldBe((HttpStatusCode.OK, false));
        (await othersPayload.Content.ReadAsStringAsync()).ShouldBe("another payload");
        repeat.Headers.GetValues(Replay).ShouldBe(["true"]);
        await Answer.ProblemAsync(await CallAsync(one, "invoke", "y"), HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");

        foreach (var (path, body) in new[] { ("invoke-async", "x"), ("fanout-async", """{"payload": "x"}""") })
        {
            var mine = await AcceptedAsync(one, path, body, path);
            var theirs = await AcceptedAsync(other, path, body, path);
            (mine.Status, theirs.Status).ShouldBe((HttpStatusCode.Accepted, HttpStatusCode.Accepted));
            theirs.Id.ShouldNotBe(mine.Id);
            (await AcceptedAsync(one, path, body, path)).ShouldBe((HttpStatusCode.OK, mine.Id));
            (await AcceptedAsync(other, path, body, path)).ShouldBe((HttpStatusCode.OK, theirs.Id));
        }
    }

    private static async Task<(HttpStatusCode Status, string Id)> AcceptedAsync(HttpClient http, string path, string body, string key = "k")
    {
        using var accepted = await CallAsync(http, path, body, key);
        return (accepted.StatusCode, (await Answer.JsonAsync(accepted))["id"]!.GetValue<string>());
    }

    private static Task<HttpResponseMessage> CallAsync(HttpClient http, string path, string body, string key = "k")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/functions/echo/{path}") { Content = Queued.Json(body) };
        request.Headers.Add("Idempotency-Key", key);
        return http.SendAsync(request);
    }
}
