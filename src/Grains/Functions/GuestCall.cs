using System.Diagnostics;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Http;
using HeliosEdge.Grains.Modules;
using HeliosEdge.Grains.Procedures;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.Invocations;

namespace HeliosEdge.Grains.Functions;

/// <summary>
/// One invocation, from the queue of the guest threads to its result. What waits for it continues on another thread: this one has other guests to run.
/// One that can be expected to be brief runs on the thread of its caller, if nothing is in its way.
/// </summary>
internal sealed class GuestCall(
    FunctionInvoker invoker,
    InstanceGate gate,
    GuestMemory memory,
    GuestThreads threads,
    ModuleLease lease,
    FunctionCall call,
    StreamedResponse? stream,
    SqlSession? within,
    bool mayRunHere,
    CancellationToken cancellation)
    : TaskCompletionSource<InvocationResult>(TaskCreationOptions.RunContinuationsAsynchronously), IThreadPoolWorkItem, IGatedCall, IMemoryClaim
{
    /// <summary>A caller who has waited this long is better told so than kept waiting.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(10);

    private readonly long _queuedAt = Stopwatch.GetTimestamp();

    // The thread on which it may run before its caller has it; 0 for none.
    private int _caller = mayRunHere ? Environment.CurrentManagedThreadId : 0;

    /// <inheritdoc/>
    public long MemoryBytes { get; } = invoker.Abi.MostMemoryBytes(lease.Module.MostMemoryBytes((long)invoker.Limits.MemoryMiB << 20), invoker.Limits);

    /// <summary>A tenth less than the caller's, who then still hears what it waited for.</summary>
    public TimeSpan Patience => (call.PatienceMs is { } patience && 0.9 * patience < MaxWait.TotalMilliseconds ? TimeSpan.FromMilliseconds(0.9 * patience) : MaxWait)
        - Stopwatch.GetElapsedTime(_queuedAt);

    /// <summary>Runs the guest; called by a guest thread.</summary>
    public void Execute()
    {
        var started = Stopwatch.GetTimestamp();
        var waited = Stopwatch.GetElapsedTime(_queuedAt, started);
        if (waited > MaxWait)
        {
            End();
            SetResult(Faults.Overloaded($"The call waited {waited.TotalSeconds:0.0} s for a guest thread; more than {MaxWait.TotalSeconds:0} s is not worth while."));
            return;
        }

        var response = new ResponseBuffer();
        InvocationFault? fault = null;
        HttpAnswer? answer = null;
        ReadOnlyMemory<byte> body = default;
        try
        {
            if (cancellation.IsCancellationRequested)
            {
                throw new SandboxException(ErrorCodes.Cancelled, "The call was taken back before it began.");
            }

            var scope = ScopeAfter(waited);
            if (call.Http is { } http)
            {
                (answer, body) = HttpInvocation.Run(invoker, lease.Module, http, call.Payload, stream, scope, cancellation);
            }
            else if (invoker.Procedure is not null)
            {
                RunProcedure(scope, response);
            }
            else
            {
                invoker.Abi.Invoke(lease.Module, invoker.Entry, call.Payload.Span, scope.Limits, response, scope, cancellation);
            }
        }
        catch (SandboxException e) when (e.Code == ErrorCodes.Timeout && cancellation.IsCancellationRequested)
        {
            fault = Faults.Of(new SandboxException(ErrorCodes.Cancelled, "The call was taken back while it ran.", e) { Backtrace = e.Backtrace });
        }
        catch (SandboxException e)
        {
            fault = Faults.Of(e);
        }
        catch (Exception e)
        {
            // Not the guest's doing. The caller gets it; this thread has other guests to run.
            End();
            SetException(e);
            return;
        }

        var duration = Stopwatch.GetElapsedTime(started);
        invoker.Record.Add(duration);
        End();
        SetResult(new InvocationResult
        {
            Response = fault is not null ? default : answer is null ? response.Written : body,
            Http = answer,
            Fault = fault,
            Module = invoker.Module,
            Version = invoker.Version,
            Engine = invoker.Engine,
            DurationMicroseconds = (long)duration.TotalMicroseconds,
        });
    }

    /// <summary>Hands the call to the guest threads, once there is memory for it.</summary>
    /// <returns>False if too many wait for memory, which is then the call's result.</returns>
    public bool TryStart()
    {
        if (memory.TryEnter(this))
        {
            return true;
        }

        lease.Dispose();
        SetResult(Faults.OutOfMemory(memory, MemoryBytes, memory.Used, $"{GuestMemory.MaxWaiting} calls wait for memory already."));
        return false;
    }

    /// <inheritdoc/>
    public void Begin()
    {
        // It may be another call's end that begins it, on a thread that has other things to do.
        if (Volatile.Read(ref _caller) == Environment.CurrentManagedThreadId && threads.TryRunHere(this, invoker.Limits.StackKiB << 10))
        {
            return;
        }

        if (!threads.TryRun(this))
        {
            End();
            SetResult(Faults.Overloaded($"All {threads.Count} guest threads are busy and the queue before them is full."));
        }
    }

    /// <summary>From here on it runs on guest threads only: its caller goes on.</summary>
    public void LeaveCaller() => Volatile.Write(ref _caller, 0);

    /// <inheritdoc/>
    public void GiveUp(long used)
    {
        lease.Dispose();
        gate.Leave();
        SetResult(Faults.OutOfMemory(memory, MemoryBytes, used, $"The call waited {Stopwatch.GetElapsedTime(_queuedAt).TotalSeconds:0.0} s for memory."));
    }

    private void RunProcedure(SandboxScope scope, ResponseBuffer response)
    {
        var run = new ProcedureRun(invoker, lease.Module, scope, response, cancellation);
        if (within is null)
        {
            run.Run(call.Payload.Span);
        }
        else
        {
            run.RunWithin(within, call.Payload.Span);
        }
    }

    /// <summary>The function's scope, with less time where the caller has less patience than the function may run.</summary>
    private SandboxScope ScopeAfter(TimeSpan waited)
    {
        if (call.PatienceMs is not { } patience)
        {
            return invoker.Scope;
        }

        var left = patience - (int)waited.TotalMilliseconds;
        return left >= invoker.Limits.TimeoutMs ? invoker.Scope
            : left > 0 ? invoker.Scope.Within(invoker.Limits with { TimeoutMs = left })
            : throw new SandboxException(ErrorCodes.Timeout, $"The caller's deadline of {patience} ms passed before the function could start.")
            {
                Limit = patience,
                Value = (long)waited.TotalMilliseconds,
            };
    }

    private void End()
    {
        lease.Dispose();
        memory.Leave(MemoryBytes);
        gate.Leave();
    }
}
