using HeliosEdge.Sandbox;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Http;
using HeliosEdge.Storage.Watching;

namespace HeliosEdge.Silo.Health;

/// <summary>What a supervisor asks.</summary>
internal static class HealthEndpoints
{
    private static readonly HealthState Ok = new("ok");

    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/healthz", () => JsonResponse.Ok(Ok, ApiJson.Legible.HealthState))
            .OpenToAll()
            .WithTags("Health")
            .WithSummary("Tells that the process lives.")
            .Produces<HealthState>();

        app.MapGet("/readyz", IResult (IHostApplicationLifetime lifetime, StorageHealth storage) =>
                lifetime.ApplicationStopping.IsCancellationRequested ? TypedResults.StatusCode(StatusCodes.Status503ServiceUnavailable)
                : storage.Problems.ToArray() is [_, ..] problems ? throw new SandboxException(ErrorCodes.Unavailable, string.Join(' ', problems))
                : JsonResponse.Ok(Ok, ApiJson.Legible.HealthState))
            .OpenToAll()
            .WithTags("Health")
            .WithSummary("Tells that the silo takes requests: its stores can be used and it is not shutting down.")
            .Produces<HealthState>()
            .ProducesProblems(StatusCodes.Status503ServiceUnavailable);
    }
}
