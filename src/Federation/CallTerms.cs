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

    /// <summary>What W3C has systems pass on at least.</summary>
    private const int MaxTraceStateChars = 512;

    /// <summary>Reads the headers.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>, naming the header.</exception>
    public static CallTerms Of(HttpRequest request)
    {
        var (parent, state) = Trace(request.Headers);
        return new CallTerms(
            Number(request, HeliosHeaders.Deadline, 1, CallPatience.MaxMs), Number(request, HeliosHeaders.Hops, 0, MaxStatedHops) ?? 0, parent, state);
    }

    /// <summary>The trace that this silo takes part in, else the caller's as it is. What is no trace of W3C goes no further.</summary>
    private static (string? Parent, string? State) Trace(IHeaderDictionary headers)
    {
        if (Activity.Current is { } activity)
        {
            return (activity.Id, activity.TraceStateString);
        }

        var parent = headers.TraceParent;
        if (parent.Count != 1 || !ActivityContext.TryParse(parent[0], traceState: null, out _))
        {
            return default;
        }

        var state = headers.TraceState;
        return (parent[0], state.Count > 0 && state.ToString() is { Length: <= MaxTraceStateChars } text ? text : null);
    }

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
