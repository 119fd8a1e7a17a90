using System.Text.Json;
using HeliosEdge.Grains;
using HeliosEdge.Grains.Abstractions.Invocations;
using HeliosEdge.Grains.FanOuts;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Sandbox;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Federation;
using HeliosEdge.Silo.Http;
using HeliosEdge.Silo.Keys;
using HeliosEdge.Silo.Problems;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Orleans;

namespace HeliosEdge.Silo.Invocations;

/// <summary>Calls of many regions at once, over HTTP.</summary>
internal static class FanOutEndpoints
{
    private const string Json = "application/json";
    private const string Lines = "application/x-ndjson";

    public static void MapFanOuts(this WebApplication app)
    {
        app.MapPost("/v1/functions/{name}/fanout", RunAsync)
            .Needs(Scopes.Invoke)
            .WithTags("Fan-out")
            .WithName("fanOutFunction")
            .WithSummary("Calls a function in many regions and streams their answers.")
            .WithDescription(
                $"The answer is a line of JSON for each region as soon as it has answered, in the order in which they do, and a last line with the member summary. Each region has a deadline of its own: {HeliosHeaders.Deadline}, else 75 s. first and quorum end as soon as enough regions have succeeded; the guests of the others are interrupted. With [\"*\"], peers that do not have the function are left out.")
            .Accepts<FanOutBody>(Json)
            .Produces<RegionLine>(StatusCodes.Status200OK, Lines)
            .ProducesProblems(
                StatusCodes.Status400BadRequest,
                StatusCodes.Status404NotFound,
                StatusCodes.Status413PayloadTooLarge,
                StatusCodes.Status415UnsupportedMediaType);

        app.MapPost("/v1/functions/{name}/fanout-async", EnqueueAsync)
            .Needs(Scopes.Invoke)
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
            .Needs(Scopes.Invoke)
            .WithTags("Fan-out")
            .WithName("getFanOut")
            .WithSummary("Describes a durable fan-out with the invocations of all its regions.")
            .WithDescription("wait, such as 30s or 500ms and at most 60s, holds the answer back until the fan-out is decided or the time is over.")
            .Produces<FanOutStatus>()
            .ProducesProblems(StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound);
    }

    private static async Task RunAsync(HttpContext http, string name, FanOutPlanner planner, FanOutRunner runner, TimeProvider clock)
    {
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
            Hops = terms.Hops,
            TraceParent = terms.TraceParent,
        };
        http.Response.ContentType = Lines;
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await http.Response.StartAsync(http.RequestAborted);
        var (succeeded, failed, started) = (0, 0, clock.GetTimestamp());
        await foreach (var answer in runner.RunAsync(plan, order, http.RequestAborted))
        {
            _ = answer.Result.Fault is null ? succeeded++ : failed++;
            await WriteLineAsync(http, JsonSerializer.SerializeToUtf8Bytes(RegionLine.Of(answer), ApiJson.Legible.RegionLine));
        }

        // Regions of "*" that turned out not to have the function were not asked for.
        var isEarly = plan.EndsEarly && succeeded >= plan.Needed;
        var summary = new FanOutSummary(
            isEarly || (!plan.EndsEarly && failed == 0 && succeeded > 0),
            plan.EndsEarly ? plan.Needed : succeeded + failed,
            succeeded,
            failed,
            isEarly ? plan.Regions.Length - succeeded - failed : 0,
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

    private static async Task<IResult> EnqueueAsync(
        HttpContext http, string name, FanOutPlanner planner, FanOutQueue queue, IFanOutStore fanOuts, IInvocationStore invocations)
    {
        var key = IdempotencyKey.Of(http);
        if (await ReadAsync(http, name, planner) is not { } asked)
        {
            return TypedResults.Empty;
        }

        var (id, isNew) = await queue.EnqueueAsync(asked.Plan, asked.Payload, key?.Slot, CallTerms.Of(http.Request).TraceParent);
        if (!isNew
            && await fanOuts.FindAsync(id) is { } earlier
            && await invocations.FindAsync(earlier.Invocations[0]) is { } invocation
            && !invocation.Payload.Span.SequenceEqual(asked.Payload.Span))
        {
            return await http.RefuseAsync(Problem.Of(
                ProblemCodes.IdempotencyKeyReused, $"The key \"{Names.Shorten(key!.Text)}\" belongs to the fan-out {id}, which has another payload."));
        }

        http.Response.Headers.Location = $"/v1/fanouts/{id:D}";
        return TypedResults.Json(
            new AcceptedBody(id), ApiJson.Legible.AcceptedBody, statusCode: isNew ? StatusCodes.Status202Accepted : StatusCodes.Status200OK);
    }

    private static async Task<IResult> GetAsync(
        HttpContext http,
        Guid id,
        [FromQuery] string? wait,
        IFanOutStore fanOuts,
        IInvocationStore invocations,
        IGrainFactory grains,
        IHostApplicationLifetime lifetime)
    {
        var atMostMs = WaitText.Parse(wait);
        if (await fanOuts.FindAsync(id, http.RequestAborted) is not { } fanOut)
        {
            return await http.RefuseAsync(Problem.Of(ProblemCodes.FanOutNotFound, $"There is no fan-out {id}; it may have been forgotten."));
        }

        if (atMostMs > 0 && !fanOut.IsDecided)
        {
            await LongPoll.WaitAsync(http, lifetime, cancel => grains.GetGrain<IFanOutGrain>(id.ToString("D")).WaitAsync(atMostMs, cancel));
        }

        var (regions, leftOut) = (new List<InvocationBody>(), 0);
        foreach (var invocation in fanOut.Invocations)
        {
            if (await invocations.FindAsync(invocation, http.RequestAborted) is not { } stored)
            {
                continue;
            }

            if (fanOut.LeavesOut(stored))
            {
                leftOut++;
                continue;
            }

            regions.Add(InvocationBody.Of(stored, withResult: true));
        }

        var needed = fanOut.NeededWithout(leftOut);

        return JsonResponse.Ok(
            new FanOutStatus
            {
                Id = id,
                Function = fanOut.Function,
                Mode = NameOf(fanOut.Mode),
                State = StateOf(needed, regions),
                Needed = needed,
                CreatedAt = fanOut.CreatedAt,
                ExpiresAt = fanOut.ExpiresAt,
                Regions = regions,
            },
            ApiJson.Legible.FanOutStatus);
    }

    private static string NameOf(FanOutMode mode) => mode switch
    {
        FanOutMode.First => "first",
        FanOutMode.Quorum => "quorum",
        _ => "all",
    };

    // Where no region has the function nobody is needed, and nothing has succeeded either.
    private static string StateOf(int needed, List<InvocationBody> regions) =>
        regions.Count(region => region.State == "succeeded") >= Math.Max(needed, 1) ? "succeeded"
        : regions.Any(region => region.State is "queued" or "running") ? "running"
        : "failed";

    private static async Task<(FanOutPlan Plan, ReadOnlyMemory<byte> Payload)?> ReadAsync(HttpContext http, string name, FanOutPlanner planner)
    {
        if (!http.Request.HasJsonContentType())
        {
            await http.WriteProblemAsync(Problem.Of(
                ProblemCodes.UnsupportedMediaType,
                $"A fan-out is sent with Content-Type: {Json}, not \"{Names.Shorten(http.Request.ContentType ?? string.Empty)}\"."));
            return null;
        }

        var body = await RequestBody.ReadAsync(http.Request, FanOutBody.MaxBytes, ErrorCodes.PayloadTooLarge, "The body");
        return FanOutBody.Parse(name, body, planner);
    }
}
