using System.Net;
using HeliosEdge.Access.Keys;
using HeliosEdge.Access.Stores;
using HeliosEdge.Sandbox;
using HeliosEdge.Settings;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Access;

/// <summary>Keys of silos that share a PostgreSQL database.</summary>
[Trait("Category", "Slow")]
public sealed class SharedKeyTests
{
    [PostgresFact]
    public async Task A_key_of_one_silo_is_good_at_the_other_until_it_is_revoked_at_either()
    {
        var url = await PostgresServer.NewDatabaseAsync();
        await using var one = await TestSilo.StartAsync(postgres: url);
        await using var other = await TestSilo.StartAsync(postgres: url);
        (await other.Http.GetAsync("/v1/functions")).StatusCode.ShouldBe(HttpStatusCode.OK);

        var (_, adminText) = await one.Http.CreateKeyAsync("admin");
        await AnswersAsync(other.Http, HttpStatusCode.Unauthorized);
        using var admin = one.With(adminText);
        var (id, text) = await admin.CreateKeyAsync("read");
        using var reader = other.With(text);
        await AnswersAsync(reader, HttpStatusCode.OK);

        using var otherAdmin = other.With(adminText);
        (await otherAdmin.DeleteAsync($"/v1/keys/{id}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        using var readerOfOne = one.With(text);
        await AnswersAsync(readerOfOne, HttpStatusCode.Unauthorized);
        await AnswersAsync(reader, HttpStatusCode.Unauthorized);

        // One log of changes, too.
        var log = (await Answer.JsonAsync(await otherAdmin.GetAsync("/v1/audit")))["entries"]!.AsArray();
        log.Select(entry => entry!["action"]!.GetValue<string>()).ShouldBe(["key.revoke", "key.create", "key.create"]);
        log.Select(entry => entry!["status"]!.GetValue<int>()).ShouldBe([204, 201, 201]);
    }

    [PostgresFact]
    public async Task Of_administrators_who_revoke_each_other_at_two_silos_at_once_one_stays()
    {
        var url = await PostgresServer.NewDatabaseAsync();
        var (firstId, first) = await KeyHolder.AddSharedKeyAsync(url, "admin");
        var (secondId, second) = await KeyHolder.AddSharedKeyAsync(url, "admin");
        await using var one = await TestSilo.StartAsync(postgres: url);
        await using var other = await TestSilo.StartAsync(postgres: url);
        using var http1 = one.With(first);
        using var http2 = other.With(second);

        var answers = await Task.WhenAll(http1.DeleteAsync($"/v1/keys/{secondId}"), http2.DeleteAsync($"/v1/keys/{firstId}"));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.NoContent).ShouldBe(1);
        var keys = new PostgresAccessStore(PostgresUrl.Parse(url));
        await using (keys)
        {
            (await keys.ReadAllAsync()).Count(key => key.IsActive(DateTimeOffset.UtcNow)).ShouldBe(1);
        }
    }

    [PostgresFact]
    public async Task A_key_that_is_made_in_the_database_lets_a_silo_serve_the_network()
    {
        var url = await PostgresServer.NewDatabaseAsync();
        var refused = await Should.ThrowAsync<SiloStartException>(TestSilo.StartAsync(postgres: url, url: "http://0.0.0.0:0"));
        refused.Message.ShouldContain("--store");
        refused.Message.ShouldNotContain("secret");

        var (_, text) = await KeyHolder.AddSharedKeyAsync(url, "admin");
        await using var silo = await TestSilo.StartAsync(postgres: url, url: "http://0.0.0.0:0");
        using var http = new HttpClient { BaseAddress = new UriBuilder(silo.Http.BaseAddress!) { Host = "127.0.0.1" }.Uri };
        await AnswersAsync(http, HttpStatusCode.Unauthorized);
        http.DefaultRequestHeaders.Authorization = new("Bearer", text);
        await AnswersAsync(http, HttpStatusCode.OK);
    }

    [PostgresFact]
    public async Task A_silo_with_keys_in_its_folder_does_not_open_because_its_store_is_elsewhere()
    {
        using var folder = new TemporaryFolder();
        var url = await PostgresServer.NewDatabaseAsync();
        await KeyHolder.AddKeyAsync(folder.Path, "admin");

        var refused = await Should.ThrowAsync<SiloStartException>(TestSilo.StartAsync(folder.Path, postgres: url));
        refused.Message.ShouldContain("access.db holds keys");

        await KeyHolder.AddSharedKeyAsync(url, "admin");
        await using var silo = await TestSilo.StartAsync(folder.Path, postgres: url);
        await AnswersAsync(silo.Http, HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Keys_that_can_not_be_read_again_are_good_for_a_while_and_then_not()
    {
        var clock = new ManualClock();
        var store = new FailingStore();
        var (key, text) = new KeyRequest("k", ["read"], null, null, null).Make(clock.GetUtcNow());
        store.Keys.Add(key);
        var ring = new KeyRing(store, clock);
        await ring.RefreshAsync();

        store.IsDown = true;
        clock.Advance(KeyRing.GoodWithoutStore - TimeSpan.FromSeconds(1));
        await ring.RefreshAsync();
        (await ring.FindAsync(text)).ShouldNotBeNull();
        clock.Advance(TimeSpan.FromSeconds(1));
        (await Should.ThrowAsync<SandboxException>(async () => await ring.RefreshAsync())).Code.ShouldBe(ErrorCodes.Unavailable);

        store.IsDown = false;
        store.Keys[0] = key with { RevokedAt = clock.GetUtcNow() };
        await ring.RefreshAsync();
        (await ring.FindAsync(text)).ShouldBeNull();
    }

    private static Task AnswersAsync(HttpClient http, HttpStatusCode status) => Eventually.HoldsAsync(
        $"{status}", async () => (await http.GetAsync("/v1/functions")).StatusCode == status);

    private sealed class FailingStore : IKeyStore
    {
        public List<ApiKey> Keys { get; } = [];

        public bool IsDown { get; set; }

        public Task<IReadOnlyList<ApiKey>> ReadAllAsync() =>
            IsDown ? throw new SandboxException(ErrorCodes.Unavailable, "The database does not answer.") : Task.FromResult<IReadOnlyList<ApiKey>>([.. Keys]);

        public Task AddAsync(ApiKey key) => throw new InvalidOperationException("Nothing is added here.");

        public Task<Revocation> RevokeAsync(string id, DateTimeOffset now, bool keepAnAdmin) => throw new InvalidOperationException("Nothing is revoked here.");
    }
}
