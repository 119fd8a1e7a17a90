namespace HeliosEdge.Client;

/// <summary>A key that is to be made.</summary>
public sealed record KeyRegistration
{
    /// <summary>What people call the key, 1 to 64 characters.</summary>
    public required string Name { get; init; }

    /// <summary>What it may do: <c>admin</c>, <c>data.read</c>, <c>data.write</c>, <c>deploy</c>, <c>invoke</c>, <c>read</c>.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>Requests a second, on average; null for no limit.</summary>
    public int? Rate { get; init; }

    /// <summary>Requests at once after a quiet time; null for as many as <see cref="Rate"/>.</summary>
    public int? Burst { get; init; }

    /// <summary>How long the key is good, in seconds; null for ever.</summary>
    public long? ExpiresInSeconds { get; init; }
}
