using System.Collections.Concurrent;
using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.Bundles;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Bundles;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Modules;

namespace HeliosEdge.Cluster.Tests;

/// <summary>What the silos of a cluster share, in memory.</summary>
internal sealed class Stores : IModuleStore, IFunctionStore, IBundleStore
{
    private readonly ConcurrentDictionary<string, byte[]> _modules = new();
    private readonly ConcurrentDictionary<string, FunctionDescription> _functions = new();

    public Task<bool> AddAsync(string hash, ReadOnlyMemory<byte> bytes) => Task.FromResult(_modules.TryAdd(hash, bytes.ToArray()));

    Task<byte[]?> IModuleStore.ReadAsync(string hash) => Task.FromResult(_modules.GetValueOrDefault(hash));

    Task<IReadOnlyCollection<string>> IModuleStore.ListAsync() => Task.FromResult<IReadOnlyCollection<string>>([.. _modules.Keys]);

    Task<IReadOnlyCollection<string>> IModuleStore.ForgetAsync(DateTimeOffset before) => throw new NotSupportedException("These tests forget no module.");

    public Task<IReadOnlyList<RegisteredFunction>> ReadAllAsync() =>
        Task.FromResult<IReadOnlyList<RegisteredFunction>>([.. _functions.Values.Select(Registered)]);

    Task<RegisteredFunction?> IFunctionStore.ReadAsync(string name) =>
        Task.FromResult(_functions.TryGetValue(name, out var function) ? Registered(function) : null);

    // Of each function there is one version, the newest.
    public Task<RegisteredFunction> AppendAsync(FunctionDescription definition, int kept) => Task.FromResult(Registered(_functions.AddOrUpdate(
        definition.Name, definition with { Version = 1 }, (_, before) => definition with { Version = before.Version + 1 })));

    public Task<RegisteredFunction?> SetTrafficAsync(string name, ImmutableSortedDictionary<int, int> weights) =>
        throw new NotSupportedException("These tests divide no traffic.");

    public Task<FunctionVersion?> FindVersionAsync(string name, int version) => throw new NotSupportedException("These tests look at no versions.");

    public Task<IReadOnlyList<FunctionVersion>> ListVersionsAsync(string name, int? before, int count) =>
        throw new NotSupportedException("These tests look at no versions.");

    public Task<bool> DeleteAsync(string name) => Task.FromResult(_functions.TryRemove(name, out _));

    public Task<bool> AddAsync(BundleDescription bundle, ReadOnlyMemory<byte> archive) => throw new NotSupportedException("These tests have no bundles.");

    public Task<BundleDescription?> FindAsync(string hash) => Task.FromResult<BundleDescription?>(null);

    Task<byte[]?> IBundleStore.ReadAsync(string hash) => Task.FromResult<byte[]?>(null);

    private static RegisteredFunction Registered(FunctionDescription function) => new([new WeightedVersion(function, 100)]);
}
