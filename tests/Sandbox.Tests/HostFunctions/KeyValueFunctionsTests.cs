using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Sandbox.Abi.Helios1;
using HeliosEdge.Sandbox.HostServices.KeyValue;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Security;
using HeliosEdge.Sandbox.Tests.Storage;
using Microsoft.Data.Sqlite;

namespace HeliosEdge.Sandbox.Tests.HostFunctions;

public sealed class KeyValueFunctionsTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFile _file = new();
    private readonly GuestLines _log = new();
    private readonly SqliteKeyValueStore _store;

    public KeyValueFunctionsTests()
    {
        _store = new SqliteKeyValueStore(_file.Path, maxBytes: 2_000_000);
    }

    [Fact]
    public void Keys_are_set_read_listed_and_deleted_by_guests()
    {
        Code("get", "a").ShouldBe(1);
        Code("set", "a=one").ShouldBe(0);
        Code("set", "a=two").ShouldBe(0);
        Code("set", "ab=").ShouldBe(0);
        Code("set", "ä=three").ShouldBe(0);
        Text("get", "a").ShouldBe("two");
        Text("get", "ab").ShouldBe("");
        JsonSerializer.Deserialize<string[]>(Text("list", "")).ShouldBe(["a", "ab", "ä"]);
        JsonSerializer.Deserialize<string[]>(Text("list", "a")).ShouldBe(["a", "ab"]);
        JsonSerializer.Deserialize<string[]>(Text("list", "x")).ShouldBe([]);
        Code("delete", "a").ShouldBe(0);
        Code("delete", "a").ShouldBe(1);
        Code("get", "a").ShouldBe(1);
    }

    [Fact]
    public void Functions_and_regions_do_not_see_each_others_keys()
    {
        Code("set", "a=mine");

        Text("get", "a", "other").ShouldBe("\u0001\0\0\0");
        Text("get", "a", region: "us").ShouldBe("\u0001\0\0\0");
        JsonSerializer.Deserialize<string[]>(Text("list", "", "other")).ShouldBe([]);
    }

    [Fact]
    public void Keys_survive_the_store()
    {
        Code("set", "a=kept");
        _store.Dispose();

        using var again = new SqliteKeyValueStore(_file.Path);
        again.Get("eu", "f", "a").ShouldBe("kept"u8.ToArray());
    }

    [Fact]
    public void Sizes_are_capped()
    {
        Code("set", new string('k', 1_024) + "=v").ShouldBe(0);
        Code("set", new string('k', 1_025) + "=v").ShouldBe(-4);
        Code("get", new string('k', 1_025)).ShouldBe(-4);
        Code("set", "=v").ShouldBe(-5);
        Code("set", "v=" + new string('v', 1 << 20)).ShouldBe(0);
        Code("set", "v=" + new string('v', (1 << 20) + 1)).ShouldBe(-4);
        Code("set", "w=" + new string('v', 1 << 20)).ShouldBe(-5);
        Code("set", "v=" + new string('w', 1 << 20)).ShouldBe(0);
        Code("delete", "v").ShouldBe(0);
        Code("set", "w=" + new string('v', 1 << 20)).ShouldBe(0);
    }

    [Fact]
    public void A_list_is_cut_where_it_gets_too_large()
    {
        for (var i = 0; i < 300; i++)
        {
            Code("set", $"{i:000}{new string('k', 1_000)}=").ShouldBe(0);
        }

        var listed = JsonSerializer.Deserialize<string[]>(Text("list", ""))!;

        listed.Length.ShouldBe((256 << 10) / 1_003);
        listed[^1].ShouldStartWith("260");
        _log.Lines.Count(line => line.Contains("there are more; kv_list_after gives them all", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public void A_guest_that_asks_on_gets_all_of_more_keys_than_fit_and_is_told_when_it_has_them()
    {
        var wide = Enumerable.Range(0, 600).Select(i => $"w{i:000}{new string('ä', 500)}").ToList();
        var many = Enumerable.Range(0, 1_500).Select(i => $"m{i:0000}").ToList();
        foreach (var key in wide.Concat(many))
        {
            _store.TrySet("eu", "f", key, [], Patience).ShouldBeTrue();
        }

        All("w", 3).ShouldBe(wide);
        All("m", 2).ShouldBe(many);
        All("x", 1).ShouldBeEmpty();
        Code("list_after_code", "m=m0499").ShouldBe(0);
        Code("list_after_code", "m=m0498").ShouldBe(1);
        Code("list_after_code", "m=").ShouldBe(1);
        Code("list_after_code", "m=zz").ShouldBe(0);
        Code("list_after_code", "m=" + new string('k', 1_025)).ShouldBe(-4);
        _log.Lines.ShouldNotContain(line => line.Contains("kv_list", StringComparison.Ordinal));

        List<string> All(string prefix, int expectedPages)
        {
            var keys = new List<string>();
            for (var pages = 1; ; pages++)
            {
                var from = $"{prefix}={keys.LastOrDefault()}";
                var hasMore = Code("list_after_code", from) == 1;
                keys.AddRange(JsonSerializer.Deserialize<string[]>(Text("list_after", from))!);
                if (!hasMore)
                {
                    pages.ShouldBe(expectedPages);
                    return keys;
                }
            }
        }
    }

    [Fact]
    public async Task A_store_of_an_earlier_release_knows_how_many_keys_it_has()
    {
        using var file = new TemporaryFile();
        await using (var connection = new SqliteConnection($"Data Source={file.Path};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = """
                CREATE TABLE entries (
                    region TEXT NOT NULL, function TEXT NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL,
                    PRIMARY KEY (region, function, key)) STRICT, WITHOUT ROWID;
                CREATE TABLE usage (
                    region TEXT NOT NULL, function TEXT NOT NULL, bytes INTEGER NOT NULL,
                    PRIMARY KEY (region, function)) STRICT, WITHOUT ROWID;
                INSERT INTO entries VALUES ('eu', 'f', X'61', X'01'), ('eu', 'f', X'62', X'02'), ('us', 'f', X'61', X'03');
                INSERT INTO usage VALUES ('eu', 'f', 4), ('us', 'f', 2);
                """;
            await command.ExecuteNonQueryAsync();
        }

        using var store = new SqliteKeyValueStore(file.Path, maxKeys: 2);

        store.TrySet("eu", "f", "c", [], Patience).ShouldBeFalse();
        store.TrySet("us", "f", "c", [], Patience).ShouldBeTrue();
        store.TrySet("us", "f", "d", [], Patience).ShouldBeFalse();
        store.Get("eu", "f", "b").ShouldBe([2]);
    }

    [Fact]
    public void What_is_wrong_with_an_out_pointer_is_told_to_the_guest()
    {
        Code("set", "a=1");

        Code("get_null", "a").ShouldBe(-6);
        Code("get_null_length", "a").ShouldBe(-7);
        Code("get_outside", "a").ShouldBe(-2);
        BinaryPrimitives.ReadInt32LittleEndian(Invoke("get", [0xC0, 0x80])).ShouldBe(-3);
    }

    [Fact]
    public void A_guest_that_may_read_only_is_refused_what_writes()
    {
        using var module = Guests.Compile("keys");

        var refused = Should.Throw<SandboxException>(
            () => new Helios1Abi().CheckModule(module, "get", new ResourceLimits(), SecurityProfile.Resolve(null, ["kv.read"])));
        refused.Code.ShouldBe(ErrorCodes.CapabilityDenied);
        refused.Message.ShouldContain("heliosdb.kv_set needs kv.write; heliosdb.kv_delete needs kv.write");
    }

    [Fact]
    public void A_writer_that_has_no_time_left_is_told_so() =>
        Should.Throw<TimeoutException>(() => _store.TrySet("eu", "f", "a", [], TimeSpan.FromMilliseconds(-1)));

    [Fact]
    public void The_store_does_what_a_dictionary_does() => Prop.ForAll<(byte Key, byte[] Value)[]>(steps =>
    {
        var function = Guid.NewGuid().ToString();
        var model = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var (number, value) in steps)
        {
            var key = $"k\0{number % 5}";
            if (value is { Length: > 0 })
            {
                _store.TrySet("eu", function, key, value, Patience).ShouldBeTrue();
                model[key] = value;
            }
            else
            {
                _store.Delete("eu", function, key, Patience).ShouldBe(model.Remove(key));
            }

            _store.Get("eu", function, key).ShouldBe(model.GetValueOrDefault(key));
        }

        _store.List("eu", function, "k", "", 100, 1 << 20).Keys.ShouldBe(model.Keys);
        _store.List("eu", function, "k\0", "", 1, 1 << 20).Keys.ShouldBe(model.Keys.Take(1));
        _store.List("eu", function, "k", "k\01", 100, 1 << 20).Keys.ShouldBe(model.Keys.Where(key => string.CompareOrdinal(key, "k\01") > 0));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(30));

    public void Dispose()
    {
        _store.Dispose();
        _file.Dispose();
    }

    private int Code(string entry, string payload)
    {
        var response = Invoke(entry, Encoding.UTF8.GetBytes(payload));
        response.Length.ShouldBe(4);
        return BinaryPrimitives.ReadInt32LittleEndian(response);
    }

    private string Text(string entry, string payload, string function = "f", string region = "eu") =>
        Encoding.UTF8.GetString(Invoke(entry, Encoding.UTF8.GetBytes(payload), function, region));

    private byte[] Invoke(string entry, byte[] payload, string function = "f", string region = "eu")
    {
        using var module = Guests.Compile("keys");
        var limits = new ResourceLimits { MaxPayloadBytes = 2 << 20, MaxResponseBytes = 2 << 20, TimeoutMs = 30_000 };
        var profile = SecurityProfile.Resolve("edge", []);
        var abi = new Helios1Abi();
        abi.CheckModule(module, entry, limits, profile);
        var response = new ArrayBufferWriter<byte>();
        abi.Invoke(
            module, entry, payload, limits, response, new SandboxScope(function, region, profile, limits, new HostServiceSet { Log = _log, Services = [_store] }));
        return response.WrittenSpan.ToArray();
    }
}
