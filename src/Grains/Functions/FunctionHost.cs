using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Bundles;
using HeliosEdge.Grains.Http;
using HeliosEdge.Grains.Modules;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Abi;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Wasi.Files.Bundles;

namespace HeliosEdge.Grains.Functions;

/// <summary>
/// A function in one region on this silo: what is ready to run of its registration, and the count of its instances, which goes on from one registration
/// to the next. Used by many threads.
/// </summary>
internal sealed class FunctionHost(
    string region, ModuleRegistry modules, BundleRegistry bundles, SandboxPolicy policy, EngineSet engines, GuestMemory memory, GuestThreads threads, HostServiceSet services)
{
    private readonly InstanceGate _gate = new();
    private readonly Lock _making = new();
    private Ready? _ready;

    /// <summary>Runs the function once as it is registered.</summary>
    public Task<InvocationResult> InvokeAsync(
        RegisteredFunction registration, FunctionCall call, StreamedResponse? stream, SqlSession? within, CancellationToken cancellation)
    {
        var ready = Volatile.Read(ref _ready);
        return ready is not null && ready.Registration == registration && ready.Versions.IsCompletedSuccessfully
            ? ready.Versions.Result.Pick().InvokeAsync(call, stream, within, cancellation)
            : MakeAndInvokeAsync(registration, call, stream, within, cancellation);
    }

    /// <summary>Makes the function ready for the rows of a statement.</summary>
    /// <exception cref="SandboxException">It cannot be made ready.</exception>
    public IGuestSession OpenSession(RegisteredFunction registration, SqlPatience patience)
    {
        var making = VersionsAsync(registration);
        if (making.IsCompleted)
        {
            return making.GetAwaiter().GetResult().Pick().OpenSession(patience);
        }

        try
        {
            using var waiting = GuestThreads.Wait();
            making.WaitAsync(patience.Remaining is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero, patience.Cancellation).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            throw new SandboxException(ErrorCodes.Timeout, "The function was not ready to run before the statement's time was over.", e);
        }

        return making.Result.Pick().OpenSession(patience);
    }

    /// <summary>Lets go of what is ready to run, unless it is what is in force.</summary>
    public void Retire(RegisteredFunction now)
    {
        lock (_making)
        {
            if (_ready?.Registration != now)
            {
                _ready = null;
            }
        }
    }

    private async Task<InvocationResult> MakeAndInvokeAsync(
        RegisteredFunction registration, FunctionCall call, StreamedResponse? stream, SqlSession? within, CancellationToken cancellation)
    {
        WeightedInvokers versions;
        try
        {
            versions = await VersionsAsync(registration).ConfigureAwait(false);
        }
        catch (SandboxException e)
        {
            return new InvocationResult { Fault = Faults.Of(e) };
        }

        return await versions.Pick().InvokeAsync(call, stream, within, cancellation).ConfigureAwait(false);
    }

    private async Task<WeightedInvokers> VersionsAsync(RegisteredFunction registration)
    {
        var ready = ReadyFor(registration);
        try
        {
            return await ready.Versions.ConfigureAwait(false);
        }
        catch (SandboxException)
        {
            // The next call tries again.
            Interlocked.CompareExchange(ref _ready, null, ready);
            throw;
        }
    }

    // Those who call while it is made wait for the same one.
    private Ready ReadyFor(RegisteredFunction registration)
    {
        lock (_making)
        {
            return _ready is { } ready && ready.Registration == registration ? ready : _ready = new Ready(registration, Task.Run(() => MakeAsync(registration)));
        }
    }

    private async Task<WeightedInvokers> MakeAsync(RegisteredFunction registration)
    {
        var versions = registration.Versions.RemoveAll(version => !version.Function.Regions.Contains(region));

        // All versions share the gate: whichever of them runs, none has more instances beside it than it may have itself.
        var maxInstances = versions.Min(version => policy.Clamp(version.Function.Limits.ToResourceLimits(), region).MaxInstances);
        var made = new List<(FunctionInvoker Invoker, int Weight)>(versions.Length);
        foreach (var (function, weight) in versions)
        {
            made.Add((await MakeAsync(function, maxInstances).ConfigureAwait(false), weight));
        }

        return new WeightedInvokers(made);
    }

    private async Task<FunctionInvoker> MakeAsync(FunctionDescription function, int maxInstances)
    {
        var files = ImmutableArray.CreateBuilder<KeyValuePair<string, BundleTree>>(function.Bundles.Count);
        foreach (var (folder, hash) in function.Bundles)
        {
            files.Add(new(folder, await bundles.OpenAsync(hash).ConfigureAwait(false)));
        }

        return new FunctionInvoker(function, region, modules, policy, engines, _gate, maxInstances, memory, threads, services, files.MoveToImmutable());
    }

    private sealed record Ready(RegisteredFunction Registration, Task<WeightedInvokers> Versions);
}
