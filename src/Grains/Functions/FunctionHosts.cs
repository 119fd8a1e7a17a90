using System.Collections.Concurrent;
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

namespace HeliosEdge.Grains.Functions;

/// <summary>
/// Runs functions on this silo. A call runs what the catalog has at that moment: what is ready to run is made again when the registration has
/// become another object. Used by many threads.
/// </summary>
public sealed class FunctionHosts(
    FunctionCatalog catalog, ModuleRegistry modules, BundleRegistry bundles, SandboxPolicy policy, EngineSet engines, GuestMemory memory, GuestThreads threads, HostServiceSet services)
{
    private readonly ConcurrentDictionary<(string Region, string Name), FunctionHost> _hosts = new();
    private readonly Func<(string Region, string Name), FunctionHost> _make = key => new FunctionHost(key.Region, modules, bundles, policy, engines, memory, threads, services);

    /// <summary>Runs a function once. Whatever goes wrong with it is in the result.</summary>
    /// <param name="region">Where.</param>
    /// <param name="name">The function's name.</param>
    /// <param name="call">The call.</param>
    /// <param name="stream">Takes the answer to an HTTP request while the guest writes it, and may bring the request's body; null for an answer that comes with the result.</param>
    /// <param name="cancellation">Ends the call, where it has not ended yet, with the fault <see cref="ErrorCodes.Cancelled"/>.</param>
    public Task<InvocationResult> InvokeAsync(string region, string name, FunctionCall call, StreamedResponse? stream, CancellationToken cancellation) =>
        InvokeAsync(region, name, call, stream, within: null, cancellation);

    /// <summary>Calls a procedure for a guest.</summary>
    /// <param name="region">Where.</param>
    /// <param name="name">The procedure's name.</param>
    /// <param name="call">The call.</param>
    /// <param name="within">The transaction of the procedure that calls it; null for one of its own.</param>
    /// <param name="cancellation">Ends the call.</param>
    internal Task<InvocationResult> InvokeProcedureAsync(string region, string name, FunctionCall call, SqlSession? within, CancellationToken cancellation) =>
        catalog.TryFind(name)?.CurrentIn(region)?.Procedure is null
            ? Task.FromResult(new InvocationResult
            {
                Fault = Faults.Of(new SandboxException(ErrorCodes.ProcedureNotFound, $"No procedure \"{Names.Shorten(name)}\" is registered in {region}.")),
            })
            : InvokeAsync(region, name, call, stream: null, within, cancellation);

    private Task<InvocationResult> InvokeAsync(string region, string name, FunctionCall call, StreamedResponse? stream, SqlSession? within, CancellationToken cancellation)
    {
        if (catalog.TryFind(name) is not { } registration || !registration.TakesCallsIn(region))
        {
            return Task.FromResult(new InvocationResult { Fault = Faults.Of(catalog.NotFound(region, name)) });
        }

        return HostOf(region, name).InvokeAsync(registration, call, stream, within, cancellation);
    }

    /// <summary>Makes a function ready for the rows of a statement, on the thread that runs the statement.</summary>
    /// <param name="region">Where.</param>
    /// <param name="name">The function's name.</param>
    /// <param name="patience">How long the statement may take.</param>
    /// <exception cref="SandboxException">It cannot be made ready; the code says why.</exception>
    internal IGuestSession OpenSession(string region, string name, SqlPatience patience) =>
        catalog.TryFind(name) is { } registration && registration.TakesCallsIn(region)
            ? HostOf(region, name).OpenSession(registration, patience)
            : throw catalog.NotFound(region, name);

    /// <summary>Lets go of what was made for registrations of a function that are not in force any more. Calls that are under way end with what they began with.</summary>
    public void Retire(string name, IEnumerable<string> regions)
    {
        var now = catalog.TryFind(name);
        foreach (var region in regions)
        {
            if (now?.TakesCallsIn(region) != true)
            {
                _hosts.TryRemove((region, name), out _);
                services.Escapes.Forget(name, region);
            }
            else if (_hosts.TryGetValue((region, name), out var host))
            {
                host.Retire(now);
            }
        }
    }

    private FunctionHost HostOf(string region, string name)
    {
        if (!_hosts.TryGetValue((region, name), out var host))
        {
            host = _hosts.GetOrAdd((region, name), _make);
            if (catalog.TryFind(name)?.TakesCallsIn(region) != true)
            {
                // It was deleted meanwhile, and what retires hosts may have been there already.
                _hosts.TryRemove((region, name), out _);
            }
        }

        return host;
    }
}
