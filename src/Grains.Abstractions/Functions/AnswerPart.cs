using Orleans;

namespace HeliosEdge.Grains.Abstractions.Functions;

/// <summary>A part of an answer that comes while the guest writes it: one of the three.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.AnswerPart")]
public sealed record AnswerPart
{
    /// <summary>The head, in a result that is otherwise not known yet; null for other parts.</summary>
    [Id(0)]
    public InvocationResult? Begin { get; init; }

    /// <summary>The next piece of the body; empty for other parts.</summary>
    [Id(1)]
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>How the call ended, with the response unless it came in pieces; null for other parts.</summary>
    [Id(2)]
    public InvocationResult? End { get; init; }
}
