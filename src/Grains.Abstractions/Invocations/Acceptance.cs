using HeliosEdge.Grains.Abstractions.Functions;
using Orleans;

namespace HeliosEdge.Grains.Abstractions.Invocations;

/// <summary>What has become of something that was to be queued.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.Acceptance")]
public sealed record Acceptance
{
    /// <summary>The id by which to ask for it; empty if there is a <see cref="Refusal"/>.</summary>
    [Id(0)]
    public Guid Id { get; init; }

    /// <summary>Why it was not queued; null if it was, now or at an earlier call with the same idempotency key.</summary>
    [Id(1)]
    public InvocationFault? Refusal { get; init; }
}
