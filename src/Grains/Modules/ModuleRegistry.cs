using HeliosEdge.Grains.Abstractions.Modules;
using Orleans;

namespace HeliosEdge.Grains.Modules;

/// <summary>Takes modules in and looks them up.</summary>
public sealed class ModuleRegistry(IModuleStore store, ModuleCache cache, IGrainFactory grains)
{
    /// <summary>Verifies, compiles and stores a module.</summary>
    /// <param name="bytes">The module.</param>
    /// <param name="statedHash">The hash that the sender says it has, or null.</param>
    /// <returns>The module, and whether it is new.</returns>
    /// <exception cref="Sandbox.SandboxException">
    /// <see cref="Sandbox.ErrorCodes.UntrustedModule"/>: the hash is another. <see cref="Sandbox.ErrorCodes.InvalidModule"/>:
    /// it does not decode, validate or compile.
    /// </exception>
    public async Task<(ModuleDescription Module, bool IsNew)> AddAsync(ReadOnlyMemory<byte> bytes, string? statedHash)
    {
        var hash = ModuleHash.Of(bytes.Span);
        if (statedHash is not null)
        {
            ModuleHash.RequireStated(statedHash, hash);
        }

        using var lease = await cache.LeaseAsync(hash, bytes).ConfigureAwait(false);
        var isNew = await store.AddAsync(hash, bytes).ConfigureAwait(false);

        // While this lease still holds the compiled module, so that the grain takes it over and need not compile it again.
        var description = await FindAsync(hash).ConfigureAwait(false);
        return (description ?? throw new InvalidOperationException($"The module {hash} is gone from the store that just took it."), isNew);
    }

    /// <summary>Leases a stored module, compiled so that its instances can have a limit of fuel; null if there is none with this hash.</summary>
    /// <exception cref="Sandbox.SandboxException"><see cref="Sandbox.ErrorCodes.UntrustedModule"/>: what is stored has another hash.</exception>
    public async Task<ModuleLease?> TryLeaseMeteredAsync(string hash)
    {
        if (await store.ReadAsync(hash).ConfigureAwait(false) is not { } bytes)
        {
            return null;
        }

        ModuleHash.RequireStated(hash, ModuleHash.Of(bytes));
        return await cache.LeaseAsync(hash, bytes, metered: true).ConfigureAwait(false);
    }

    /// <summary>Describes a stored module; null if there is none with this hash.</summary>
    public Task<ModuleDescription?> FindAsync(string hash) => grains.GetGrain<IModuleGrain>(hash).LoadAsync();
}
