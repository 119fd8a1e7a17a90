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
    private FunctionInvoker? _invoker;
    private int _registration;

    /// <inheritdoc/>
    public Task<InvocationResult> InvokeAsync(FunctionCall call, CancellationToken cancellation) =>
        _invoker is { } invoker ? invoker.InvokeAsync(call, cancellation) : LoadAndInvokeAsync(call, cancellation);

    /// <inheritdoc/>
    public Task RefreshAsync()
    {
        _registration++;
        _invoker?.Dispose();
        _invoker = null;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => RefreshAsync();

    private async Task<InvocationResult> LoadAndInvokeAsync(FunctionCall call, CancellationToken cancellation)
    {
        try
        {
            while (_invoker is null)
            {
                await LoadAsync();
            }
        }
        catch (SandboxException e)
        {
            DeactivateOnIdle();
            return new InvocationResult { Fault = Faults.Of(e) };
        }

        return await _invoker.InvokeAsync(call, cancellation);
    }

    private async Task LoadAsync()
    {
        var registration = _registration;
        var (region, name) = FunctionKey.Split(this.GetPrimaryKeyString());
        var function = catalog.Find(region, name);
        if (await GrainFactory.GetGrain<IModuleGrain>(function.Module).LoadAsync() is null)
        {
            throw new SandboxException(
                ErrorCodes.ModuleNotFound, $"The function \"{name}\" needs the module {function.Module}, which is not stored here.");
        }

        var files = ImmutableArray.CreateBuilder<KeyValuePair<string, BundleTree>>(function.Bundles.Count);
        foreach (var (folder, hash) in function.Bundles)
        {
            files.Add(new(folder, await bundles.OpenAsync(hash)));
        }

        // Null if the module grain was deactivated in between; the caller's loop then loads it again.
        var lease = policy.Clamp(function.Limits.ToResourceLimits(), region).Fuel is null
            ? await modules.TryLeaseAsync(function.Module)
            : await registry.TryLeaseMeteredAsync(function.Module);
        if (registration == _registration && _invoker is null && lease is not null)
        {
            _invoker = new FunctionInvoker(function, region, lease, policy, _gate, threads, services, files.MoveToImmutable());
        }
        else
        {
            lease?.Dispose();
        }
    }
}
