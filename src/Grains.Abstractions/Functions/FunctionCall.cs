using Orleans;

namespace HeliosEdge.Grains.Abstractions.Functions;

/// <summary>One call of a function in a region.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.FunctionCall")]
public sealed record FunctionCall
{
    /// <summary>What the guest gets; left unchanged until the call has been answered.</summary>
    [Id(0)]
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>Milliseconds that the caller will wait, if they are fewer than the function may run; null for no matter how many.</summary>
    [Id(1)]
    public int? PatienceMs { get; init; }

    /// <summary>The HTTP request that the payload is the body of; null for a call that is none.</summary>
    [Id(2)]
    public HttpCall? Http { get; init; }
}
