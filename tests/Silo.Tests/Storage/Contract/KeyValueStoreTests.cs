using HeliosEdge.Sandbox.HostServices.KeyValue;
using HeliosEdge.Storage;
using HeliosEdge.Storage.Postgres;

namespace HeliosEdge.Silo.Tests.Storage.Contract;

/// <summary>What every store of keys does; here with SQLite, by <see cref="PostgresContractTests"/> with PostgreSQL.</summary>
public sealed class KeyValueStoreTests : IDisposable
{
    private const int MaxBytes = 1_000;
    private const int MaxKeys = 40;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder? _folder;
    private readonly IKeyValueStore _store;

    public KeyValueStoreTests()
    {
        _folder = new TemporaryFolder();
        _store = new SqliteKeyValueStore(Path.Combine(_folder.Path, "keys.db"), MaxBytes, MaxKeys);
    }

    internal KeyValueStoreTests(IStateDatabase database) => _store = new PostgresKeyValueStore((PostgresDatabase)database, MaxBytes, MaxKeys);

    [Fact]
    public void Keys_are_of_a_function_in_a_region()
    {
        Set("a", 1);
        Set("a", 2);

        _store.Get("eu", "f", "a").ShouldBe([2]);
        _store.Get("us", "f", "a").ShouldBeNull();
        _store.Get("eu", "g", "a").ShouldBeNull();
        _store.Delete("us", "f", "a", Patience).ShouldBeFalse();
        _store.Delete("eu", "f", "a", Patience).ShouldBeTrue();
        _store.Delete("eu", "f", "a", Patience).ShouldBeFalse();
        _store.Get("eu", "f", "a").ShouldBeNull();
    }

    [Fact]
    public void Keys_are_listed_by_their_bytes_within_both_bounds()
    {
        foreach (var key in (string[])["b", "a\0b", "a", "ä", "aä", "A"])
        {
            Set(key);
        }

        List("").ShouldBe(["A", "a", "a\0b", "aä", "b", "ä"]);
        List("a").ShouldBe(["a", "a\0b", "aä"]);
        List("", limit: 2).ShouldBe(["A", "a"]);
        List("a", maxBytes: 4).ShouldBe(["a", "a\0b"]);
        List("a", maxBytes: 0).ShouldBeEmpty();

        IReadOnlyList<string> List(string prefix, int limit = 100, int maxBytes = 1_000) => _store.List("eu", "f", prefix, "", limit, maxBytes).Keys;
    }

    [Fact]
    public void A_list_goes_on_after_a_key_and_says_whether_there_are_more()
    {
        foreach (var key in (string[])["A", "a", "a\0b", "aä", "b", "ä"])
        {
            Set(key);
        }

        Page("", "").ShouldBe("A,a,a\0b,aä,b,ä");
        Page("", "", limit: 6).ShouldBe("A,a,a\0b,aä,b,ä");
        Page("", "", limit: 5).ShouldBe("A,a,a\0b,aä,b,…");
        Page("", "a", limit: 2).ShouldBe("a\0b,aä,…");
        Page("a", "a").ShouldBe("a\0b,aä");
        Page("a", "a\0c").ShouldBe("aä");
        Page("a", "aä").ShouldBe("");
        Page("b", "").ShouldBe("b");
        Page("b", "A").ShouldBe("b");
        Page("a", "", maxBytes: 4).ShouldBe("a,a\0b,…");
        Page("a", "", maxBytes: 7).ShouldBe("a,a\0b,aä");

        string Page(string prefix, string after, int limit = 100, int maxBytes = 1_000)
        {
            var page = _store.List("eu", "f", prefix, after, limit, maxBytes);
            return string.Join(',', page.HasMore ? page.Keys.Append("…") : page.Keys);
        }
    }

    [Fact]
    public void Bytes_are_capped()
    {
        _store.TrySet("eu", "f", "a", new byte[MaxBytes - 1], Patience).ShouldBeTrue();
        _store.TrySet("eu", "f", "b", [], Patience).ShouldBeFalse();
        _store.TrySet("eu", "f", "a", new byte[MaxBytes], Patience).ShouldBeFalse();
        _store.TrySet("us", "f", "b", [], Patience).ShouldBeTrue();
        _store.TrySet("eu", "f", "a", new byte[10], Patience).ShouldBeTrue();
        _store.TrySet("eu", "f", "b", new byte[MaxBytes - 12], Patience).ShouldBeTrue();
    }

    [Fact]
    public void The_number_of_keys_is_capped()
    {
        for (var i = 0; i < MaxKeys; i++)
        {
            Set($"k{i}");
        }

        _store.TrySet("eu", "f", "more", [], Patience).ShouldBeFalse();
        _store.TrySet("eu", "f", "k0", [7], Patience).ShouldBeTrue();
        _store.TrySet("eu", "g", "more", [], Patience).ShouldBeTrue();
        _store.Delete("eu", "f", "k1", Patience).ShouldBeTrue();
        _store.TrySet("eu", "f", "more", [], Patience).ShouldBeTrue();
        _store.TrySet("eu", "f", "k1", [], Patience).ShouldBeFalse();
    }

    [Fact]
    public async Task Writers_at_the_same_time_stay_within_the_caps_and_are_counted_right()
    {
        var set = await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(() =>
            Enumerable.Range(0, 10).Count(i => _store.TrySet("eu", "f", $"{writer}-{i}", [1], Patience)))));

        set.Sum().ShouldBe(MaxKeys);
        var keys = _store.List("eu", "f", "", "", 1_000, 100_000).Keys;
        keys.Count.ShouldBe(MaxKeys);

        var deleted = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            keys.Count(key => _store.Delete("eu", "f", key, Patience)))));

        deleted.Sum().ShouldBe(MaxKeys);
        _store.TrySet("eu", "f", "a", new byte[MaxBytes - 1], Patience).ShouldBeTrue();
    }

    [Fact]
    public void Who_has_no_time_left_is_told_so()
    {
        Should.Throw<TimeoutException>(() => _store.TrySet("eu", "f", "a", [], TimeSpan.Zero));
        Should.Throw<TimeoutException>(() => _store.Delete("eu", "f", "a", TimeSpan.Zero));
    }

    public void Dispose()
    {
        (_store as IDisposable)?.Dispose();
        _folder?.Dispose();
    }

    private void Set(string key, params byte[] value) => _store.TrySet("eu", "f", key, value, Patience).ShouldBeTrue();
}
