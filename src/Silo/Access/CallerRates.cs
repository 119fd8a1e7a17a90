using System.Threading.RateLimiting;
using HeliosEdge.Access.Keys;

namespace HeliosEdge.Silo.Access;

/// <summary>Holds each caller to the rate of its key: a bucket of tokens each.</summary>
internal sealed class CallerRates : IDisposable
{
    private readonly PartitionedRateLimiter<Caller> _limiter = PartitionedRateLimiter.Create<Caller, string>(caller =>
        caller.Rate is { } rate
            ? RateLimitPartition.GetTokenBucketLimiter(caller.Identity, _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = caller.Burst ?? rate,
                TokensPerPeriod = rate,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                QueueLimit = 0,
            })
            : RateLimitPartition.GetNoLimiter(string.Empty));

    /// <summary>Takes a token; if there is none, says after how many seconds one may be there.</summary>
    public bool TryTake(Caller caller, out int retryAfter)
    {
        retryAfter = 0;
        if (caller.Rate is null)
        {
            return true;
        }

        using var lease = _limiter.AttemptAcquire(caller);
        if (lease.IsAcquired)
        {
            return true;
        }

        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1);
        retryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
        return false;
    }

    public void Dispose() => _limiter.Dispose();
}
