using HeliosEdge.Grains.Abstractions.Invocations;
using Microsoft.Extensions.Hosting;

namespace HeliosEdge.Grains.Invocations;

/// <summary>Says how asynchronous invocations are, at once or when they have ended.</summary>
public sealed class InvocationLookup(IInvocationStore store, IInvocationWatch watch, IHostApplicationLifetime lifetime)
{
    /// <summary>Milliseconds that anybody waits at most; more is cut down to it.</summary>
    public const int MaxWaitMs = LongPoll.MaxMs;

    /// <summary>Finds an invocation, and waits for its end.</summary>
    /// <param name="id">The invocation.</param>
    /// <param name="waitMs">Milliseconds to wait at most; 0 for not at all. A silo that is about to stop ends the wait.</param>
    /// <param name="maySee">Whether the caller may see what an owner queued.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null if there is none with this id that the caller may see.</returns>
    public async Task<StoredInvocation?> FindAsync(Guid id, int waitMs, Func<string?, bool> maySee, CancellationToken cancellationToken)
    {
        var invocation = await store.FindAsync(id, cancellationToken).ConfigureAwait(false);
        if (invocation is null || !maySee(invocation.Owner))
        {
            return null;
        }

        if (invocation.State >= InvocationState.Succeeded || waitMs <= 0)
        {
            return invocation;
        }

        await LongPoll.WaitAsync(lifetime, (atMost, cancel) => watch.WaitAsync(id, atMost, cancel), waitMs, cancellationToken).ConfigureAwait(false);
        return await store.FindAsync(id, cancellationToken).ConfigureAwait(false);
    }
}
