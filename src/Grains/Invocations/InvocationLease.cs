namespace HeliosEdge.Grains.Invocations;

/// <summary>The right to run one attempt of an invocation. It is lost once it has run out and somebody else has taken the work.</summary>
/// <param name="Id">The invocation.</param>
/// <param name="Owner">Who runs it.</param>
/// <param name="Attempt">Which attempt this is: a lease of an earlier one is worth nothing, even to the same owner.</param>
public readonly record struct InvocationLease(Guid Id, string Owner, int Attempt);
