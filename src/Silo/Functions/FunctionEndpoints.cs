using HeliosEdge.Silo.Keys;
using HeliosEdge.Grains;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Http;
using HeliosEdge.Silo.Problems;

namespace HeliosEdge.Silo.Functions;

/// <summary>Registrations over HTTP.</summary>
internal static class FunctionEndpoints
{
    private const string Json = "application/json";

    public static void MapFunctions(this WebApplication app)
    {
        app.MapGet("/v1/functions", (FunctionCatalog catalog) => JsonResponse.Ok(new FunctionList(catalog.List()), ApiJson.Legible.FunctionList))
            .Needs(Scopes.Read)
            .WithTags("Functions")
            .WithName("listFunctions")
            .WithSummary("Lists all functions, sorted by name.")
            .Produces<FunctionList>();

        app.MapPut("/v1/functions/{name}", PutAsync)
            .Changes("function.put", Scopes.Deploy)
            .WithTags("Functions")
            .WithName("putFunction")
            .WithSummary("Registers a function, or changes it.")
            .WithDescription(
                $"The name matches {Names.Pattern}. The module must be uploaded and fit the ABI. Unknown members of the body are refused. Once this is answered, every later call runs the new registration.")
            .Accepts<FunctionBody>(Json)
            .Produces<FunctionDescription>(StatusCodes.Status201Created)
            .Produces<FunctionDescription>(StatusCodes.Status200OK)
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
            .WithSummary("Describes a function, with the limits in force.")
            .Produces<FunctionDescription>()
            .ProducesProblems(StatusCodes.Status404NotFound);

        app.MapDelete("/v1/functions/{name}", async (string name, FunctionRegistrar registrar) =>
            {
                await registrar.DeleteAsync(name);
                return TypedResults.NoContent();
            })
            .Changes("function.delete", Scopes.Deploy)
            .WithTags("Functions")
            .WithName("deleteFunction")
            .WithSummary("Removes a function. Its module stays.")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblems(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> PutAsync(HttpContext http, string name, FunctionRegistrar registrar, SandboxPolicy policy)
    {
        if (!http.Request.HasJsonContentType())
        {
            await http.WriteProblemAsync(Problem.Of(
                ProblemCodes.UnsupportedMediaType,
                $"A registration is sent with Content-Type: {Json}, not \"{Names.Shorten(http.Request.ContentType ?? string.Empty)}\"."));
            return TypedResults.Empty;
        }

        var body = await RequestBody.ReadAsync(http.Request, RequestBody.RegistrationBytes(policy), ErrorCodes.PayloadTooLarge, "The body");
        FunctionDescription function;
        bool isNew;
        try
        {
            (function, isNew) = await registrar.RegisterAsync(name, FunctionBody.Parse(body));
        }
        catch (SandboxException e) when (e.Code is ErrorCodes.MemoryLimitExceeded or ErrorCodes.CapabilityDenied)
        {
            // In an invocation it is the guest that failed; here it is what was sent.
            await http.WriteProblemAsync(Problem.Of(e) with { Status = StatusCodes.Status422UnprocessableEntity });
            return TypedResults.Empty;
        }

        return JsonResponse.Put(http.Response, isNew, $"/v1/functions/{name}", function, ApiJson.Legible.FunctionDescription);
    }
}
