using HeliosEdge.Access.Keys;
using HeliosEdge.Grains.Abstractions.Databases;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Security;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Databases;
using HeliosEdge.Silo.Http;
using HeliosEdge.Silo.Problems;
using Microsoft.AspNetCore.Mvc;

namespace HeliosEdge.Silo.Triggers;

/// <summary>Triggers over HTTP: guests that judge changes of rows. They are kept in the database that they are for.</summary>
internal static class TriggerEndpoints
{
    private const string Json = "application/json";
    private const int MaxBodyBytes = 64 << 10;

    public static void MapTriggers(this WebApplication app)
    {
        Describe(
            app.MapGet("/v1/triggers", async ([FromQuery] string? region, [FromQuery] string? database, DatabaseRouter router, CancellationToken cancellationToken) =>
                {
                    var where = router.RegionFor(region);
                    var result = await RunAsync(router, where, Order(TriggerAction.List, null, database), cancellationToken);
                    return JsonResponse.Ok(new TriggerList(where, result.Triggers), ApiJson.Legible.TriggerList);
                }).Needs(Scopes.Read),
            "listTriggers",
            "Lists the triggers of a database in a region, with what they have done since the silo began.")
            .Produces<TriggerList>();

        Describe(
            app.MapPut("/v1/triggers/{name}", async Task<IResult> (HttpContext http, string name, [FromQuery] string? region, DatabaseRouter router) =>
                {
                    var order = TriggerBody.Parse(name, await RequestBody.ReadAsync(http.Request, MaxBodyBytes, ErrorCodes.PayloadTooLarge, "The body"));
                    var where = router.RegionFor(region);
                    var result = await router.TriggersAsync(where, order, http.RequestAborted);
                    if (result.Fault is { } fault)
                    {
                        // In a call it is the guest that failed; here it is what was sent.
                        await http.WriteProblemAsync(fault.Code == ErrorCodes.CapabilityDenied
                            ? Problem.Of(fault) with { Status = StatusCodes.Status422UnprocessableEntity }
                            : Problem.Of(fault));
                        return TypedResults.Empty;
                    }

                    return JsonResponse.Put(http.Response, result.IsNew, $"/v1/triggers/{name}?region={where}&database={order.Database}", result.Triggers[0], ApiJson.Legible.TriggerDescription);
                }).Changes("trigger.put", Scopes.Deploy),
            "putTrigger",
            "Has a function judge changes of a table's rows.")
            .WithDescription("Every statement of every caller that changes such a row asks the function, inside its transaction. What is rejected, and what the function fails at, leaves nothing of the transaction.")
            .Accepts<TriggerBody>(Json)
            .Produces<TriggerDescription>(StatusCodes.Status201Created)
            .Produces<TriggerDescription>();

        Describe(
            app.MapDelete("/v1/triggers/{name}", async (string name, [FromQuery] string? region, [FromQuery] string? database, DatabaseRouter router, CancellationToken cancellationToken) =>
                {
                    await RunAsync(router, router.RegionFor(region), Order(TriggerAction.Delete, name, database), cancellationToken);
                    return TypedResults.NoContent();
                }).Changes("trigger.delete", Scopes.Deploy),
            "deleteTrigger",
            "Removes a trigger.")
            .Produces(StatusCodes.Status204NoContent);

        MapSwitch(app, "enable", TriggerAction.Enable, "Has a trigger judge again.");
        MapSwitch(app, "disable", TriggerAction.Disable, "Has a trigger let everything pass.");
    }

    private static void MapSwitch(WebApplication app, string verb, TriggerAction action, string summary) => Describe(
        app.MapPost($"/v1/triggers/{{name}}/{verb}", async (string name, [FromQuery] string? region, [FromQuery] string? database, DatabaseRouter router, CancellationToken cancellationToken) =>
            JsonResponse.Ok(
                (await RunAsync(router, router.RegionFor(region), Order(action, name, database), cancellationToken)).Triggers[0], ApiJson.Legible.TriggerDescription))
            .Changes($"trigger.{verb}", Scopes.Deploy),
        $"{verb}Trigger",
        summary)
        .Produces<TriggerDescription>();

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder endpoint, string name, string summary) => endpoint
        .WithTags("Triggers")
        .WithName(name)
        .WithSummary(summary)
        .ProducesProblems(
            StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound, StatusCodes.Status422UnprocessableEntity, StatusCodes.Status503ServiceUnavailable);

    private static TriggerOrder Order(TriggerAction action, string? name, string? database) =>
        new() { Action = action, Name = name, Database = database ?? SecurityProfile.MainDatabase };

    private static async Task<TriggerResult> RunAsync(DatabaseRouter router, string region, TriggerOrder order, CancellationToken cancellationToken)
    {
        var result = await router.TriggersAsync(region, order, cancellationToken);
        return result.Fault is { } fault ? throw new SandboxException(fault.Code, fault.Message) { Limit = fault.Limit, Value = fault.Value } : result;
    }
}
