using System.Collections.Immutable;
using System.Diagnostics;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Http;
using HeliosEdge.Grains.Modules;
using HeliosEdge.Grains.Procedures;
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
/// A function ready to run, its limits resolved. Every invocation gets an instance of its own, and holds the module for as long as it is under
/// way: between calls the module may go from memory, and comes back with the next one.
/// </summary>
internal sealed class FunctionInvoker
{
    private readonly ModuleRegistry _modules;
    private readonly InstanceGate _gate;
    private readonly int _maxInstances;
    private readonly GuestMemory _memory;
    private readonly GuestThreads _threads;
    private readonly ModuleBuild _build;

    // What every call is answered where the operator does not allow the engine any more; null where it may run.
    private readonly InvocationResult? _refused;

    /// <summary>Makes the invoker.</summary>
    /// <param name="function">The version of the function.</param>
    /// <param name="region">Where it runs.</param>
    /// <param name="modules">Where its module is.</param>
    /// <param name="policy">What the operator lets it have.</param>
    /// <param name="engines">The engines that the operator allows.</param>
    /// <param name="gate">Counts the instances of all versions together.</param>
    /// <param name="maxInstances">How many instances all versions may have together.</param>
    /// <param name="memory">What all guests have together.</param>
    /// <param name="threads">Where guests run.</param>
    /// <param name="services">What guests may call.</param>
    /// <param name="bundles">The files of its bundles, by folder.</param>
    public FunctionInvoker(
        FunctionDescription function,
        string region,
        ModuleRegistry modules,
        SandboxPolicy policy,
        EngineSet engines,
        InstanceGate gate,
        int maxInstances,
        GuestMemory memory,
        GuestThreads threads,
        HostServiceSet services,
        ImmutableArray<KeyValuePair<string, BundleTree>> bundles)
    {
        _modules = modules;
        _gate = gate;
        _maxInstances = maxInstances;
        _memory = memory;
        _threads = threads;
        Version = function.Version;
        Module = function.Module;
        Entry = function.Entry;
        Procedure = function.Procedure;
        Abi = GuestAbis.TryFind(function.Abi, out var abi)
            ? abi
            : throw new SandboxException(
                ErrorCodes.InvalidParameter, $"The function \"{function.Name}\" is registered with abi {function.Abi}, which this version does not speak.");

        // The operator may have lowered a ceiling, or taken a capability back, since the function was registered.
        Limits = WithinMemory(policy.Clamp(function.Limits.ToResourceLimits(), region));
        var profile = function.ToProfile();
        policy.CheckSql(profile, region);
        if (engines.TryFind(function.Engine, out var engine, out var refusal))
        {
            _build = new ModuleBuild(engine, Limits.Fuel is not null);
        }
        else
        {
            _refused = Faults.EngineRefused(function, refusal);
        }

        Scope = new SandboxScope(function.Name, region, policy.Within(profile, region), Limits, services, function.ToGuestSettings(bundles));
    }

    public int Version { get; }

    public string Module { get; }

    public string Entry { get; }

    public IGuestAbi Abi { get; }

    /// <summary>What makes it a procedure; null for any other function.</summary>
    public ProcedureTerms? Procedure { get; }

    public ResourceLimits Limits { get; }

    public SandboxScope Scope { get; }

    /// <summary>How long its calls take.</summary>
    public BriefRecord Record { get; } = new();

    /// <summary>The name of the engine that runs it.</summary>
    public string Engine => _build.Engine.Name;

    /// <summary>Runs the function once on a guest thread; how it went is in the result.</summary>
    public Task<InvocationResult> InvokeAsync(FunctionCall call, StreamedResponse? stream, SqlSession? within, CancellationToken cancellation)
    {
        if (_refused is not null)
        {
            return Task.FromResult(_refused);
        }

        if (Procedure is not null && ProcedureFaults.Of(Scope.Function, Procedure, call, within) is { } misplaced)
        {
            return Task.FromResult(new InvocationResult { Fault = misplaced });
        }

        // An envelope is nothing before its end: no instance is taken before the body is whole.
        if (stream?.Request is { } coming && !Abi.StreamsHttp)
        {
            return TakeBodyAndInvokeAsync(coming, call, cancellation);
        }

        var payload = call.Payload;
        if (payload.Length > Limits.MaxPayloadBytes)
        {
            return Task.FromResult(Faults.PayloadTooLarge(Limits.MaxPayloadBytes, payload.Length));
        }

        return _modules.TryLease(Module, _build) is { } lease
            ? InvokeAsync(lease, call, stream, within, cancellation)
            : LoadAndInvokeAsync(call, stream, within, cancellation);
    }

