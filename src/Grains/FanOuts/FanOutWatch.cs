using HeliosEdge.Grains.Abstractions.FanOuts;
using HeliosEdge.Grains.Abstractions.Invocations;
using HeliosEdge.Grains.Invocations;

namespace HeliosEdge.Grains.FanOuts;

/// <summary>Waits for a durable fan-out and cancels what is no longer wanted once it is decided.</summary>
public sealed class FanOutWatch(IFanOutStore fanOuts, IInvocationStore invocations, IInvocationWatch watch)
{
    /// <summary>Waits until a fan-out is decided.</summary>
    /// <param name="id">The fan-out.</param>
    /// <param name="atMost">How long at most.</param>
    /// <param name="cancel">Ends the wait at once.</param>
    /// <returns>False if it is not decided; true also if there is none.</returns>
    public async Task<bool> WaitAsync(Guid id, TimeSpan atMost, CancellationToken cancel)
    {
        if (await fanOuts.FindAsync(id, cancel).ConfigureAwait(false) is not { } fanOut || fanOut.IsDecided)
        {
            return true;
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var left = fanOut.Invocations.ToHashSet();
        var waits = fanOut.Invocations.Select(invocation => WaitForAsync(invocation, atMost, ended.Token)).ToList();
        try
        {
            var succeeded = 0;
            await foreach (var first in Task.WhenEach(waits).ConfigureAwait(false))
            {
                var (invocation, hasEnded) = await first.ConfigureAwait(false);
                if (!hasEnded)
                {
                    return false;
                }

                left.Remove(invocation);
                succeeded += await invocations.FindAsync(invocation, cancel).ConfigureAwait(false) is { State: InvocationState.Succeeded } ? 1 : 0;
                if (fanOut.Mode != FanOutMode.All && succeeded >= fanOut.Needed)
                {
                    break;
                }
            }

            await Task.WhenAll(left.Select(watch.CancelAsync)).ConfigureAwait(false);
            await fanOuts.DecideAsync(id, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task<(Guid Invocation, bool HasEnded)> WaitForAsync(Guid invocation, TimeSpan atMost, CancellationToken cancel)
    {
        try
        {
            return (invocation, await watch.WaitAsync(invocation, atMost, cancel).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            return (invocation, false);
        }
    }
}
