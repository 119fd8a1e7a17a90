using System.Text.Json;
using HeliosEdge.Access.Keys;
using HeliosEdge.Grains.Abstractions.Pipelines;
using HeliosEdge.Grains.Pipelines;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Security;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Databases;
using HeliosEdge.Silo.Http;
using Microsoft.AspNetCore.Mvc;

namespace HeliosEdge.Silo.Pipelines;

/// <summary>Pipelines over HTTP: functions that get the changes of tables. They are kept in the database that they are for.</summary>
internal static class PipelineEndpoints
{
    private const string Json = "application/json";
    private const int MaxBodyBytes = 64 << 10;

    public static void MapPipelines(this WebApplication app)
    {
        Describe(
            app.MapGet("/v1/pipelines", async ([FromQuery] string? region, [FromQuery] string? database, DatabaseRouter router, CancellationToken cancellationToken) =>
                {
                    var where = router.RegionFor(region);
                    var result = await RunAsync(router, where, Order(PipelineAction.List, null, database), cancellationToken);
                    return JsonResponse.Ok(new PipelineList(where, result.Pipelines), ApiJson.Legible.PipelineList);
                }).Needs(Scopes.Read),
            "listPipelines",
            "Lists the pipelines of a database in a region, with how far each has come.")
            .Produces<PipelineList>();

        Describe(
            app.MapPut("/v1/pipelines/{name}", async (HttpContext http, string name, [FromQuery] string? region, DatabaseRouter router) =>
                {
                    var terms = PipelineBody.Parse(await RequestBody.ReadAsync(http.Request, MaxBodyBytes, ErrorCodes.PayloadTooLarge, "The body"));
                    var where = router.RegionFor(region);
                    var order = Order(PipelineAction.Put, name, terms.Source.Database) with { Terms = terms };
                    var result = await RunAsync(router, where, order, http.RequestAborted);
                    return JsonResponse.Put(http.Response, result.IsNew, $"/v1/pipelines/{name}?region={where}&database={order.Database}", result.Pipelines[0], ApiJson.Legible.PipelineDescription);
                }).Changes("pipeline.put", Scopes.Deploy),
            "putPipeline",
            "Has a function get the changes of tables, in the order in which they were committed.")
            .WithDescription("Changes are delivered at least once; to a sink that is a table of the same database exactly once. One pipeline with the same name is replaced and goes on where it was.")
            .Accepts<PipelineBody>(Json)
            .Produces<PipelineDescription>(StatusCodes.Status201Created)
            .Produces<PipelineDescription>();

        Describe(
            app.MapDelete("/v1/pipelines/{name}", async (string name, [FromQuery] string? region, [FromQuery] string? database, DatabaseRouter router, CancellationToken cancellationToken) =>
                {
                    await RunAsync(router, router.RegionFor(region), Order(PipelineAction.Delete, name, database), cancellationToken);
                    return TypedResults.NoContent();
                }).Changes("pipeline.delete", Scopes.Deploy),
            "deletePipeline",
            "Removes a pipeline with all that is held for it.")
            .Produces(StatusCodes.Status204NoContent);

        MapSwitch(app, "pause", PipelineAction.Pause, "Has a pipeline wait; changes are held for it.");
        MapSwitch(app, "resume", PipelineAction.Resume, "Has a pipeline go on that waits or has stopped.");

        Describe(
            app.MapPost("/v1/pipelines/{name}/replay", async (HttpContext http, string name, [FromQuery] string? region, [FromQuery] string? database, DatabaseRouter router) =>
                {
                    var from = ReplayBody.Parse(await RequestBody.ReadAsync(http.Request, MaxBodyBytes, ErrorCodes.PayloadTooLarge, "The body"));
                    var order = Order(PipelineAction.Replay, name, database) with { From = from };
                    return JsonResponse.Ok((await RunAsync(router, router.RegionFor(region), order, http.RequestAborted)).Pipelines[0], ApiJson.Legible.PipelineDescription);
                }).Changes("pipeline.replay", Scopes.Deploy),
            "replayPipeline",
            "Has a pipeline deliver again from a position, or from a snapshot.")
            .Accepts<ReplayBody>(Json)
            .Produces<PipelineDescription>();

        MapDead(app);
    }

