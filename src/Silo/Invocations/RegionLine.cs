using System.ComponentModel;
using HeliosEdge.Grains.Abstractions.FanOuts;
using HeliosEdge.Silo.Problems;

namespace HeliosEdge.Silo.Invocations;

/// <summary>What one region answered, as a line of a fan-out's answer.</summary>
internal sealed record RegionLine
{
    [Description("The region.")]
    public required string Region { get; init; }

    [Description("The HTTP status that a call of this region alone would have had.")]
    public required int Status { get; init; }

    [Description("From when the region was asked until it had answered, in microseconds.")]
    public required long DurationUs { get; init; }

    [Description("The response, where it is UTF-8.")]
    public string? Body { get; init; }

    [Description("The response in base64, where it is not UTF-8.")]
    public string? BodyBase64 { get; init; }

    [Description("Why there is no response.")]
    public Problem? Problem { get; init; }

    public static RegionLine Of(RegionAnswer answer)
    {
        var problem = answer.Result.Fault is { } fault ? Problem.Of(fault) : null;
        var (text, base64) = problem is null ? GuestText.Of(answer.Result.Response.Span) : default;
        return new RegionLine
        {
            Region = answer.Region,
            Status = problem?.Status ?? StatusCodes.Status200OK,
            DurationUs = (long)answer.Duration.TotalMicroseconds,
            Body = text,
            BodyBase64 = base64,
            Problem = problem,
        };
    }
}
