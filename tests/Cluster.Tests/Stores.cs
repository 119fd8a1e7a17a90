using System.Collections.Concurrent;
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

    public Task<IReadOnlyList<FunctionDescription>> ReadAllAsync() => Task.FromResult<IReadOnlyList<FunctionDescription>>([.. _functions.Values]);

    Task<FunctionDescription?> IFunctionStore.ReadAsync(string name) => Task.FromResult(_functions.GetValueOrDefault(name));

    public Task PutAsync(FunctionDescription function)
    {
        _functions[function.Name] = function;
        return Task.CompletedTask;
    }

    public Task<bool> DeleteAsync(string name) => Task.FromResult(_functions.TryRemove(name, out _));

    public Task<bool> AddAsync(BundleDescription bundle, ReadOnlyMemory<byte> archive) => throw new NotSupportedException("These tests have no bundles.");

    public Task<BundleDescription?> FindAsync(string hash) => Task.FromResult<BundleDescription?>(null);

    Task<byte[]?> IBundleStore.ReadAsync(string hash) => Task.FromResult<byte[]?>(null);
}
