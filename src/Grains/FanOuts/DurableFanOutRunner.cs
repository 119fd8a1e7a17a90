using System.Globalization;
using System.Runtime.CompilerServices;
using HeliosEdge.Grains.Abstractions.FanOuts;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Abstractions.Invocations;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Sandbox;

namespace HeliosEdge.Grains.FanOuts;

/// <summary>Hands on what the regions of a durable fan-out answer, in the order in which they do; of one that has been decided, what they answered.</summary>
public sealed class DurableFanOutRunner(IInvocationStore invocations, IInvocationWatch watch)
{
    /// <summary>Waits for the regions. The fan-out goes on, whether or not somebody waits.</summary>
    /// <param name="fanOut">The fan-out.</param>
    /// <param name="order">Whose patience each region has; null for <see cref="FanOutRunner.DefaultPatience"/>. Nothing else of it matters.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async IAsyncEnumerable<RegionAnswer> RunAsync(StoredFanOut fanOut, InvocationOrder order, [EnumeratorCancellation] CancellationToken cancel)
    {
        var patience = order.PatienceMs ?? (int)FanOutRunner.DefaultPatience.TotalMilliseconds;
        var left = order.LeftOf(TimeSpan.FromMilliseconds(patience));
        using var rest = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var waits = fanOut.Invocations.Select(id => WaitAsync(id, left, rest.Token)).ToList();
        var succeeded = 0;
        try
        {
            await foreach (var ended in Task.WhenEach(waits).ConfigureAwait(false))
            {
                if (await ended.ConfigureAwait(false) is not { } invocation
                    || invocation.State == InvocationState.Cancelled
                    || fanOut.LeavesOut(invocation))
                {
                    continue;
                }

                var answer = AnswerOf(invocation, patience);
                succeeded += answer.Result.Fault is null ? 1 : 0;
                yield return answer;
                if (fanOut.Mode != FanOutMode.All && succeeded >= fanOut.Needed)
                {
                    break;
                }
            }
        }
        finally
        {
            await rest.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(waits.Cast<Task>()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static RegionAnswer AnswerOf(StoredInvocation invocation, int patience)
    {
        var result = invocation.Response is { } response ? new InvocationResult { Response = response }
            : new InvocationResult
            {
                Fault = invocation.State >= InvocationState.Succeeded && invocation.Fault is { } fault ? fault : new InvocationFault
                {
                    Code = ErrorCodes.Timeout,
                    Message = string.Create(CultureInfo.InvariantCulture, $"The region has not answered within {patience} ms; the invocation {invocation.Id} goes on."),
                    Limit = patience,
                },
            };
        return new RegionAnswer(invocation.Region, result, (invocation.EndedAt - invocation.StartedAt) ?? TimeSpan.FromMilliseconds(patience));
    }

    private async Task<StoredInvocation?> WaitAsync(Guid id, TimeSpan atMost, CancellationToken cancel)
    {
        if (await invocations.FindAsync(id, cancel).ConfigureAwait(false) is { State: < InvocationState.Succeeded })
        {
            await watch.WaitAsync(id, atMost, cancel).ConfigureAwait(false);
        }

        return await invocations.FindAsync(id, cancel).ConfigureAwait(false);
    }
}
