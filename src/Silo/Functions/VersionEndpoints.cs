using HeliosEdge.Access.Keys;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Sandbox;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Http;
using HeliosEdge.Silo.Problems;
using Microsoft.AspNetCore.Mvc;

namespace HeliosEdge.Silo.Functions;

/// <summary>Versions of functions over HTTP.</summary>
internal static class VersionEndpoints
{
    private const string Json = "application/json";
    private const int MaxListed = 100;
    private const int MaxBodyBytes = 16 << 10;

    public static void MapVersions(this WebApplication app) => Map(app, "function", "Functions", "");

    /// <summary>Maps the versions of a kind of functions.</summary>
    /// <param name="routes">Where.</param>
    /// <param name="kind">What one is called.</param>
    /// <param name="tag">What they are called in the description of the API.</param>
    /// <param name="infix">What the names of the operations have in them.</param>
    public static void Map(IEndpointRouteBuilder routes, string kind, string tag, string infix)
    {
        routes.MapGet($"/v1/{kind}s/{{name}}/versions", ListAsync)
            .Needs(Scopes.Read)
            .WithTags(tag)
            .WithName($"list{infix}Versions")
            .WithSummary($"Lists the versions of a {kind}, the newest first.")
            .WithDescription($"limit is from 1 to {MaxListed}; next, where the answer has one, is before for the next page.")
            .Produces<VersionList>()
            .ProducesProblems(StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound);

        routes.MapGet($"/v1/{kind}s/{{name}}/versions/{{version:int}}", async (string name, int version, FunctionRegistrar registrar) =>
                JsonResponse.Ok(await registrar.FindVersionAsync(name, version), ApiJson.Legible.FunctionVersion))
            .Needs(Scopes.Read)
            .WithTags(tag)
            .WithName($"get{infix}Version")
            .WithSummary($"Describes a version of a {kind}.")
            .Produces<FunctionVersion>()
            .ProducesProblems(StatusCodes.Status404NotFound);

        routes.MapPost($"/v1/{kind}s/{{name}}/rollback", RollbackAsync)
            .Changes($"{kind}.rollback", Scopes.Deploy)
            .WithTags(tag)
            .WithName($"rollback{(infix.Length > 0 ? infix : "Function")}")
            .WithSummary($"Gives all calls of a {kind} to an earlier version.")
            .WithDescription("Once this is answered, every later call runs that version. Without a body it is the one before the current one.")
            .Accepts<RollbackBody>(isOptional: true, Json)
            .Produces<FunctionDescription>()
            .ProducesProblems(
                StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound, StatusCodes.Status413PayloadTooLarge, StatusCodes.Status422UnprocessableEntity);

        routes.MapPut($"/v1/{kind}s/{{name}}/traffic", TrafficAsync)
            .Changes($"{kind}.traffic", Scopes.Deploy)
            .WithTags(tag)
            .WithName($"put{infix}Traffic")
            .WithSummary($"Divides the calls of a {kind} among its versions.")
            .WithDescription(
                $$"""The weights by version, such as {"1": 90, "2": 10}, from 0 to {{FunctionRegistrar.MaxWeight}} each; up to {{FunctionRegistrar.MaxVersionsWithTraffic}} versions may have one above 0. Each call picks a version at random, by weight.""")
            .Accepts<IReadOnlyDictionary<string, int>>(Json)
            .Produces<FunctionDescription>()
            .ProducesProblems(
                StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound, StatusCodes.Status413PayloadTooLarge, StatusCodes.Status422UnprocessableEntity);
    }

    private static async Task<IResult> ListAsync(string name, [FromQuery] int? limit, [FromQuery] int? before, FunctionRegistrar registrar)
    {
        var count = PageLimit.Check(limit, MaxListed);
        var versions = await registrar.ListVersionsAsync(name, before, count + 1);
        var next = versions.Count > count ? versions[count - 1].Version : (int?)null;
        return JsonResponse.Ok(new VersionList([.. versions.Take(count)], next), ApiJson.Legible.VersionList);
    }

    private static Task RollbackAsync(HttpContext http, string name, FunctionRegistrar registrar) =>
        ChangeAsync(http, body => registrar.RollbackAsync(name, RollbackBody.Parse(body).Version));

    private static Task TrafficAsync(HttpContext http, string name, FunctionRegistrar registrar) =>
        ChangeAsync(http, body => registrar.SetTrafficAsync(name, TrafficBody.Parse(body)));

    private static async Task ChangeAsync(HttpContext http, Func<ReadOnlyMemory<byte>, Task<FunctionDescription>> change)
    {
        var body = await RequestBody.ReadAsync(http.Request, MaxBodyBytes, ErrorCodes.PayloadTooLarge, "The body");
        try
        {
            await JsonResponse.Ok(await change(body), ApiJson.Legible.FunctionDescription).ExecuteAsync(http);
        }
        catch (SandboxException e) when (e.Code is ErrorCodes.MemoryLimitExceeded or ErrorCodes.CapabilityDenied)
        {
            // In an invocation it is the guest that failed; here it is what was asked for.
            await http.WriteProblemAsync(Problem.Of(e) with { Status = StatusCodes.Status422UnprocessableEntity });
        }
    }
}
