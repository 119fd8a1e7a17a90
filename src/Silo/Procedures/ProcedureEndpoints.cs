using System.Net.Mime;
using HeliosEdge.Access.Keys;
using HeliosEdge.Grains;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Functions;
using HeliosEdge.Silo.Http;
using HeliosEdge.Silo.Invocations;
using HeliosEdge.Silo.Problems;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;

namespace HeliosEdge.Silo.Procedures;

/// <summary>Procedures over HTTP: functions whose calls are transactions.</summary>
internal static class ProcedureEndpoints
{
    private const string Tag = "Procedures";

    private static readonly AnswerForm Json = new JsonForm();

    public static void MapProcedures(this WebApplication app)
    {
        app.MapGet("/v1/procedures", ([FromQuery] int? limit, [FromQuery] string? after, [FromQuery] string? prefix, FunctionCatalog catalog) =>
                JsonResponse.Ok(
                    ProcedureList.Of(catalog.List(FunctionEndpoints.Query(limit, after, prefix), where: function => function.Procedure is not null)), ApiJson.Legible.ProcedureList))
            .Needs(Scopes.Read)
            .WithTags(Tag)
            .WithName("listProcedures")
            .WithSummary("Lists the procedures, sorted by name.")
            .WithDescription(FunctionEndpoints.Paging)
            .Produces<ProcedureList>()
            .ProducesProblems(StatusCodes.Status400BadRequest);

        app.MapPut("/v1/procedures/{name}", PutAsync)
            .Changes("procedure.put", Scopes.Deploy)
            .WithTags(Tag)
            .WithName("putProcedure")
            .WithSummary("Registers a procedure, or a new version of it.")
            .WithDescription(
                $"A procedure is a function; its name matches {Names.Pattern}, and no function has the same. Each call is one transaction in its database: committed when the guest succeeds, rolled back when it fails, traps or is late, or when the caller leaves. The member warnings of the answer says what to know about it.")
            .Accepts<ProcedureBody>(MediaTypeNames.Application.Json)
            .Produces<ProcedureView>(StatusCodes.Status201Created)
            .Produces<ProcedureView>()
            .ProducesProblems(
                StatusCodes.Status400BadRequest,
                StatusCodes.Status404NotFound,
                StatusCodes.Status413PayloadTooLarge,
                StatusCodes.Status422UnprocessableEntity);

        var one = app.MapGroup("").AddEndpointFilter(async (context, next) =>
        {
            Require(context.HttpContext.RequestServices.GetRequiredService<FunctionCatalog>(), (string)context.HttpContext.GetRouteValue("name")!);
            return await next(context);
        });
        one.MapGet("/v1/procedures/{name}", (string name, FunctionCatalog catalog) => JsonResponse.Ok(ProcedureView.Of(catalog.Find(name)), ApiJson.Legible.ProcedureView))
            .Needs(Scopes.Read)
            .WithTags(Tag)
            .WithName("getProcedure")
            .WithSummary("Describes a procedure: the newest version that takes calls.")
            .Produces<ProcedureView>()
            .ProducesProblems(StatusCodes.Status404NotFound);

        one.MapDelete("/v1/procedures/{name}", async (string name, FunctionRegistrar registrar) =>
            {
                await registrar.DeleteAsync(name);
                return TypedResults.NoContent();
            })
            .Changes("procedure.delete", Scopes.Deploy)
            .WithTags(Tag)
            .WithName("deleteProcedure")
            .WithSummary("Removes a procedure with all its versions; their modules stay.")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblems(StatusCodes.Status404NotFound);

        one.MapPost("/v1/procedures/{name}/call", CallAsync)
            .Needs(Scopes.Invoke)
            .WithTags(Tag)
            .WithName("callProcedure")
            .WithSummary("Calls a procedure in a region.")
            .WithDescription("The body is a JSON array of arguments, which the guest gets as its payload; the answer is the guest's JSON. Headers are as of invokeFunction.")
            .Accepts<object>(MediaTypeNames.Application.Json)
            .Produces<object>(StatusCodes.Status200OK, MediaTypeNames.Application.Json)
            .ProducesInvocationProblems();

        VersionEndpoints.Map(one, "procedure", Tag, "Procedure");
    }

    private static async Task<IResult> PutAsync(HttpContext http, string name, FunctionRegistrar registrar, FunctionCatalog catalog, SandboxPolicy policy)
    {
        var body = await RequestBody.ReadAsync(http.Request, RequestBody.RegistrationBytes(policy), ErrorCodes.PayloadTooLarge, "The body");
        var request = ProcedureBody.Parse(body, catalog) with { Caller = http.Features.GetRequiredFeature<Caller>().Identity };
        try
        {
            var (function, isNew) = await registrar.RegisterAsync(name, request);
            return JsonResponse.Put(http.Response, isNew, $"/v1/procedures/{name}", ProcedureView.Of(function), ApiJson.Legible.ProcedureView);
        }
        catch (SandboxException e) when (e.Code is ErrorCodes.MemoryLimitExceeded or ErrorCodes.CapabilityDenied)
        {
            // In a call it is the guest that failed; here it is what was sent.
            await http.WriteProblemAsync(Problem.Of(e) with { Status = StatusCodes.Status422UnprocessableEntity });
            return TypedResults.Empty;
        }
    }

    private static async Task CallAsync(HttpContext http, string name, [FromQuery] string? region, InboundCalls calls, KeyedInvocations keyed)
    {
        var call = calls.Open(http, name, region, failover: null);
        if (IdempotencyKey.Of(http) is { } key)
        {
            await call.AnswerKeyedAsync(keyed, key, call.Order(await call.ReadKeyedBodyAsync("The arguments")), Json);
            return;
        }

        await call.AnswerAsync(call.Order(await call.ReadBodyAsync("The arguments")), Json);
    }

    /// <exception cref="SandboxException"><see cref="ErrorCodes.ProcedureNotFound"/>.</exception>
    private static void Require(FunctionCatalog catalog, string name)
    {
        if (!catalog.Contains(name) || catalog.Find(name).Procedure is null)
        {
            throw new SandboxException(ErrorCodes.ProcedureNotFound, $"No procedure \"{Names.Shorten(name)}\" is registered.");
        }
    }

    private sealed class JsonForm : AnswerForm
    {
        public override ReadOnlyMemory<byte> Begin(HttpResponse response, HttpAnswer head) =>
            throw new InvalidOperationException("What is no HTTP request has no head to begin its answer with.");

        public override Task WriteAsync(HttpContext http, InvocationResult result, ReadOnlyMemory<byte> body)
        {
            http.Response.ContentType = MediaTypeNames.Application.Json;
            http.Response.ContentLength = body.Length;
            return http.Response.BodyWriter.WriteAsync(body, http.RequestAborted).AsTask();
        }
    }
}
