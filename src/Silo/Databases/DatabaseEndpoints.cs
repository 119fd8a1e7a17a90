using HeliosEdge.Access.Keys;
using HeliosEdge.Federation;
using HeliosEdge.Grains;
using HeliosEdge.Grains.Abstractions.Databases;
using HeliosEdge.Grains.Databases;
using HeliosEdge.Grains.Pipelines;
using HeliosEdge.Sandbox;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Http;
using HeliosEdge.Silo.Problems;
using Microsoft.AspNetCore.Mvc;

namespace HeliosEdge.Silo.Databases;

/// <summary>SQL over HTTP.</summary>
internal static class DatabaseEndpoints
{
    private const string Json = "application/json";

    private static readonly string Terms =
        $"Without a region it is the silo's first one. The body may have {StatementBody.MaxBytes} bytes; its unknown members are refused. The header {HeliosHeaders.Deadline} says how many milliseconds the caller will wait, {DatabaseLimits.MaxMs} at most, {DatabaseLimits.DefaultMs} if it is not there. A caller who leaves ends the statement. The answer's header {HeliosHeaders.Region} tells where it ran.";

    public static IServiceCollection AddDatabases(this IServiceCollection services) => services
        .AddSingleton<DatabaseRunner>()
        .AddSingleton<TriggerRunner>()
        .AddSingleton<PipelineCall>()
        .AddSingleton<PipelineDriver>()
        .AddHostedService(provider => provider.GetRequiredService<PipelineDriver>())
        .AddSingleton<PipelineRunner>()
        .AddSingleton<DatabaseRouter>();

    public static void MapDatabases(this WebApplication app)
    {
        app.MapGet("/v1/databases", async ([FromQuery] string? region, DatabaseRouter router) =>
            {
                var where = router.RegionFor(region);
                return JsonResponse.Ok(new DatabaseList(where, await router.ListAsync(where)), ApiJson.Legible.DatabaseList);
            })
            .Needs(Scopes.DataRead)
            .WithTags("Databases")
            .WithName("listDatabases")
            .WithSummary("Lists the SQL databases of a region, sorted by name.")
            .Produces<DatabaseList>()
            .ProducesProblems(StatusCodes.Status404NotFound, StatusCodes.Status503ServiceUnavailable);

        Map(app, "query", DatabaseMode.Query)
            .Needs(Scopes.DataRead)
            .WithName("queryDatabase")
            .WithSummary("Runs a statement that only reads, and answers with its rows.")
            .WithDescription(Terms)
            .Accepts<StatementBody>(Json)
            .Produces<StatementAnswer>();

        Map(app, "execute", DatabaseMode.Execute)
            .Changes("data.execute", Scopes.DataWrite)
            .WithName("executeInDatabase")
            .WithSummary("Runs a statement that may change data and tables, in a transaction of its own.")
            .WithDescription(Terms)
            .Accepts<StatementBody>(Json)
            .Produces<StatementAnswer>();

        Map(app, "batch", DatabaseMode.Batch)
            .Changes("data.batch", Scopes.DataWrite)
            .WithName("runBatchInDatabase")
            .WithSummary("Runs statements in one transaction, all or nothing, and answers with a list of what each gave.")
            .WithDescription(
                $"The body is a list of up to {DatabaseLimits.MaxStatements} statements; all answers together may have {DatabaseLimits.MaxAnswerBytes} bytes. {Terms}")
            .Accepts<IReadOnlyList<StatementBody>>(Json)
            .Produces<IReadOnlyList<StatementAnswer>>();
    }

    private static RouteHandlerBuilder Map(WebApplication app, string verb, DatabaseMode mode) =>
        app.MapPost($"/v1/databases/{{db}}/{verb}", (HttpContext http, string db, [FromQuery] string? region, DatabaseRouter router) => RunAsync(http, db, region, mode, router))
            .WithTags("Databases")
            .ProducesProblems(
                StatusCodes.Status400BadRequest,
                StatusCodes.Status404NotFound,
                StatusCodes.Status409Conflict,
                StatusCodes.Status413PayloadTooLarge,
                StatusCodes.Status415UnsupportedMediaType,
                StatusCodes.Status422UnprocessableEntity,
                StatusCodes.Status503ServiceUnavailable,
                StatusCodes.Status504GatewayTimeout);

    private static async Task RunAsync(HttpContext http, string database, string? region, DatabaseMode mode, DatabaseRouter router)
    {
        if (!http.Request.HasJsonContentType())
        {
            throw new SandboxException(
                ErrorCodes.UnsupportedMediaType,
                $"A statement is sent with Content-Type: {Json}, not \"{Names.Shorten(http.Request.ContentType ?? string.Empty)}\".");
        }

        var where = router.RegionFor(region);
        if (http.Features.Get<ChangedResource>() is { } changed)
        {
            changed.Path = $"{changed.Path}?region={where}";
        }

        var patience = CallTerms.Of(http.Request).DeadlineMs;
        var body = await RequestBody.ReadAsync(http.Request, StatementBody.MaxBytes, ErrorCodes.PayloadTooLarge, "The body");
        var order = new DatabaseOrder
        {
            Database = database,
            Mode = mode,
            Statements = mode == DatabaseMode.Batch ? StatementBody.ParseBatch(body) : StatementBody.Parse(body),
            PatienceMs = patience,
        };
        var result = await router.RunAsync(where, order, http.RequestAborted);
        http.Response.Headers[HeliosHeaders.Region] = where;
        if (result.Fault is { } fault)
        {
            await http.WriteProblemAsync(Problem.Of(fault));
            return;
        }

        http.Response.ContentType = Json;
        http.Response.ContentLength = result.Json.Length;
        await http.Response.BodyWriter.WriteAsync(result.Json, http.RequestAborted);
    }
}