    private static void MapDead(WebApplication app)
    {
        Describe(
            app.MapGet("/v1/pipelines/{name}/dead", async (
                string name, [FromQuery] string? region, [FromQuery] string? database, [FromQuery] long? after, [FromQuery] int? count, DatabaseRouter router, CancellationToken cancellationToken) =>
                {
                    var order = Order(PipelineAction.ListDead, name, database) with { DeadId = after ?? 0, Count = count ?? PipelineLimits.DefaultDeadCount };
                    var result = await RunAsync(router, router.RegionFor(region), order, cancellationToken);
                    return JsonResponse.Ok(new DeadChangeList([.. result.Dead.Select(View)]), ApiJson.Legible.DeadChangeList);
                }).Needs(Scopes.DataRead),
            "listDeadChanges",
            "Lists changes that a pipeline's function, or its sink, did not take; the oldest first.")
            .Produces<DeadChangeList>();

        Describe(
            app.MapPost("/v1/pipelines/{name}/dead/{id:long}/retry", async (
                string name, long id, [FromQuery] string? region, [FromQuery] string? database, DatabaseRouter router, CancellationToken cancellationToken) =>
                {
                    await RunAsync(router, router.RegionFor(region), Order(PipelineAction.RetryDead, name, database) with { DeadId = id }, cancellationToken);
                    return TypedResults.NoContent();
                }).Changes("pipeline.retry", Scopes.Deploy),
            "retryDeadChange",
            "Delivers a dead change once more, and forgets it if it is taken.")
            .Produces(StatusCodes.Status204NoContent);

        Describe(
            app.MapDelete("/v1/pipelines/{name}/dead/{id:long}", async (
                string name, long id, [FromQuery] string? region, [FromQuery] string? database, DatabaseRouter router, CancellationToken cancellationToken) =>
                {
                    await RunAsync(router, router.RegionFor(region), Order(PipelineAction.DiscardDead, name, database) with { DeadId = id }, cancellationToken);
                    return TypedResults.NoContent();
                }).Changes("pipeline.discard", Scopes.Deploy),
            "discardDeadChange",
            "Forgets a dead change.")
            .Produces(StatusCodes.Status204NoContent);
    }

    private static void MapSwitch(WebApplication app, string verb, PipelineAction action, string summary) => Describe(
        app.MapPost($"/v1/pipelines/{{name}}/{verb}", async (string name, [FromQuery] string? region, [FromQuery] string? database, DatabaseRouter router, CancellationToken cancellationToken) =>
            JsonResponse.Ok(
                (await RunAsync(router, router.RegionFor(region), Order(action, name, database), cancellationToken)).Pipelines[0], ApiJson.Legible.PipelineDescription))
            .Changes($"pipeline.{verb}", Scopes.Deploy),
        $"{verb}Pipeline",
        summary)
        .Produces<PipelineDescription>();

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder endpoint, string name, string summary) => endpoint
        .WithTags("Pipelines")
        .WithName(name)
        .WithSummary(summary)
        .ProducesProblems(
            StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound, StatusCodes.Status409Conflict, StatusCodes.Status422UnprocessableEntity, StatusCodes.Status503ServiceUnavailable);

    private static PipelineOrder Order(PipelineAction action, string? name, string? database) =>
        new() { Action = action, Name = name, Database = database ?? SecurityProfile.MainDatabase };

    private static DeadChangeView View(DeadChangeDescription change)
    {
        using var document = JsonDocument.Parse(change.Event);
        return new DeadChangeView(change.Id, document.RootElement.Clone(), change.Code, change.Message, change.At);
    }

    private static async Task<PipelineResult> RunAsync(DatabaseRouter router, string region, PipelineOrder order, CancellationToken cancellationToken)
    {
        var result = await router.PipelinesAsync(region, order, cancellationToken);
        return result.Fault is { } fault ? throw new SandboxException(fault.Code, fault.Message) { Limit = fault.Limit, Value = fault.Value } : result;
    }
}
