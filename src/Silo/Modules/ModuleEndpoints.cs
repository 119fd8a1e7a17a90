using HeliosEdge.Access.Keys;
using HeliosEdge.Federation;
using HeliosEdge.Grains.Abstractions.Modules;
using HeliosEdge.Grains.Modules;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Http;
using Microsoft.AspNetCore.Http.Features;

namespace HeliosEdge.Silo.Modules;

/// <summary>Modules over HTTP.</summary>
internal static class ModuleEndpoints
{
    public static void MapModules(this WebApplication app)
    {
        app.MapPut("/v1/modules", PutAsync)
            .Changes("module.put", Scopes.Deploy)
            .WithTags("Modules")
            .WithName("putModule")
            .WithSummary("Uploads a module.")
            .WithDescription(
                $"The body is the module in the binary format. It is decoded, validated and compiled before it is stored under its SHA-256; what takes too much time or memory to compile is refused. If the header {HeliosHeaders.ModuleHash} states a hash, the module must have it.")
            .TakesBytes("A WebAssembly module in the binary format.")
            .Produces<ModuleDescription>(StatusCodes.Status201Created)
            .Produces<ModuleDescription>(StatusCodes.Status200OK)
            .ProducesProblems(
                StatusCodes.Status400BadRequest,
                StatusCodes.Status413PayloadTooLarge,
                StatusCodes.Status422UnprocessableEntity,
                StatusCodes.Status429TooManyRequests,
                StatusCodes.Status500InternalServerError);

        app.MapGet("/v1/modules/{hash}", GetAsync)
            .Needs(Scopes.Read)
            .WithTags("Modules")
            .WithName("getModule")
            .WithSummary("Describes a module: its size, exports and imports.")
            .Produces<ModuleDescription>()
            .ProducesProblems(StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> PutAsync(HttpContext http, ModuleRegistry modules, SandboxPolicy policy)
    {
        var stated = StatedHash(http.Request);
        var bytes = await RequestBody.ReadAsync(http.Request, policy.MaxModuleBytes, ErrorCodes.ModuleTooLarge, "The module");
        var (module, isNew) = await modules.AddAsync(bytes, stated, CallerOf(http));
        return JsonResponse.Put(http.Response, isNew, $"/v1/modules/{module.Hash}", module, ApiJson.Legible.ModuleDescription);
    }

    private static async Task<IResult> GetAsync(string hash, ModuleRegistry modules)
    {
        ModuleHash.Require("The module hash", hash);
        return await modules.FindAsync(hash) is { } module
            ? JsonResponse.Ok(module, ApiJson.Legible.ModuleDescription)
            : throw new SandboxException(ErrorCodes.ModuleNotFound, $"No module {hash} is stored.");
    }

    private static string CallerOf(HttpContext http) => http.Features.GetRequiredFeature<Caller>().Identity;

    private static string? StatedHash(HttpRequest request)
    {
        if (!request.Headers.TryGetValue(HeliosHeaders.ModuleHash, out var values))
        {
            return null;
        }

        var stated = values.ToString().ToLowerInvariant();
        ModuleHash.Require(HeliosHeaders.ModuleHash, stated);
        return stated;
    }
}
