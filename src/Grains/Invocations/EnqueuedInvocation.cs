namespace HeliosEdge.Grains.Invocations;

/// <summary>An invocation that is on disk.</summary>
/// <param name="Id">Its id.</param>
/// <param name="IsNew">False if its idempotency key was known, and this is the invocation from then.</param>
/// <param name="HeldBy">What else has the key, so that nothing was queued and no id exists; null where the key is the invocation's.</param>
public readonly record struct EnqueuedInvocation(Guid Id, bool IsNew, KeyHolder? HeldBy = null);
