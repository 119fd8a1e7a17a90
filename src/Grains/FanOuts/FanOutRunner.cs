using System.Runtime.CompilerServices;
using System.Threading.Channels;
using HeliosEdge.Grains.Abstractions.FanOuts;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Sandbox;
using Microsoft.Extensions.Logging;

namespace HeliosEdge.Grains.FanOuts;

/// <summary>Asks all regions of a fan-out at once and hands their answers on in the order in which they come.</summary>
public sealed partial class FanOutRunner(IInvocationPlacement placement, TimeProvider clock, ILogger<FanOutRunner> log)
{
    /// <summary>How long a region may take where the caller states no deadline: the longest guest, and its wait for a thread.</summary>
    public static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(75);

    /// <summary>A region tells by itself that the deadline has passed; one that does not in this time is given up on.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Runs the fan-out. Every region has until the order's deadline, however long the order was on its way. Once the plan is fulfilled, or the enumeration ends, guests that still run are
    /// interrupted and the sequence ends without them.
    /// </summary>
    /// <param name="plan">Where.</param>
    /// <param name="order">
    /// What each region is asked for; function and region are the plan's. Without a patience of its own it has <see cref="DefaultPatience"/>, counted from the same moment.
    /// </param>
    /// <param name="cancel">Interrupts all.</param>
    public async IAsyncEnumerable<RegionAnswer> RunAsync(
        FanOutPlan plan, InvocationOrder order, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var rest = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var answers = Channel.CreateUnbounded<RegionAnswer>(new UnboundedChannelOptions { SingleReader = true });
        var running = plan.Regions.Select(region => Task.Run(
            async () => answers.Writer.TryWrite(await AskAsync(order with { Function = plan.Function, Region = region }, rest.Token).ConfigureAwait(false)),
            CancellationToken.None)).ToList();
        var succeeded = 0;
        try
        {
            for (var left = running.Count; left > 0 && !(plan.EndsEarly && succeeded >= plan.Needed); left--)
            {
                var answer = await answers.Reader.ReadAsync(cancel).ConfigureAwait(false);
                if (plan.Unsure.Contains(answer.Region) && answer.Result.Fault?.Code == ErrorCodes.FunctionNotFound)
                {
                    continue;
                }

                succeeded += answer.Result.Fault is null ? 1 : 0;
                yield return answer;
            }
        }
        finally
        {
            await rest.CancelAsync().ConfigureAwait(false);

            // They end at once: each gives up waiting when it is cancelled.
            await Task.WhenAll(running).ConfigureAwait(false);
        }
    }

    private async Task<RegionAnswer> AskAsync(InvocationOrder order, CancellationToken rest)
    {
        var (region, started) = (order.Region!, clock.GetTimestamp());
        var patience = order.PatienceMs is { } stated ? TimeSpan.FromMilliseconds(stated) : DefaultPatience;
        using var late = new CancellationTokenSource(order.LeftOf(patience) + Grace, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(rest, late.Token);
        InvocationFault fault;
        try
        {
            var invocation = placement.InvokeAsync(order, stop.Token);
            _ = invocation.ContinueWith(
                failed => LogFailed(log, failed.Exception!.InnerException!, region),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted,
                TaskScheduler.Default);
            return new RegionAnswer(region, (await invocation.WaitAsync(stop.Token).ConfigureAwait(false)).Result, clock.GetElapsedTime(started));
        }
        catch (SandboxException e)
        {
            fault = Functions.Faults.Of(e);
        }
        catch (OperationCanceledException) when (rest.IsCancellationRequested)
        {
            fault = new InvocationFault { Code = ErrorCodes.Cancelled, Message = "The fan-out has ended." };
        }
        catch (OperationCanceledException)
        {
            fault = new InvocationFault
            {
                Code = ErrorCodes.Timeout,
                Message = $"The region has not answered within {patience.TotalMilliseconds:0} ms.",
                Limit = (long)patience.TotalMilliseconds,
            };
        }
        catch (Exception)
        {
            // It is in the log. The other regions' answers are not to be lost for it.
            fault = new InvocationFault { Code = ErrorCodes.PeerFailed, Message = "The region failed; the silo's log says more." };
        }

        return new RegionAnswer(region, new InvocationResult { Fault = fault }, clock.GetElapsedTime(started));
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The region {Region} failed in a fan-out.")]
    private static partial void LogFailed(ILogger log, Exception e, string region);
}
