using System.Globalization;
using HeliosEdge.Federation;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Silo.Http;

namespace HeliosEdge.Silo.Functions;

/// <summary>What the answers to all kinds of calls have in common.</summary>
internal static class InvocationAnswer
{
    /// <summary>Says which region, version, module and engine ran, and how long where that is known.</summary>
    public static void Tell(HttpResponse response, string region, InvocationResult result)
    {
        response.Headers[HeliosHeaders.Region] = region;
        if (result.Module.Length > 0)
        {
            if (result.DurationMicroseconds > 0)
            {
                response.Headers[HeliosHeaders.Duration] = result.DurationMicroseconds.ToString(CultureInfo.InvariantCulture);
            }

            response.Headers[HeliosHeaders.Version] = result.Version.ToString(CultureInfo.InvariantCulture);
            response.Headers[HeliosHeaders.ModuleHash] = result.Module;
        }

        if (result.Engine is { Length: > 0 } engine)
        {
            response.Headers[HeliosHeaders.Engine] = engine;
        }
    }

    /// <summary>The problems that a call may end in.</summary>
    public static RouteHandlerBuilder ProducesInvocationProblems(this RouteHandlerBuilder endpoint) => endpoint.ProducesProblems(
        StatusCodes.Status400BadRequest,
        StatusCodes.Status404NotFound,
        StatusCodes.Status413PayloadTooLarge,
        StatusCodes.Status429TooManyRequests,
        StatusCodes.Status502BadGateway,
        StatusCodes.Status503ServiceUnavailable,
        StatusCodes.Status504GatewayTimeout,
        StatusCodes.Status508LoopDetected);
}
