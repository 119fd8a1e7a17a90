namespace HeliosEdge.Grains.Functions;

/// <summary>What is kept of functions.</summary>
public sealed record FunctionVersionOptions
{
    /// <summary>The fewest versions that can be kept: the one in force and the one before.</summary>
    public const int MinKept = 2;

    /// <summary>The most versions that can be kept.</summary>
    public const int MaxKept = 10_000;

    /// <summary>How many versions of a function are kept, the newest; those that take calls are kept besides.</summary>
    public int Kept { get; init; } = 100;
}
