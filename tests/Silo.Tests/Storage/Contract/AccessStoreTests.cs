using HeliosEdge.Silo.Keys;
using HeliosEdge.Silo.Tests.Running;
using Microsoft.Data.Sqlite;

namespace HeliosEdge.Silo.Tests.Access;

public sealed class SqliteAccessStoreTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();
    private readonly SqliteAccessStore _store;

    public SqliteAccessStoreTests()
    {
        _store = new SqliteAccessStore(_folder.Path);
    }

    [Fact]
    public async Task A_key_is_read_as_it_was_added_by_another_process_too()
    {
        var (key, _) = new KeyRequest("ci", ["deploy", "invoke"], 5, 10, TimeSpan.FromDays(1)).Make(Now);
        await _store.AddAsync(key);
        using var other = new SqliteAccessStore(_folder.Path);

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

        var results = await Task.WhenAll(keys.Select(key => Task.Run(() => _store.RevokeAsync(key.Id, Now, keepAnAdmin: true))));

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
    public void Only_the_owner_can_read_the_file()
    {
        if (!OperatingSystem.IsWindows())
        {
            foreach (var file in Directory.GetFiles(_folder.Path))
            {
                File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);
            }
        }
    }

    [Fact]
    public void A_database_of_a_later_release_is_left_alone()
    {
        using (var connection = new SqliteConnection($"Data Source={_store.Path}"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 99";
            command.ExecuteNonQuery();
        }

        Should.Throw<IOException>(() => new SqliteAccessStore(_folder.Path)).Message.ShouldContain("later release");
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    private async Task<ApiKey> AddAsync(string scope)
    {
        var key = new KeyRequest("k", [scope], null, null, null).Make(Now).Key;
        await _store.AddAsync(key);
        return key;
    }
}
