using HeliosEdge.Access.Audit;
using HeliosEdge.Access.Keys;
using HeliosEdge.Sandbox;
using HeliosEdge.Silo.Http;
using Microsoft.AspNetCore.Mvc;

namespace HeliosEdge.Silo.Access;

/// <summary>The log of changes over HTTP.</summary>
internal static class AuditEndpoint
{
    private const int DefaultPage = 100;
    private const int MaxPage = 1_000;

    public static void MapAudit(this WebApplication app) =>
        app.MapGet("/v1/audit", async ([FromQuery] long? before, [FromQuery] int? limit, IAuditLog log) =>
            {
                var size = limit ?? DefaultPage;
                if (size is < 1 or > MaxPage)
                {
                    throw new SandboxException(ErrorCodes.InvalidParameter, $"limit is from 1 to {MaxPage}, not {size}.") { Limit = MaxPage, Value = size };
                }

                var entries = await log.ReadAsync(before, size);
                return JsonResponse.Ok(new AuditPage(entries, entries.Count == size ? entries[^1].Number : null), ApiJson.Legible.AuditPage);
            })
            .Needs(Scopes.Admin)
            .WithTags("Access")
            .WithName("listChanges")
            .WithSummary("Lists changes and who made them, the newest first.")
            .WithDescription($"A page has up to limit entries, {DefaultPage} if not stated. Its member before, as a parameter, asks for the next page.")
            .Produces<AuditPage>()
            .ProducesProblems(StatusCodes.Status400BadRequest);
}
