using System.Diagnostics;
using System.Globalization;
using HeliosEdge.Grains;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Sandbox;
using Microsoft.AspNetCore.Http;

namespace HeliosEdge.Federation;

/// <summary>What a caller says about an invocation beside the payload.</summary>
/// <param name="DeadlineMs">Milliseconds that the caller will wait, counted from when the request came; null for no matter how many.</param>
/// <param name="Hops">Silos that have passed it on.</param>
/// <param name="TraceParent">The trace that it belongs to; null for none.</param>
/// <param name="TraceState">What tracing systems added to it; null for nothing.</param>
internal sealed record CallTerms(int? DeadlineMs, int Hops, string? TraceParent, string? TraceState)
{
    private const int MaxStatedHops = 100;

    /// <summary>Reads the headers.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>, naming the header.</exception>
    public static CallTerms Of(HttpRequest request) => new(
        Number(request, HeliosHeaders.Deadline, 1, CallPatience.MaxMs),
        Number(request, HeliosHeaders.Hops, 0, MaxStatedHops) ?? 0,
        Activity.Current is { } activity ? activity.Id : request.Headers.TraceParent.Count == 1 ? request.Headers.TraceParent[0] : null,
        Activity.Current is { } stated ? stated.TraceStateString : request.Headers.TraceState.Count > 0 ? request.Headers.TraceState.ToString() : null);

    private static int? Number(HttpRequest request, string header, int min, int max)
    {
        if (!request.Headers.TryGetValue(header, out var values))
        {
            return null;
        }

        return int.TryParse(values.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw new SandboxException(
                ErrorCodes.InvalidParameter, $"{header} must be a whole number from {min} to {max}, not \"{Names.Shorten(values.ToString())}\".");
    }
}
