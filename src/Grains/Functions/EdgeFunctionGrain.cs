using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Abstractions.Modules;
using HeliosEdge.Grains.Bundles;
using HeliosEdge.Grains.Modules;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Wasi.Files.Bundles;
using Orleans;
using Orleans.Concurrency;

namespace HeliosEdge.Grains.Functions;

/// <summary>A function in one region. Reentrant: while a guest runs, on a thread of its own, the next call begins.</summary>
[Reentrant]
[RegionPlacement]
public sealed class EdgeFunctionGrain(
    FunctionCatalog catalog,
    ModuleRegistry registry,
    ModuleCache modules,
    BundleRegistry bundles,
    SandboxPolicy policy,
    GuestThreads threads,
    HostServices services)
    : Grain, IEdgeFunctionGrain
{
    private readonly InstanceGate _gate = new();
    private WeightedInvokers? _versions;
    private int _registration;

    /// <inheritdoc/>
    public Task<InvocationResult> InvokeAsync(FunctionCall call, CancellationToken cancellation) =>
        _versions is { } versions ? versions.Pick().InvokeAsync(call, cancellation) : LoadAndInvokeAsync(call, cancellation);

    /// <inheritdoc/>
    public Task RefreshAsync()
    {
        _registration++;
        _versions?.Dispose();
        _versions = null;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => RefreshAsync();

    private async Task<InvocationResult> LoadAndInvokeAsync(FunctionCall call, CancellationToken cancellation)
    {
        try
        {
            while (_versions is null)
            {
                await LoadAsync();
            }
        }
        catch (SandboxException e)
        {
            DeactivateOnIdle();
            return new InvocationResult { Fault = Faults.Of(e) };
        }

        return await _versions.Pick().InvokeAsync(call, cancellation);
    }

    private async Task LoadAsync()
    {
        var registration = _registration;
        var (region, name) = FunctionKey.Split(this.GetPrimaryKeyString());
        var versions = catalog.Versions(region, name);

        // All versions share the gate: whichever of them runs, none has more instances beside it than it may have itself.
        var maxInstances = versions.Min(version => policy.Clamp(version.Function.Limits.ToResourceLimits(), region).MaxInstances);
        var loaded = new List<(FunctionInvoker Invoker, int Weight)>(versions.Length);
        try
        {
            foreach (var version in versions)
            {
                // Null if the module grain was deactivated in between; the caller's loop then loads all again.
                if (await LoadAsync(version.Function, region, maxInstances) is not { } invoker)
                {
                    return;
                }

                loaded.Add((invoker, version.Weight));
            }

            if (registration == _registration && _versions is null)
            {
                _versions = new WeightedInvokers(loaded);
                loaded = [];
            }
        }
        finally
        {
            loaded.ForEach(version => version.Invoker.Dispose());
        }
    }

    private async Task<FunctionInvoker?> LoadAsync(FunctionDescription function, string region, int maxInstances)
    {
        if (await GrainFactory.GetGrain<IModuleGrain>(function.Module).LoadAsync() is null)
        {
            throw new SandboxException(
                ErrorCodes.ModuleNotFound, $"The function \"{function.Name}\" needs the module {function.Module}, which is not stored here.");
        }

        var files = ImmutableArray.CreateBuilder<KeyValuePair<string, BundleTree>>(function.Bundles.Count);
        foreach (var (folder, hash) in function.Bundles)
        {
            files.Add(new(folder, await bundles.OpenAsync(hash)));
        }

        var lease = policy.Clamp(function.Limits.ToResourceLimits(), region).Fuel is null
            ? await modules.TryLeaseAsync(function.Module)
            : await registry.TryLeaseMeteredAsync(function.Module);
        if (lease is null)
        {
            return null;
        }

        try
        {
            return new FunctionInvoker(function, region, lease, policy, _gate, maxInstances, threads, services, files.MoveToImmutable());
        }
        catch (SandboxException)
        {
            lease.Dispose();
            throw;
        }
    }
}
