namespace HeliosEdge.Silo.Invocations;

/// <summary>The last line of a fan-out's answer.</summary>
/// <param name="Summary">How the fan-out went.</param>
internal sealed record SummaryLine(FanOutSummary Summary);

/// <summary>How a fan-out went.</summary>
/// <param name="Satisfied">Whether as many regions succeeded as were asked for.</param>
/// <param name="Needed">How many regions had to succeed.</param>
/// <param name="Succeeded">Regions that answered with a response.</param>
/// <param name="Failed">Regions that answered with a problem.</param>
/// <param name="Cancelled">Regions that were no longer waited for; their guests were interrupted.</param>
/// <param name="DurationUs">How long all of it took, in microseconds.</param>
internal sealed record FanOutSummary(
    bool Satisfied,
    int Needed,
    int Succeeded,
    int Failed,
    int Cancelled,
    long DurationUs);
