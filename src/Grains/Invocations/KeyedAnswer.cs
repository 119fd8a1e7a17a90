using HeliosEdge.Grains.Abstractions.Functions;

namespace HeliosEdge.Grains.Invocations;

/// <summary>How a call with an idempotency key ended.</summary>
/// <param name="Region">The region that ran it, or the last one that was tried.</param>
/// <param name="Result">The result.</param>
/// <param name="IsReplay">Whether it is that of an earlier call with the key.</param>
public sealed record KeyedAnswer(string Region, InvocationResult Result, bool IsReplay);
