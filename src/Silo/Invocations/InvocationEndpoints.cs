using System.Globalization;
using HeliosEdge.Access.Keys;
using HeliosEdge.Federation;
using HeliosEdge.Grains;
using HeliosEdge.Grains.Abstractions.Invocations;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Sandbox;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Http;
using HeliosEdge.Silo.Problems;
using Microsoft.AspNetCore.Mvc;

namespace HeliosEdge.Silo.Invocations;

/// <summary>Asynchronous invocations over HTTP.</summary>
internal static class InvocationEndpoints
{
    private const int DefaultPage = 100;
    private const int MaxPage = 1_000;

    public static void MapInvocations(this WebApplication app)
    {
        app.MapPost("/v1/functions/{name}/invoke-async", EnqueueAsync)
            .NeedsOwner()
            .WithTags("Invocations")
            .WithName("invokeFunctionAsync")
            .WithSummary("Queues a call of a function.")
            .WithDescription(
                $"The body is the payload. The answer comes once the invocation is on disk; it then runs even if the silo is killed, each attempt under a lease, at least once and never two attempts at a time. Attempts that fail are repeated with exponential backoff and jitter up to the registration's maxAttempts; what another attempt would not mend ends as failed, what has no attempt left as dead. With {HeliosHeaders.IdempotencyKey}, the same caller, function, key and payload are one call, in whatever way it is made: repeats are answered with 200 and the invocation's id; a key of a call that was answered at once, with that of an invocation that has ended in the same way. The invocation is for the caller who queued it; others find it only with the scope read. Whether a region of a peer has the function shows when it runs.")
            .TakesBytes("The payload.")
            .Produces<AcceptedBody>(StatusCodes.Status202Accepted)
            .Produces<AcceptedBody>(StatusCodes.Status200OK)
            .ProducesProblems(
                StatusCodes.Status400BadRequest,
                StatusCodes.Status404NotFound,
                StatusCodes.Status409Conflict,
                StatusCodes.Status413PayloadTooLarge,
                StatusCodes.Status422UnprocessableEntity);

        app.MapGet("/v1/invocations/{id:guid}", GetAsync)
            .Needs(Scopes.Invoke, or: Scopes.Read)
            .WithTags("Invocations")
            .WithName("getInvocation")
            .WithSummary("Describes an asynchronous invocation, with its result once it has one.")
            .WithDescription("wait, such as 30s or 500ms and at most 60s, holds the answer back until the invocation has ended or the time is over.")
            .Produces<InvocationBody>()
            .ProducesProblems(StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound);

        app.MapGet("/v1/invocations/{id:guid}/result", GetResultAsync)
            .Needs(Scopes.Invoke, or: Scopes.Read)
            .WithTags("Invocations")
            .WithName("getInvocationResult")
            .WithSummary("The response of an asynchronous invocation as bytes, or its fault.")
            .WithDescription("wait is as for getInvocation. Without a response, the answer is the fault of the last attempt, or no_result.")
            .AnswersBytes("The function's response.")
            .ProducesProblems(StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound, StatusCodes.Status409Conflict, StatusCodes.Status502BadGateway);

        app.MapDelete("/v1/invocations/{id:guid}", CancelAsync)
            .Changes("invocation.cancel", Scopes.Invoke)
            .WithTags("Invocations")
            .WithName("cancelInvocation")
            .WithSummary("Takes an asynchronous invocation back; its guest is interrupted. One that has ended stays as it is.")
            .Produces<InvocationBody>()
            .ProducesProblems(StatusCodes.Status404NotFound);

        app.MapGet("/v1/invocations", ListAsync)
            .Needs(Scopes.Read, or: Scopes.Invoke)
            .WithTags("Invocations")
            .WithName("listInvocations")
            .WithSummary("Lists asynchronous invocations in one state, the earliest accepted first.")
            .WithDescription(
                $"state is queued, running, succeeded, failed, dead or cancelled; function leaves only those of one function; callers without the scope read see only their own; after is the next of the page before; limit is up to {MaxPage}, {DefaultPage} if not stated.")
            .Produces<InvocationPage>()
            .ProducesProblems(StatusCodes.Status400BadRequest);

        app.MapPost("/v1/invocations/{id:guid}/retry", RetryAsync)
            .Changes("invocation.retry", Scopes.Invoke)
            .WithTags("Invocations")
            .WithName("retryInvocation")
            .WithSummary("Queues a dead invocation again, with all of its attempts.")
            .Produces<InvocationBody>(StatusCodes.Status202Accepted)
            .ProducesProblems(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict);
    }

    /// <summary>A problem about an invocation that is not there.</summary>
    private static Problem NotFound(Guid id) => Problem.Of(ErrorCodes.InvocationNotFound, $"There is no invocation {id}; it may have been forgotten.");

