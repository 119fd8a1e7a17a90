using HeliosEdge.Access.Audit;
using HeliosEdge.Access.Keys;
using HeliosEdge.Access.Stores;

namespace HeliosEdge.Silo.Tests.Storage.Contract;

/// <summary>What every store of keys and of the log of changes does; here with SQLite, by <see cref="PostgresContractTests"/> with PostgreSQL.</summary>
public sealed class AccessStoreTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    private readonly TemporaryFolder? _folder;
    private readonly Func<IAccessStore> _open;
    private readonly IAccessStore _store;

    public AccessStoreTests()
    {
        var folder = _folder = new TemporaryFolder();
        _open = () => new SqliteAccessStore(folder.Path);
        _store = _open();
    }

    internal AccessStoreTests(Func<IAccessStore> open)
    {
        _open = open;
        _store = open();
    }

    [Fact]
    public async Task A_key_is_read_as_it_was_added_by_another_process_too()
    {
        var (key, _) = new KeyRequest("ci", ["deploy", "invoke"], 5, 10, TimeSpan.FromDays(1)).Make(Now);
        await _store.AddAsync(key);
        await using var other = _open();

        var read = (await other.ReadAllAsync()).ShouldHaveSingleItem();

        (read with { Salt = key.Salt, Hash = key.Hash }).ShouldBe(key);
        read.Salt.ShouldBe(key.Salt);
        read.Hash.ShouldBe(key.Hash);
    }

    [Fact]
    public async Task A_revoked_key_stays_in_the_list()
    {
        var key = await AddAsync("read");

        (await _store.RevokeAsync(key.Id, Now, keepAnAdmin: true)).ShouldBe(Revocation.LastAdmin);
        (await _store.RevokeAsync(key.Id, Now, keepAnAdmin: false)).ShouldBe(Revocation.Revoked);
        (await _store.RevokeAsync(key.Id, Now.AddDays(1), keepAnAdmin: false)).ShouldBe(Revocation.Revoked);
        (await _store.RevokeAsync("nosuch", Now, keepAnAdmin: false)).ShouldBe(Revocation.NotFound);

        (await _store.ReadAllAsync()).ShouldHaveSingleItem().RevokedAt.ShouldBe(Now);
    }

    [Fact]
    public async Task Of_many_that_revoke_each_others_keys_at_once_one_administrator_stays()
    {
        var keys = new List<ApiKey>();
        for (var i = 0; i < 8; i++)
        {
            keys.Add(await AddAsync("admin"));
        }

        // Of two processes: no lock in this one's memory can be what holds them apart.
        await using var other = _open();
        var results = await Task.WhenAll(keys.Select((key, i) =>
            Task.Run(() => (i % 2 == 0 ? _store : other).RevokeAsync(key.Id, Now, keepAnAdmin: true))));

        results.Count(result => result == Revocation.LastAdmin).ShouldBe(1);
        (await _store.ReadAllAsync()).Count(key => key.IsActive(Now)).ShouldBe(1);
    }

    [Fact]
    public async Task An_expired_administrator_is_none()
    {
        var expiring = new KeyRequest("old", ["admin"], null, null, TimeSpan.FromHours(1)).Make(Now).Key;
        await _store.AddAsync(expiring);
        var key = await AddAsync("admin");

        (await _store.RevokeAsync(key.Id, Now.AddHours(1), keepAnAdmin: true)).ShouldBe(Revocation.LastAdmin);
        (await _store.RevokeAsync(key.Id, Now, keepAnAdmin: true)).ShouldBe(Revocation.Revoked);
    }

    [Fact]
    public async Task Keys_that_are_made_at_the_same_time_are_all_there()
    {
        await using var other = _open();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() =>
            (i % 2 == 0 ? _store : other).AddAsync(new KeyRequest($"k{i}", ["read"], null, null, null).Make(Now).Key))));

        (await _store.ReadAllAsync()).Select(key => key.Name).Order().ShouldBe(Enumerable.Range(0, 20).Select(i => $"k{i}").Order());
    }

    [Fact]
    public async Task Keys_are_listed_in_the_order_in_which_they_were_made()
    {
        var made = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            made.Add((await AddAsync("read")).Id);
            await _store.RevokeAsync(made[0], Now, keepAnAdmin: false);
        }

        (await _store.ReadAllAsync()).Select(key => key.Id).ShouldBe(made);
    }

    [Fact]
    public async Task The_log_is_read_in_pages_from_the_newest_on()
    {
        for (var i = 0; i < 5; i++)
        {
            await _store.BeginAsync(new AuditEntry(0, Now.AddSeconds(i), "key:a", "function.put", $"/v1/functions/f{i}", null, "127.0.0.1"));
        }

        await _store.CompleteAsync(4, "/other", 201);
        await _store.CompleteAsync(4, "/again", 500);

        var page = await _store.ReadAsync(null, 2);
        page.ShouldBe(
        [
            new AuditEntry(5, Now.AddSeconds(4), "key:a", "function.put", "/v1/functions/f4", null, "127.0.0.1"),
            new AuditEntry(4, Now.AddSeconds(3), "key:a", "function.put", "/other", 201, "127.0.0.1"),
        ]);
        (await _store.ReadAsync(page[^1].Number, 10)).Select(entry => entry.Number).ShouldBe([3, 2, 1]);
    }

    [Fact]
    public async Task The_log_forgets_what_is_older_than_a_time()
    {
        for (var i = 0; i < 5; i++)
        {
            await _store.BeginAsync(new AuditEntry(0, Now.AddDays(i), "key:a", "function.put", $"/v1/functions/f{i}", null, "127.0.0.1"));
        }

        (await _store.ForgetAsync(Now.AddDays(3))).ShouldBe(3);
        (await _store.ForgetAsync(Now.AddDays(3))).ShouldBe(0);
        (await _store.ReadAsync(null, 10)).Select(entry => entry.Target).ShouldBe(["/v1/functions/f4", "/v1/functions/f3"]);
        (await _store.BeginAsync(new AuditEntry(0, Now, "key:a", "function.put", "/again", null, "127.0.0.1"))).ShouldBe(6, "numbers are not given twice");
    }

    public void Dispose()
    {
        _store.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _folder?.Dispose();
    }

    private async Task<ApiKey> AddAsync(string scope)
    {
        var key = new KeyRequest("k", [scope], null, null, null).Make(Now).Key;
        await _store.AddAsync(key);
        return key;
    }
}
