namespace HeliosEdge.Grains.Invocations;

/// <summary>An asynchronous invocation that is on disk.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Region">Where it runs, or ran.</param>
/// <param name="IsNew">False if its idempotency key was known, and this is the invocation from then.</param>
public readonly record struct AcceptedInvocation(Guid Id, string Region, bool IsNew);
