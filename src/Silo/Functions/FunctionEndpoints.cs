using HeliosEdge.Access.Keys;
using HeliosEdge.Federation;
using HeliosEdge.Federation.Deployments;
using HeliosEdge.Grains;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Federation;
using HeliosEdge.Silo.Http;
using HeliosEdge.Silo.Problems;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;

namespace HeliosEdge.Silo.Functions;

/// <summary>Registrations over HTTP.</summary>
internal static class FunctionEndpoints
{
    /// <summary>How the listings of functions are paged.</summary>
    public static readonly string Paging =
        $"limit is from 1 to {FunctionQuery.MaxLimit}; next, where the answer has one, is after for the next page. prefix is how names begin.";

    private const string Json = "application/json";

    public static void MapFunctions(this WebApplication app)
    {
        app.MapGet("/v1/functions", ([FromQuery] int? limit, [FromQuery] string? after, [FromQuery] string? prefix, FunctionCatalog catalog) =>
                JsonResponse.Ok(FunctionList.Of(catalog.List(Query(limit, after, prefix))), ApiJson.Legible.FunctionList))
            .Needs(Scopes.Read)
            .WithTags("Functions")
            .WithName("listFunctions")
            .WithSummary("Lists the functions, sorted by name.")
            .WithDescription(Paging)
            .Produces<FunctionList>()
            .ProducesProblems(StatusCodes.Status400BadRequest);

        app.MapPut("/v1/functions/{name}", PutAsync)
            .Changes("function.put", Scopes.Deploy)
            .WithTags("Functions")
            .WithName("putFunction")
            .WithSummary("Registers a function, or a new version of it.")
            .WithDescription(
                $"The name matches {Names.Pattern}. The module must be uploaded and fit the ABI. Unknown members of the body are refused. If the current version is the same already, it stays; otherwise this is a new one. Once this is answered, every later call runs the new registration. Where regions of other silos are named, the member deployments of the answer says how far each region is, and 202 that one is still to be reached. An engine that the operator does not allow is refused with 403.")
            .Accepts<FunctionBody>(Json)
            .Produces<FunctionDescription>(StatusCodes.Status201Created)
            .Produces<FunctionDescription>(StatusCodes.Status200OK)
            .Produces<FunctionDescription>(StatusCodes.Status202Accepted)
            .ProducesProblems(
                StatusCodes.Status400BadRequest,
                StatusCodes.Status404NotFound,
                StatusCodes.Status413PayloadTooLarge,
                StatusCodes.Status415UnsupportedMediaType,
                StatusCodes.Status422UnprocessableEntity);

        app.MapGet("/v1/functions/{name}", (string name, FunctionCatalog catalog) =>
                JsonResponse.Ok(catalog.Find(name), ApiJson.Legible.FunctionDescription))
            .Needs(Scopes.Read)
            .WithTags("Functions")
            .WithName("getFunction")
            .WithSummary("Describes a function: the newest version that takes calls, with the limits in force, and how the calls are divided.")
            .Produces<FunctionDescription>()
            .ProducesProblems(StatusCodes.Status404NotFound);

        app.MapDelete("/v1/functions/{name}", async Task<IResult> (HttpRequest request, string name, FunctionRegistrar registrar, FederatedRegistrar federation) =>
            {
                if (PeerRequest.IsOne(request))
                {
                    await registrar.DeleteAsync(name);
                    return TypedResults.NoContent();
                }

                var elsewhere = await federation.DeleteAsync(name);
                return elsewhere.All(region => region.State == RegionDeployment.Word(DeploymentState.Deployed))
                    ? TypedResults.NoContent()
                    : JsonResponse.Accepted(new DeploymentReport(elsewhere), ApiJson.Legible.DeploymentReport);
            })
            .Changes("function.delete", Scopes.Deploy)
            .WithTags("Functions")
            .WithName("deleteFunction")
            .WithSummary("Removes a function, also at the silos that have it from here. All its versions go; their modules stay.")
            .WithDescription("202 tells that another silo could not be reached yet; it is told when it can be.")
            .Produces(StatusCodes.Status204NoContent)
            .Produces<DeploymentReport>(StatusCodes.Status202Accepted)
            .ProducesProblems(StatusCodes.Status404NotFound);
    }

    /// <summary>The query of a listing.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>.</exception>
    public static FunctionQuery Query(int? limit, string? after, string? prefix) =>
        new() { Limit = PageLimit.Check(limit, FunctionQuery.MaxLimit), After = after, Prefix = prefix ?? "" };

    private static async Task<IResult> PutAsync(HttpContext http, string name, FunctionRegistrar registrar, FederatedRegistrar federation, SandboxPolicy policy)
    {
        if (!http.Request.HasJsonContentType())
        {
            await http.WriteProblemAsync(Problem.Of(
                ErrorCodes.UnsupportedMediaType,
                $"A registration is sent with Content-Type: {Json}, not \"{Names.Shorten(http.Request.ContentType ?? string.Empty)}\"."));
            return TypedResults.Empty;
        }

        var body = await RequestBody.ReadAsync(http.Request, RequestBody.RegistrationBytes(policy), ErrorCodes.PayloadTooLarge, "The body");
        var request = FunctionBody.Parse(body) with { Caller = http.Features.GetRequiredFeature<Caller>().Identity };
        FunctionDescription function;
        bool isNew;
        try
        {
            if (!PeerRequest.IsOne(http.Request) && federation.LeadsElsewhere(request))
            {
                var deployed = await federation.RegisterAsync(name, request, body);
                return FunctionDeployment.Answer(deployed.Function, deployed.IsNew, deployed.Regions);
            }

            (function, isNew) = await registrar.RegisterAsync(name, request);
        }
        catch (SandboxException e) when (e.Code is ErrorCodes.MemoryLimitExceeded or ErrorCodes.CapabilityDenied)
        {
            // In an invocation it is the guest that failed; here it is what was sent.
            await http.WriteProblemAsync(Problem.Of(e) with { Status = StatusCodes.Status422UnprocessableEntity });
            return TypedResults.Empty;
        }
        catch (SandboxException e) when (e.Code == ErrorCodes.Forbidden && request.Engine is { } engine)
        {
            // Tells other silos that it is not them who are refused.
            http.Response.Headers[HeliosHeaders.Engine] = engine;
            await http.WriteProblemAsync(Problem.Of(e));
            return TypedResults.Empty;
        }

        return JsonResponse.Put(http.Response, isNew, $"/v1/functions/{name}", function, ApiJson.Legible.FunctionDescription);
    }
}
