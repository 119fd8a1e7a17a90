using HeliosEdge.Grains.Abstractions.Modules;
using Orleans;
using Orleans.Concurrency;

namespace HeliosEdge.Grains.Modules;

/// <summary>Keeps one module in this silo's <see cref="ModuleCache"/>, from the first call until none has come for a while.</summary>
[StatelessWorker(1)]
public sealed class ModuleGrain(IModuleStore store, IModuleSource elsewhere, ModuleCache cache) : Grain, IModuleGrain
{
    private ModuleLease? _lease;
    private ModuleDescription? _description;

    /// <inheritdoc/>
    public async Task<ModuleDescription?> LoadAsync()
    {
        if (_description is not null)
        {
            return _description;
        }

        var hash = this.GetPrimaryKeyString();
        var stored = await store.ReadAsync(hash);
        if ((stored ?? await elsewhere.FetchAsync(hash)) is not { } bytes)
        {
            DeactivateOnIdle();
            return null;
        }

        // The store's medium may have rotted, or somebody may have written to it behind our back.
        ModuleHash.RequireStated(hash, ModuleHash.Of(bytes));
        _lease = await cache.LeaseAsync(hash, bytes);
        if (stored is null)
        {
            await store.AddAsync(hash, bytes);
        }

        return _description = ModuleDescriptions.Describe(hash, bytes.Length, _lease.Module);
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _lease?.Dispose();
        return Task.CompletedTask;
    }
}
