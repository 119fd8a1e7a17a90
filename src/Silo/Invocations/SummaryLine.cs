using System.ComponentModel;

namespace HeliosEdge.Silo.Invocations;

/// <summary>The last line of a fan-out's answer.</summary>
/// <param name="Summary">How it went.</param>
internal sealed record SummaryLine([property: Description("How the fan-out went.")] FanOutSummary Summary);

/// <summary>How a fan-out went.</summary>
/// <param name="Satisfied">Whether as many regions succeeded as were asked for.</param>
/// <param name="Needed">How many regions had to succeed.</param>
/// <param name="Succeeded">Regions that answered with a response.</param>
/// <param name="Failed">Regions that answered with a problem.</param>
/// <param name="Cancelled">Regions that were no longer waited for.</param>
/// <param name="DurationUs">How long all of it took, in microseconds.</param>
internal sealed record FanOutSummary(
    [property: Description("Whether as many regions succeeded as were asked for.")] bool Satisfied,
    [property: Description("How many regions had to succeed.")] int Needed,
    [property: Description("Regions that answered with a response.")] int Succeeded,
    [property: Description("Regions that answered with a problem.")] int Failed,
    [property: Description("Regions that were no longer waited for; their guests were interrupted.")] int Cancelled,
    [property: Description("How long all of it took, in microseconds.")] long DurationUs);
