using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Sandbox;
using Microsoft.Extensions.Logging;

namespace HeliosEdge.Grains.Invocations;

/// <summary>
/// Runs one attempt of an invocation under its lease: renews the lease while the guest runs, stops the guest once the lease is lost, and
/// records how it ended.
/// </summary>
public sealed partial class AttemptRunner(
    IInvocationStore store, IInvocationPlacement placement, RetryPolicy retries, TimeProvider clock, ILogger<AttemptRunner> log)
{
    /// <summary>How long a lease lasts from when it is taken or renewed. Work of a silo that died is run again after this time.</summary>
    public static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(15);

    /// <summary>How often a lease is renewed while its guest runs.</summary>
    public static readonly TimeSpan RenewEvery = LeaseDuration / 3;

    /// <summary>Runs the attempt. Returns once it is recorded, or once the lease is lost.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="cancel">Stops the guest; nothing is recorded then.</param>
    public async Task RunAsync(InvocationAttempt attempt, CancellationToken cancel)
    {
        var lease = new InvocationLease(attempt.Id, attempt.Owner, attempt.Attempt);
        using var running = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var ended = new CancellationTokenSource();
        var renewing = KeepLeaseAsync(lease, attempt.LeaseUntil, running, ended.Token);
        InvocationResult result;
        try
        {
            result = await InvokeAsync(attempt, running.Token).ConfigureAwait(false);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await renewing.ConfigureAwait(false);
        }

        if (!running.IsCancellationRequested)
        {
            await RecordAsync(attempt, lease, result).ConfigureAwait(false);
        }
    }

    private async Task<InvocationResult> InvokeAsync(InvocationAttempt attempt, CancellationToken cancel)
    {
        try
        {
            var order = new InvocationOrder
            {
                Function = attempt.Function,
                Region = attempt.Region,
                Payload = attempt.Payload,
                TraceParent = attempt.TraceParent,
            };
            return (await placement.InvokeAsync(order, cancel).ConfigureAwait(false)).Result;
        }
        catch (SandboxException e)
        {
            return new InvocationResult { Fault = Functions.Faults.Of(e) };
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return new InvocationResult();
        }
        catch (Exception e)
        {
            // The silo's own fault must not lose the work: it is tried again like any other failure that can pass.
            LogFailed(log, e, attempt.Id, attempt.Attempt);
            return new InvocationResult
            {
                Fault = new InvocationFault { Code = "internal_error", Message = "The silo failed at this attempt; its log says more." },
            };
        }
    }

    private Task RecordAsync(InvocationAttempt attempt, InvocationLease lease, InvocationResult result)
    {
        if (result.Fault is not { } fault)
        {
            return store.CompleteAsync(lease, result.Response);
        }

        if (RetryPolicy.HasNotBegun(fault.Code))
        {
            return store.PostponeAsync(lease, fault, clock.GetUtcNow() + retries.PauseAfter(attempt.Postponed));
        }

        var delay = retries.DelayAfter(fault, lease.Attempt);
        return store.FailAsync(lease, fault, delay is { } wait ? clock.GetUtcNow() + wait : null);
    }

    private async Task KeepLeaseAsync(InvocationLease lease, DateTimeOffset until, CancellationTokenSource running, CancellationToken ended)
    {
        try
        {
            while (true)
            {
                await Task.Delay(RenewEvery, clock, ended).ConfigureAwait(false);
                var asked = clock.GetUtcNow();
                try
                {
                    if (!await store.RenewAsync(lease, LeaseDuration, ended).ConfigureAwait(false))
                    {
                        await running.CancelAsync().ConfigureAwait(false);
                        return;
                    }

                    until = asked + LeaseDuration;
                }
                catch (Exception e) when (!ended.IsCancellationRequested)
                {
                    LogRenewalFailed(log, e is SandboxException { Code: ErrorCodes.Unavailable } ? null : e, lease.Id);
                }

                // Before somebody else may take the work over, not after.
                if (clock.GetUtcNow() + RenewEvery >= until)
                {
                    await running.CancelAsync().ConfigureAwait(false);
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The guest has answered.
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Attempt {Attempt} of the invocation {Id} failed in the silo.")]
    private static partial void LogFailed(ILogger log, Exception e, Guid id, int attempt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The lease of the invocation {Id} could not be renewed.")]
    private static partial void LogRenewalFailed(ILogger log, Exception? e, Guid id);
}
