using System.Collections.Immutable;
using Orleans;

namespace HeliosEdge.Grains.ContractTests;

/// <summary>A message with every kind of member that the platform's messages have.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.Tests.Parcel")]
public sealed record Parcel
{
    [Id(0)]
    public required ReadOnlyMemory<byte> Bytes { get; init; }

    [Id(1)]
    public required ImmutableArray<string> Names { get; init; }

    [Id(2)]
    public required ImmutableSortedDictionary<string, string> Map { get; init; }

    [Id(3)]
    public long? Number { get; init; }

    [Id(4)]
    public Parcel? Inner { get; init; }

    [Id(5)]
    public string Text { get; init; } = "";
}
