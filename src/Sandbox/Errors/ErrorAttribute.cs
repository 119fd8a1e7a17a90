namespace HeliosEdge.Sandbox.Errors;

/// <summary>What all errors with one code have in common. <see cref="ErrorKind"/> reads it.</summary>
[AttributeUsage(AttributeTargets.Field)]
internal sealed class ErrorAttribute(int status, string title) : Attribute
{
    // The caller's faults are 4xx. A guest that misbehaves is to the caller what a broken upstream is behind a gateway: 502 and 504.
    public int Status => status;

    public string Title => title;

    public Retry Again { get; init; } = Retry.MayPass;

    public int RetryAfterSeconds { get; init; }
}
