namespace HeliosEdge.Client;

/// <summary>A region that a silo serves, or knows to be served by another one.</summary>
/// <param name="Name">The region's name, such as <c>eu-west</c>.</param>
/// <param name="Functions">How many functions are registered in it; of another silo's region, when that silo was asked last.</param>
public sealed record RegionInfo(string Name, int Functions)
{
    /// <summary><c>local</c>; for a region of another silo <c>up</c>, <c>down</c>, or <c>unknown</c> before that silo was asked.</summary>
    public string State
    {
        // Silos of an earlier release know no other regions and do not say.
        get => field ?? "local";
        init;
    }

    /// <summary>The address of the silo that serves it; null if it is the one that was asked.</summary>
    public string? Address { get; init; }

    /// <summary>Milliseconds from the one silo to the other and back; null if none were measured.</summary>
    public double? LatencyMs { get; init; }

    /// <summary>When the other silo answered last; null for never, or where there is no other.</summary>
    public DateTimeOffset? LastContact { get; init; }

    /// <summary>Why it is down; null if it is not.</summary>
    public string? Problem { get; init; }
}
