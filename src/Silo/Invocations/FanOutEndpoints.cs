using System.Diagnostics;
using System.Text.Json;
using HeliosEdge.Access.Keys;
using HeliosEdge.Federation;
using HeliosEdge.Grains;
using HeliosEdge.Grains.Abstractions.FanOuts;
using HeliosEdge.Grains.FanOuts;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Sandbox;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Http;
using HeliosEdge.Silo.Problems;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;

namespace HeliosEdge.Silo.Invocations;

/// <summary>Calls of many regions at once, over HTTP.</summary>
internal static class FanOutEndpoints
{
    private const string Json = "application/json";
    private const string Lines = "application/x-ndjson";

    public static void MapFanOuts(this WebApplication app)
    {
        app.MapPost("/v1/functions/{name}/fanout", RunAsync)
            .NeedsOwner()
            .WithTags("Fan-out")
            .WithName("fanOutFunction")
            .WithSummary("Calls a function in many regions and streams their answers.")
            .WithDescription(
                $"The answer is a line of JSON for each region as soon as it has answered, in the order in which they do, and a last line with the member summary. Every region has until the deadline: {HeliosHeaders.Deadline}, else 75 s, counted from when the request came. first and quorum end as soon as enough regions have succeeded; the guests of the others are interrupted. With [\"*\"], peers that do not have the function are left out. With {HeliosHeaders.IdempotencyKey}, it is a durable fan-out whose regions are tried once each, and repeats, also of fanOutFunctionAsync, get what its regions answered.")
            .Accepts<FanOutBody>(Json)
            .Produces<RegionLine>(StatusCodes.Status200OK, Lines)
            .ProducesProblems(
                StatusCodes.Status400BadRequest,
                StatusCodes.Status404NotFound,
                StatusCodes.Status413PayloadTooLarge,
                StatusCodes.Status415UnsupportedMediaType,
                StatusCodes.Status422UnprocessableEntity);

        app.MapPost("/v1/functions/{name}/fanout-async", EnqueueAsync)
            .NeedsOwner()
            .WithTags("Fan-out")
            .WithName("fanOutFunctionAsync")
            .WithSummary("Queues a call of a function in many regions, under one id.")
            .WithDescription(
                $"The answer comes once an asynchronous invocation for each region is on disk. {HeliosHeaders.IdempotencyKey} works as for invokeFunctionAsync. With [\"*\"], peers that turn out not to have the function are left out, as by fanOutFunction.")
            .Accepts<FanOutBody>(Json)
            .Produces<AcceptedBody>(StatusCodes.Status202Accepted)
            .Produces<AcceptedBody>(StatusCodes.Status200OK)
            .ProducesProblems(
                StatusCodes.Status400BadRequest,
                StatusCodes.Status404NotFound,
                StatusCodes.Status413PayloadTooLarge,
                StatusCodes.Status415UnsupportedMediaType,
                StatusCodes.Status422UnprocessableEntity);

        app.MapGet("/v1/fanouts/{id:guid}", GetAsync)
            .Needs(Scopes.Invoke, or: Scopes.Read)
            .WithTags("Fan-out")
            .WithName("getFanOut")
            .WithSummary("Describes a durable fan-out with the invocations of all its regions.")
            .WithDescription("wait, such as 30s or 500ms and at most 60s, holds the answer back until the fan-out is decided or the time is over.")
            .Produces<FanOutStatus>()
            .ProducesProblems(StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound);
    }

    private static async Task RunAsync(
        HttpContext http,
        string name,
        FanOutPlanner planner,
        FanOutRunner runner,
        KeyedFanOuts queue,
        DurableFanOutRunner durable,
        IFanOutStore fanOuts,
        TimeProvider clock)
    {
        var arrived = Stopwatch.GetTimestamp();
        var key = IdempotencyKey.Of(http);
        if (await ReadAsync(http, name, planner) is not { } asked)
        {
            return;
        }

        var (plan, payload) = asked;
        var terms = CallTerms.Of(http.Request);
        var order = new InvocationOrder
        {
            Function = name,
            Payload = payload,
            PatienceMs = terms.DeadlineMs,
            Since = arrived,
            Hops = terms.Hops,
            TraceParent = terms.TraceParent,
        };
        if (key is null)
        {
            await WriteAsync(http, plan.EndsEarly, plan.Needed, plan.Regions.Length, runner.RunAsync(plan, order, http.RequestAborted), clock);
            return;
        }

        // As for a call of one region, what fails is not tried again.
        var queued = await queue.EnqueueAsync(key, plan, payload, CallOwner.Of(http), terms.TraceParent, maxAttempts: 1);
        if (await fanOuts.FindAsync(queued.Id, http.RequestAborted) is not { } fanOut)
        {
            await http.WriteProblemAsync(Problem.Of(ErrorCodes.InProgress, $"The fan-out {queued.Id}, which had the key, has just been forgotten."));
            return;
        }

        if (!queued.IsNew)
        {
            http.Response.Headers[HeliosHeaders.IdempotentReplay] = "true";
        }

        http.Response.Headers.Location = $"/v1/fanouts/{fanOut.Id:D}";
        var answers = durable.RunAsync(fanOut, order, http.RequestAborted);
        await WriteAsync(http, fanOut.Mode != FanOutMode.All, fanOut.Needed, fanOut.Invocations.Length, answers, clock);
    }

