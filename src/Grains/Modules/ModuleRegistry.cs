using HeliosEdge.Grains.Abstractions.Modules;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Engines.Compilation;
using Orleans;

namespace HeliosEdge.Grains.Modules;

/// <summary>Takes modules in and looks them up.</summary>
public sealed class ModuleRegistry(IModuleStore store, IModuleSource elsewhere, ModuleCache cache, EngineSet engines, IGrainFactory grains)
{
    /// <summary>Verifies a module, compiles it for the default engine and stores it.</summary>
    /// <param name="bytes">The module.</param>
    /// <param name="statedHash">The hash that the sender says it has, or null.</param>
    /// <param name="caller">Who sends it: each caller has a share of the compilers.</param>
    /// <returns>The module, and whether it is new.</returns>
    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.UntrustedModule"/>: the hash is another. <see cref="ErrorCodes.InvalidModule"/>:
    /// it does not decode, validate or compile. Or as of <see cref="ModuleCache.LeaseAsync"/>.
    /// </exception>
    public async Task<(ModuleDescription Module, bool IsNew)> AddAsync(ReadOnlyMemory<byte> bytes, string? statedHash, string caller)
    {
        var hash = ModuleHash.Of(bytes.Span);
        if (statedHash is not null)
        {
            ModuleHash.RequireStated(statedHash, hash);
        }

        using var lease = await cache.LeaseAsync(hash, new ModuleBuild(engines.Default), () => Task.FromResult(bytes), caller).ConfigureAwait(false);
        var isNew = await store.AddAsync(hash, bytes).ConfigureAwait(false);

        // While this lease still holds the compiled module, so that the grain need not compile it again.
        var description = await FindAsync(hash).ConfigureAwait(false);
        return (description ?? throw new InvalidOperationException($"The module {hash} is gone from the store that just took it."), isNew);
    }

    /// <summary>Leases a module that is in memory; null if it is not.</summary>
    /// <param name="hash">The module's hash.</param>
    /// <param name="build">What it is compiled for.</param>
    public ModuleLease? TryLease(string hash, ModuleBuild build) => cache.TryLease(hash, build);

    /// <summary>Leases a module, brought into memory if it is not there.</summary>
    /// <param name="hash">The module's hash.</param>
    /// <param name="build">What it is to be compiled for; null for the default engine, without fuel.</param>
    /// <param name="caller">Who wants it.</param>
    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.ModuleNotFound"/>; <see cref="ErrorCodes.UntrustedModule"/>: what is stored has another hash; or as <see cref="ModuleCache.LeaseAsync"/>.
    /// </exception>
    public Task<ModuleLease> LeaseAsync(string hash, ModuleBuild? build = null, string caller = CompilePool.Silo) =>
        cache.LeaseAsync(hash, build ?? new ModuleBuild(engines.Default), () => ReadAsync(hash), caller);

    /// <summary>Describes a stored module; null if there is none with this hash.</summary>
    public Task<ModuleDescription?> FindAsync(string hash) => grains.GetGrain<IModuleGrain>(hash).LoadAsync();

    /// <summary>Unloads a module that no function names any more, as soon as no call runs it.</summary>
    public Task ReleaseAsync(string hash)
    {
        cache.Forget(hash);
        return grains.GetGrain<IModuleGrain>(hash).ReleaseAsync();
    }

    private async Task<ReadOnlyMemory<byte>> ReadAsync(string hash)
    {
        var stored = await store.ReadAsync(hash).ConfigureAwait(false);
        if ((stored ?? await elsewhere.FetchAsync(hash).ConfigureAwait(false)) is not { } bytes)
        {
            throw new SandboxException(ErrorCodes.ModuleNotFound, $"No module {hash} is stored; upload it first.");
        }

        // The store's medium may have rotted, or somebody may have written to it behind our back.
        ModuleHash.RequireStated(hash, ModuleHash.Of(bytes));
        if (stored is null)
        {
            await store.AddAsync(hash, bytes).ConfigureAwait(false);
        }

        return bytes;
    }
}
