namespace HeliosEdge.Client;

/// <summary>Why an invocation has no response.</summary>
/// <param name="Code">The stable code, such as <c>trap</c>.</param>
/// <param name="Status">The HTTP status that a call would have been answered with; null where it does not come over HTTP.</param>
/// <param name="Detail">What happened, for people.</param>
public sealed record FaultInfo(string Code, int? Status, string Detail)
{
    /// <summary>The limit that was broken, where one was.</summary>
    public long? Limit { get; init; }

    /// <summary>The value that broke it, where it is known.</summary>
    public long? Value { get; init; }

    /// <summary>The guest's calls, innermost first; null where it did not trap.</summary>
    public IReadOnlyList<string>? Backtrace { get; init; }

    /// <summary>The exception that a call would have ended with.</summary>
    public EdgeException ToException() => new Wire.Problem { Code = Code, Detail = Detail, Limit = Limit, Value = Value, Backtrace = Backtrace }
        .ToException(Code, (System.Net.HttpStatusCode?)Status);
}