    private static async Task<IResult> EnqueueAsync(
        HttpContext http, string name, [FromQuery] string? region, InvocationQueue queue, KeyedInvocations invocations)
    {
        var key = IdempotencyKey.Of(http);
        var (owner, trace) = (CallOwner.Of(http), CallTerms.Of(http.Request).TraceParent);
        var place = queue.Place(name, region);
        var payload = await RequestBody.ReadAsync(http.Request, place.MaxPayloadBytes, ErrorCodes.PayloadTooLarge, "The payload");
        var accepted = await invocations.EnqueueAsync(key, name, region, place, payload, owner, trace);
        http.Response.Headers.Location = $"/v1/invocations/{accepted.Id:D}";
        http.Response.Headers[HeliosHeaders.Region] = accepted.Region;
        return TypedResults.Json(
            new AcceptedBody(accepted.Id),
            ApiJson.Legible.AcceptedBody,
            statusCode: accepted.IsNew ? StatusCodes.Status202Accepted : StatusCodes.Status200OK);
    }

    private static async Task<IResult> GetAsync(HttpContext http, Guid id, [FromQuery] string? wait, InvocationLookup invocations) =>
        await FindAsync(http, id, wait, invocations) is { } invocation
            ? JsonResponse.Ok(InvocationBody.Of(invocation.ToStatus(withResponse: true)), ApiJson.Legible.InvocationBody)
            : await http.RefuseAsync(NotFound(id));

    private static async Task<IResult> GetResultAsync(HttpContext http, Guid id, [FromQuery] string? wait, InvocationLookup invocations)
    {
        if (await FindAsync(http, id, wait, invocations) is not { } invocation)
        {
            return await http.RefuseAsync(NotFound(id));
        }

        http.Response.Headers[HeliosHeaders.Region] = invocation.Region;
        if (invocation.Response is { } response)
        {
            return TypedResults.Bytes(response, "application/octet-stream");
        }

        return await http.RefuseAsync(invocation is { State: InvocationState.Failed or InvocationState.Dead, Fault: { } fault }
            ? Problem.Of(fault)
            : Problem.Of(ErrorCodes.NoResult, $"The invocation {id} is {InvocationBody.NameOf(invocation.State)}."));
    }

    private static async Task<IResult> CancelAsync(HttpContext http, Guid id, IInvocationStore store, InvocationLookup invocations, IInvocationWatch watch) =>
        await FindAsync(http, id, wait: null, invocations) is not null
        && await watch.CancelAsync(id)
        && await store.FindAsync(id, http.RequestAborted) is { } invocation
            ? JsonResponse.Ok(InvocationBody.Of(invocation.ToStatus(withResponse: false)), ApiJson.Legible.InvocationBody)
            : await http.RefuseAsync(NotFound(id));

    private static async Task<IResult> ListAsync(
        HttpContext http, [FromQuery] string? state, [FromQuery] string? function, [FromQuery] string? after, [FromQuery] string? limit, IInvocationStore store)
    {
        var wanted = Enum.GetValues<InvocationState>().Where(known => InvocationBody.NameOf(known) == state).ToArray();
        if (wanted is not [var only])
        {
            var known = string.Join(", ", Enum.GetValues<InvocationState>().Select(InvocationBody.NameOf));
            throw Refuse(state is null ? $"state is missing; it is one of {known}." : $"state must be one of {known}, not \"{Names.Shorten(state)}\".");
        }

        if (function is not null)
        {
            Names.Require("function", function);
        }

        Guid? last = after is null ? null
            : Guid.TryParse(after, out var id) ? id
            : throw Refuse($"after must be the id of an invocation, not \"{Names.Shorten(after)}\".");
        var count = limit is null ? DefaultPage
            : int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var stated) && stated is >= 1 and <= MaxPage ? stated
            : throw Refuse($"limit must be a whole number from 1 to {MaxPage}, not \"{Names.Shorten(limit)}\".");
        var found = await store.ListAsync(only, function, CallOwner.SeesAll(http) ? null : CallOwner.Of(http), last, count + 1, http.RequestAborted);
        var page = found.Take(count).Select(invocation => InvocationBody.Of(invocation.ToStatus(withResponse: false))).ToList();
        return JsonResponse.Ok(new InvocationPage(page, found.Count > count ? page[^1].Id : null), ApiJson.Legible.InvocationPage);
    }

    private static async Task<IResult> RetryAsync(HttpContext http, Guid id, InvocationQueue queue, InvocationLookup invocations)
    {
        var isQueued = await FindAsync(http, id, wait: null, invocations) is not null && await queue.RequeueAsync(id);
        if (await FindAsync(http, id, wait: null, invocations) is not { } invocation)
        {
            return await http.RefuseAsync(NotFound(id));
        }

        return isQueued
            ? TypedResults.Json(
                InvocationBody.Of(invocation.ToStatus(withResponse: false)), ApiJson.Legible.InvocationBody, statusCode: StatusCodes.Status202Accepted)
            : await http.RefuseAsync(Problem.Of(
                ErrorCodes.NotDead, $"The invocation {id} is {InvocationBody.NameOf(invocation.State)}; only dead ones are queued again."));
    }

    /// <summary>An invocation that the caller may see.</summary>
    private static Task<StoredInvocation?> FindAsync(HttpContext http, Guid id, string? wait, InvocationLookup invocations) =>
        invocations.FindAsync(id, WaitText.Parse(wait), owner => CallOwner.MaySee(http, owner), http.RequestAborted);

    private static SandboxException Refuse(string message) => new(ErrorCodes.InvalidParameter, message);
}