    private static async Task WriteAsync(
        HttpContext http, bool endsEarly, int needed, int regions, IAsyncEnumerable<RegionAnswer> answers, TimeProvider clock)
    {
        http.Response.ContentType = Lines;
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await http.Response.StartAsync(http.RequestAborted);
        var (succeeded, failed, started) = (0, 0, clock.GetTimestamp());
        await foreach (var answer in answers)
        {
            _ = answer.Result.Fault is null ? succeeded++ : failed++;
            await WriteLineAsync(http, JsonSerializer.SerializeToUtf8Bytes(RegionLine.Of(answer), ApiJson.Legible.RegionLine));
        }

        // Regions of "*" that turned out not to have the function were not asked for.
        var isEarly = endsEarly && succeeded >= needed;
        var summary = new FanOutSummary(
            isEarly || (!endsEarly && failed == 0 && succeeded > 0),
            endsEarly ? needed : succeeded + failed,
            succeeded,
            failed,
            isEarly ? regions - succeeded - failed : 0,
            (long)clock.GetElapsedTime(started).TotalMicroseconds);
        await WriteLineAsync(http, JsonSerializer.SerializeToUtf8Bytes(new SummaryLine(summary), ApiJson.Legible.SummaryLine));
    }

    private static async Task WriteLineAsync(HttpContext http, byte[] json)
    {
        var writer = http.Response.BodyWriter;
        var line = writer.GetMemory(json.Length + 1);
        json.CopyTo(line);
        line.Span[json.Length] = (byte)'\n';
        writer.Advance(json.Length + 1);
        await writer.FlushAsync(http.RequestAborted);
    }

    private static async Task<IResult> EnqueueAsync(HttpContext http, string name, FanOutPlanner planner, KeyedFanOuts queue)
    {
        var key = IdempotencyKey.Of(http);
        if (await ReadAsync(http, name, planner) is not { } asked)
        {
            return TypedResults.Empty;
        }

        var queued = await queue.EnqueueAsync(key, asked.Plan, asked.Payload, CallOwner.Of(http), CallTerms.Of(http.Request).TraceParent);
        http.Response.Headers.Location = $"/v1/fanouts/{queued.Id:D}";
        return TypedResults.Json(
            new AcceptedBody(queued.Id), ApiJson.Legible.AcceptedBody, statusCode: queued.IsNew ? StatusCodes.Status202Accepted : StatusCodes.Status200OK);
    }

    private static async Task<IResult> GetAsync(HttpContext http, Guid id, [FromQuery] string? wait, FanOutLookup fanOuts) =>
        await fanOuts.FindAsync(id, WaitText.Parse(wait), owner => CallOwner.MaySee(http, owner), http.RequestAborted) is { } fanOut
            ? JsonResponse.Ok(FanOutStatus.Of(fanOut), ApiJson.Legible.FanOutStatus)
            : await http.RefuseAsync(Problem.Of(ErrorCodes.FanOutNotFound, $"There is no fan-out {id}; it may have been forgotten."));

    private static async Task<(FanOutPlan Plan, ReadOnlyMemory<byte> Payload)?> ReadAsync(HttpContext http, string name, FanOutPlanner planner)
    {
        if (!http.Request.HasJsonContentType())
        {
            await http.WriteProblemAsync(Problem.Of(
                ErrorCodes.UnsupportedMediaType,
                $"A fan-out is sent with Content-Type: {Json}, not \"{Names.Shorten(http.Request.ContentType ?? string.Empty)}\"."));
            return null;
        }

        var body = await RequestBody.ReadAsync(http.Request, FanOutBody.MaxBytes, ErrorCodes.PayloadTooLarge, "The body");
        return FanOutBody.Parse(name, body, planner);
    }
}
