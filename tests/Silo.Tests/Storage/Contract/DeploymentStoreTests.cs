using HeliosEdge.Grains.Abstractions.Bundles;
using HeliosEdge.Silo.Storage;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Storage.Contract;

/// <summary>What every store of modules, bundles and functions does; here with SQLite, by <see cref="PostgresContractTests"/> with PostgreSQL.</summary>
public sealed class DeploymentStoreTests : IDisposable
{
    private static readonly string Hash = new('a', 64);

    private readonly TemporaryFolder? _folder;
    private readonly SiloDatabase? _owned;
    private readonly SqlModuleStore _modules;
    private readonly SqlBundleStore _bundles;

    public DeploymentStoreTests()
    {
        _folder = new TemporaryFolder();
        _owned = new SiloDatabase(Path.Combine(_folder.Path, "silo.db"));
        _owned.Migrate();
        (_modules, _bundles) = (new(_owned, TimeProvider.System), new(_owned, TimeProvider.System));
    }

    internal DeploymentStoreTests(IStateDatabase database) =>
        (_modules, _bundles) = (new(database, TimeProvider.System), new(database, TimeProvider.System));

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

    public void Dispose()
    {
        _owned?.Dispose();
        _folder?.Dispose();
    }
}