    /// <summary>Makes the function ready for many calls on this thread, within the time that somebody waits for all of them.</summary>
    /// <exception cref="SandboxException">It cannot be made ready; the code says why.</exception>
    public IGuestSession OpenSession(SqlPatience patience)
    {
        if (_refused?.Fault is { } refused)
        {
            throw new SandboxException(refused.Code, refused.Message);
        }

        if (!SqlFunctionCheck.IsAllowed(Scope.Profile))
        {
            throw new SandboxException(ErrorCodes.CapabilityDenied, SqlFunctionCheck.Refusal(Scope.Function, Scope.Profile));
        }

        var left = (int)Math.Min(patience.Remaining.TotalMilliseconds, Limits.TimeoutMs);
        if (left <= 0)
        {
            throw new SandboxException(ErrorCodes.Timeout, $"There was no time left to call \"{Scope.Function}\" in.");
        }

        return GuestSession.Open(this, _gate, _maxInstances, _memory, () => _modules.TryLease(Module, _build) ?? Load(patience), Scope.Within(Limits with { TimeoutMs = left }), patience.Cancellation);
    }

    private ModuleLease Load(SqlPatience patience)
    {
        using var waiting = GuestThreads.Wait();
        var leasing = _modules.LeaseAsync(Module, _build);
        try
        {
            return leasing.WaitAsync(patience.Remaining, patience.Cancellation).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            Forgo(leasing);
            throw new SandboxException(ErrorCodes.Compiling, $"The module of \"{Scope.Function}\" is still being compiled.", e);
        }
    }

    /// <summary>Limits with which one call alone never needs more than all guests may have together.</summary>
    private ResourceLimits WithinMemory(ResourceLimits limits)
    {
        var fits = 1;
        for (int above = limits.MemoryMiB + 1; above - fits > 1;)
        {
            var middle = (fits + above) / 2;
            if (Abi.MostMemoryBytes((long)middle << 20, limits with { MemoryMiB = middle }) <= _memory.MaxBytes)
            {
                fits = middle;
            }
            else
            {
                above = middle;
            }
        }

        return limits with { MemoryMiB = fits };
    }

    private async Task<InvocationResult> TakeBodyAndInvokeAsync(StreamedRequest body, FunctionCall call, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        ReadOnlyMemory<byte> payload;
        try
        {
            payload = await body.WholeAsync(Limits.MaxPayloadBytes, cancellation).ConfigureAwait(false);
        }
        catch (SandboxException e)
        {
            return new InvocationResult { Fault = Faults.Of(e) };
        }

        return await InvokeAsync(AfterWait(call, started) with { Payload = payload }, stream: null, within: null, cancellation).ConfigureAwait(false);
    }

    /// <summary>What the caller has waited is not the guest's, but of what the caller will wait it is less.</summary>
    private static FunctionCall AfterWait(FunctionCall call, long since) => call.PatienceMs is { } stated
        ? call with { PatienceMs = Math.Max(1, stated - (int)Stopwatch.GetElapsedTime(since).TotalMilliseconds) }
        : call;

    private async Task<InvocationResult> LoadAndInvokeAsync(FunctionCall call, StreamedResponse? stream, SqlSession? within, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        var leasing = _modules.LeaseAsync(Module, _build);
        ModuleLease lease;
        try
        {
            var patience = TimeSpan.FromMilliseconds(call.PatienceMs ?? int.MaxValue);
            lease = await leasing.WaitAsync(patience < GuestCall.MaxWait ? patience : GuestCall.MaxWait, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException) when (!leasing.IsFaulted)
        {
            Forgo(leasing);
            return Faults.Compiling(Stopwatch.GetElapsedTime(started));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            Forgo(leasing);
            return new InvocationResult { Fault = Faults.Of(new SandboxException(ErrorCodes.Cancelled, "The call was taken back before it began.")) };
        }
        catch (SandboxException e)
        {
            return new InvocationResult { Fault = Faults.Of(e) };
        }

        return await InvokeAsync(lease, AfterWait(call, started), stream, within, cancellation).ConfigureAwait(false);
    }

    /// <summary>Lets a module be loaded for whoever calls next.</summary>
    private static void Forgo(Task<ModuleLease> leasing) => leasing.ContinueWith(
        static leased => leased.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);

    private Task<InvocationResult> InvokeAsync(ModuleLease lease, FunctionCall call, StreamedResponse? stream, SqlSession? within, CancellationToken cancellation)
    {
        // What waits for its caller to read, or for anything else, is brief only as long as that is. The region's own database is a file, for which a procedure
        // waits only where another writes to it, and a procedure is one guest among those that write, whichever thread it is on.
        var mayRunHere = Record.IsBrief && !(Procedure is null ? Scope.Profile.MayWait : Scope.Profile.MayWaitBesideMain) && (stream is null || !Abi.StreamsHttp);
        var guest = new GuestCall(this, _gate, _memory, _threads, lease, call, stream, within, mayRunHere, cancellation);
        if (_gate.TryEnter(guest, _maxInstances))
        {
            guest.LeaveCaller();
            return guest.Task;
        }

        lease.Dispose();
        return Task.FromResult(Faults.TooManyInstances(_maxInstances));
    }
}
