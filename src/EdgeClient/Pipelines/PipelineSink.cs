namespace HeliosEdge.Client;

/// <summary>What gets the answers of a pipeline's function; one of these.</summary>
public sealed record PipelineSink
{
    /// <summary>A table of the same database, which takes each change exactly once.</summary>
    public string? Table { get; init; }

    /// <summary>A function of the same region.</summary>
    public string? Function { get; init; }

    /// <summary>An address that answers are posted to. The function must have <c>http.outbound</c> and the host among its allowed hosts.</summary>
    public string? Webhook { get; init; }
}
