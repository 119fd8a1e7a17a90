using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.Functions;
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
    ModuleRegistry modules,
    BundleRegistry bundles,
    SandboxPolicy policy,
    GuestMemory memory,
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
        _versions = null;
        var (region, name) = FunctionKey.Split(this.GetPrimaryKeyString());
        if (!catalog.Contains(region, name))
        {
            DeactivateOnIdle();
        }

        return Task.CompletedTask;
    }

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
        foreach (var version in versions)
        {
            loaded.Add((await LoadAsync(version.Function, region, maxInstances), version.Weight));
        }

        if (registration == _registration && _versions is null)
        {
            _versions = new WeightedInvokers(loaded);
        }
    }

    private async Task<FunctionInvoker> LoadAsync(FunctionDescription function, string region, int maxInstances)
    {
        var files = ImmutableArray.CreateBuilder<KeyValuePair<string, BundleTree>>(function.Bundles.Count);
        foreach (var (folder, hash) in function.Bundles)
        {
            files.Add(new(folder, await bundles.OpenAsync(hash)));
        }

        return new FunctionInvoker(function, region, modules, policy, _gate, maxInstances, memory, threads, services, files.MoveToImmutable());
    }
}
