using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.Bundles;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Storage;
using HeliosEdge.Storage.Catalog;
using HeliosEdge.Storage.Sqlite;

namespace HeliosEdge.Silo.Tests.Storage.Contract;

/// <summary>What every store of modules, bundles and functions does; here with SQLite, by <see cref="PostgresContractTests"/> with PostgreSQL.</summary>
public sealed class DeploymentStoreTests : IDisposable
{
    private static readonly string Hash = new('a', 64);

    private readonly TemporaryFolder? _folder;
    private readonly SiloDatabase? _owned;
    private readonly SqlModuleStore _modules;
    private readonly SqlBundleStore _bundles;
    private readonly SqlFunctionStore _functions;
    private readonly ManualClock _clock = new();

    public DeploymentStoreTests()
    {
        _folder = new TemporaryFolder();
        _owned = new SiloDatabase(Path.Combine(_folder.Path, "silo.db"));
        _owned.Migrate();
        (_modules, _bundles, _functions) = (new(_owned, _clock), new(_owned, _clock), new(_owned, _clock));
    }

    internal DeploymentStoreTests(IStateDatabase database) =>
        (_modules, _bundles, _functions) = (new(database, _clock), new(database, _clock), new(database, _clock));

    [Fact]
    public async Task A_module_is_stored_once()
    {
        var bytes = new byte[300_000];
        Random.Shared.NextBytes(bytes);
        var all = new byte[bytes.Length + 2];
        bytes.CopyTo(all, 1);

        (await _modules.ReadAsync(Hash)).ShouldBeNull();
        (await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => _modules.AddAsync(Hash, all.AsMemory(1, bytes.Length))))))
            .Count(isNew => isNew).ShouldBe(1);
        (await _modules.ReadAsync(Hash)).ShouldBe(bytes);
    }

    [Fact]
    public async Task A_bundle_is_stored_once_and_described()
    {
        var bundle = new BundleDescription { Hash = Hash, Size = 3, Files = 2, FileBytes = 5_000_000_000 };

        (await _bundles.FindAsync(Hash)).ShouldBeNull();
        (await _bundles.ReadAsync(Hash)).ShouldBeNull();
        (await _bundles.AddAsync(bundle, new byte[] { 1, 2, 3 })).ShouldBeTrue();
        (await _bundles.AddAsync(bundle, new byte[] { 1, 2, 3 })).ShouldBeFalse();
        (await _bundles.FindAsync(Hash)).ShouldBe(bundle);
        (await _bundles.ReadAsync(Hash)).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task Versions_are_numbered_kept_and_listed()
    {
        await _modules.AddAsync(Hash, default);
        (await _functions.ReadAllAsync()).ShouldBeEmpty();
        (await _functions.ListVersionsAsync("f", null, 10)).ShouldBeEmpty();
        for (var i = 1; i <= 4; i++)
        {
            var registered = await _functions.AppendAsync(Function("f", entry: $"e{i}"), kept: 10);
            (registered.Current.Version, registered.Current.Entry).ShouldBe((i, $"e{i}"));
            registered.Current.Traffic!.ShouldHaveSingleItem().ShouldBe(new(i, 100));
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        var first = (await _functions.FindVersionAsync("f", 1))!;
        (first.Version, first.Weight, first.Function.Entry, first.Function.Version).ShouldBe((1, 0, "e1", 1));
        first.CreatedAt.ShouldBe(_clock.GetUtcNow() - TimeSpan.FromMinutes(4));
        first.Function.Traffic.ShouldBeNull();
        (await _functions.FindVersionAsync("f", 5)).ShouldBeNull();
        (await _functions.FindVersionAsync("g", 1)).ShouldBeNull();
        (await _functions.ListVersionsAsync("f", null, 2)).Select(version => version.Version).ShouldBe([4, 3]);
        (await _functions.ListVersionsAsync("f", 3, 10)).Select(version => version.Version).ShouldBe([2, 1]);
        (await _functions.ReadAllAsync()).ShouldHaveSingleItem().Current.Entry.ShouldBe("e4");
        (await _functions.ReadAsync("f"))!.Current.Entry.ShouldBe("e4");
        (await _functions.ReadAsync("g")).ShouldBeNull();
    }

    [Fact]
    public async Task Calls_are_divided_among_versions_that_are_there()
    {
        await _modules.AddAsync(Hash, default);
        for (var i = 1; i <= 3; i++)
        {
            await _functions.AppendAsync(Function("f", entry: $"e{i}"), kept: 10);
        }

        (await _functions.SetTrafficAsync("f", Weights((1, 90), (4, 10)))).ShouldBeNull();
        (await _functions.SetTrafficAsync("g", Weights((1, 90)))).ShouldBeNull();
        (await _functions.ReadAllAsync()).Single().Current.Version.ShouldBe(3);

        var divided = (await _functions.SetTrafficAsync("f", Weights((1, 90), (2, 10))))!;
        divided.Versions.Select(version => (version.Function.Entry, version.Weight)).ShouldBe([("e1", 90), ("e2", 10)]);
        var read = (await _functions.ReadAllAsync()).Single();
        read.Versions.Select(version => (version.Function.Entry, version.Weight)).ShouldBe([("e1", 90), ("e2", 10)]);
        read.Current.Traffic!.ShouldBe(Weights((1, 90), (2, 10)));
        (await _functions.ListVersionsAsync("f", null, 10)).Select(version => version.Weight).ShouldBe([0, 10, 90]);
    }

    [Fact]
    public async Task Old_versions_are_dropped_and_their_numbers_not_used_again()
    {
        await _modules.AddAsync(Hash, default);
        for (var i = 0; i < 5; i++)
        {
            await _functions.AppendAsync(Function("f"), kept: 3);
        }

        await _functions.SetTrafficAsync("f", Weights((3, 1)));
        (await _functions.ListVersionsAsync("f", null, 10)).Select(version => version.Version).ShouldBe([5, 4, 3]);
        (await _functions.AppendAsync(Function("f"), kept: 2)).Current.Version.ShouldBe(6);
        (await _functions.ListVersionsAsync("f", null, 10)).Select(version => version.Version).ShouldBe([6, 5]);

        (await _functions.DeleteAsync("f")).ShouldBeTrue();
        (await _functions.DeleteAsync("f")).ShouldBeFalse();
        (await _functions.ReadAllAsync()).ShouldBeEmpty();
        (await _functions.FindVersionAsync("f", 6)).ShouldBeNull();
    }

    [Fact]
    public async Task Those_who_register_at_the_same_time_get_numbers_of_their_own()
    {
        await _modules.AddAsync(Hash, default);

        var numbers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ =>
            Task.Run(async () => (await _functions.AppendAsync(Function("f"), kept: 100)).Current.Version)));

        numbers.Order().ShouldBe(Enumerable.Range(1, 20));
        (await _functions.ReadAllAsync()).ShouldHaveSingleItem().Versions.ShouldHaveSingleItem().Function.Version.ShouldBe(20);
    }

    public void Dispose()
    {
        _owned?.Dispose();
        _folder?.Dispose();
    }
    private static ImmutableSortedDictionary<int, int> Weights(params (int Version, int Weight)[] weights) =>
        weights.ToImmutableSortedDictionary(version => version.Version, version => version.Weight);

    private static FunctionDescription Function(string name, string entry = "handle") => new()
    {
        Name = name,
        Module = Hash,
        Abi = "helios-1",
        Entry = entry,
        Regions = ["eu-west"],
        Limits = new ResourceLimits().ToFunctionLimits(),
    };
}
