using Orleans;

namespace HeliosEdge.Grains.Abstractions.Functions;

/// <summary>A page of a listing, or why there is none; one of the members is not null.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.FunctionListing")]
public sealed record FunctionListing
{
    /// <summary>The page.</summary>
    [Id(0)]
    public FunctionPage? Page { get; init; }

    /// <summary>Why there is none.</summary>
    [Id(1)]
    public InvocationFault? Refusal { get; init; }
}
