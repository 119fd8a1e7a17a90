using System.ComponentModel;
using HeliosEdge.Grains.Abstractions.FanOuts;

namespace HeliosEdge.Silo.Invocations;

/// <summary>A durable fan-out as the API shows it.</summary>
internal sealed record FanOutStatus
{
    [Description("Its id.")]
    public required Guid Id { get; init; }

    [Description("The function's name.")]
    public required string Function { get; init; }

    [Description("all, first or quorum.")]
    public required string Mode { get; init; }

    [Description("running until as many regions have succeeded as were asked for or all have ended; then succeeded or failed.")]
    public required string State { get; init; }

    [Description("How many regions must succeed; with the mode all, those that turn out not to have the function and were asked for by * are taken off.")]
    public required int Needed { get; init; }

    [Description("When it was accepted.")]
    public required DateTimeOffset CreatedAt { get; init; }

    [Description("When it is forgotten; absent until it is decided.")]
    public DateTimeOffset? ExpiresAt { get; init; }

    [Description("The invocation of each region, but for those that were asked for by * and turned out not to have the function.")]
    public required IReadOnlyList<InvocationBody> Regions { get; init; }

    public static FanOutStatus Of(Grains.Abstractions.FanOuts.FanOutStatus status) => new()
    {
        Id = status.Id,
        Function = status.Function,
        Mode = status.Mode switch
        {
            FanOutMode.First => "first",
            FanOutMode.Quorum => "quorum",
            _ => "all",
        },
        State = status.State switch
        {
            FanOutState.Running => "running",
            FanOutState.Succeeded => "succeeded",
            _ => "failed",
        },
        Needed = status.Needed,
        CreatedAt = status.CreatedAt,
        ExpiresAt = status.ExpiresAt,
        Regions = [.. status.Regions.Select(InvocationBody.Of)],
    };
}
