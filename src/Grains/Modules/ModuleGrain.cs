using HeliosEdge.Grains.Abstractions.Modules;
using HeliosEdge.Sandbox;
using Orleans;
using Orleans.Concurrency;

namespace HeliosEdge.Grains.Modules;

/// <summary>Describes one module, which it has compiled for that if need be.</summary>
[StatelessWorker(1)]
public sealed class ModuleGrain(ModuleRegistry registry) : Grain, IModuleGrain
{
    private ModuleDescription? _description;

    /// <inheritdoc/>
    public async Task<ModuleDescription?> LoadAsync()
    {
        if (_description is not null)
        {
            return _description;
        }

        try
        {
            var hash = this.GetPrimaryKeyString();
            using var lease = await registry.LeaseAsync(hash);
            return _description = ModuleDescriptions.Describe(hash, lease.ModuleBytes, lease.Module);
        }
        catch (SandboxException e) when (e.Code == ErrorCodes.ModuleNotFound)
        {
            DeactivateOnIdle();
            return null;
        }
    }

    /// <inheritdoc/>
    public Task ReleaseAsync()
    {
        _description = null;
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
