using HeliosEdge.Grains.Abstractions.Invocations;
using Orleans;
using Orleans.Concurrency;

namespace HeliosEdge.Grains.FanOuts;

/// <summary>One durable fan-out, in memory for as long as somebody waits for it.</summary>
[Reentrant]
public sealed class FanOutGrain(FanOutWatch watch) : Grain, IFanOutGrain
{
    private int _calls;

    /// <inheritdoc/>
    public async Task<bool> WaitAsync(int atMostMs, CancellationToken cancellationToken)
    {
        _calls++;
        try
        {
            return await watch.WaitAsync(Guid.Parse(this.GetPrimaryKeyString()), TimeSpan.FromMilliseconds(atMostMs), cancellationToken);
        }
        finally
        {
            if (--_calls == 0)
            {
                DeactivateOnIdle();
            }
        }
    }
}
