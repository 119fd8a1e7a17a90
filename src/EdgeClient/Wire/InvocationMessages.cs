namespace HeliosEdge.Client.Wire;

internal sealed record Accepted(Guid Id);

internal sealed record InvocationPage(IReadOnlyList<InvocationInfo> Invocations)
{
    public Guid? Next { get; init; }
}

internal sealed record FanOutBody(IReadOnlyList<string> Regions, FanOutMode Mode, int? Quorum, string PayloadBase64);

/// <summary>A line of a fan-out's answer: a region's, or the summary.</summary>
internal sealed record FanOutLine
{
    public string? Region { get; init; }

    public int Status { get; init; }

    public long DurationUs { get; init; }

    public string? Body { get; init; }

    public string? BodyBase64 { get; init; }

    public FaultInfo? Problem { get; init; }

    public FanOutLineSummary? Summary { get; init; }
}

internal sealed record FanOutLineSummary
{
    public bool Satisfied { get; init; }
}
