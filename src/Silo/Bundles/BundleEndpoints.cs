using HeliosEdge.Access.Keys;
using HeliosEdge.Grains.Abstractions.Bundles;
using HeliosEdge.Grains.Bundles;
using HeliosEdge.Grains.Modules;
using HeliosEdge.Sandbox;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Http;

namespace HeliosEdge.Silo.Bundles;

/// <summary>Bundles of read-only files over HTTP.</summary>
internal static class BundleEndpoints
{
    public static void MapBundles(this WebApplication app)
    {
        Upload(app.MapPut("/v1/bundles", PutAsync), "putBundle");
        Upload(app.MapPost("/v1/bundles", PutAsync), "postBundle");

        app.MapGet("/v1/bundles/{hash}", GetAsync)
            .Needs(Scopes.Read)
            .WithTags("Bundles")
            .WithName("getBundle")
            .WithSummary("Describes a bundle: its size and what it unpacks to.")
            .Produces<BundleDescription>()
            .ProducesProblems(StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound);
    }

    private static void Upload(RouteHandlerBuilder route, string name) => route
        .Changes("bundle.put", Scopes.Deploy)
        .WithTags("Bundles")
        .WithName(name)
        .WithSummary("Uploads a bundle of read-only files.")
        .WithDescription(
            "The body is a ZIP archive of files and folders with clean relative paths. It is unpacked before it is stored under its SHA-256, by which registrations refer to it.")
        .TakesBytes("A ZIP archive.")
        .Produces<BundleDescription>(StatusCodes.Status201Created)
        .Produces<BundleDescription>(StatusCodes.Status200OK)
        .ProducesProblems(StatusCodes.Status413PayloadTooLarge, StatusCodes.Status422UnprocessableEntity);

    private static async Task<IResult> PutAsync(HttpContext http, BundleRegistry bundles)
    {
        var archive = await RequestBody.ReadAsync(http.Request, bundles.Limits.MaxArchiveBytes, ErrorCodes.BundleTooLarge, "The bundle");
        var (bundle, isNew) = await bundles.AddAsync(archive);
        return JsonResponse.Put(http.Response, isNew, $"/v1/bundles/{bundle.Hash}", bundle, ApiJson.Legible.BundleDescription);
    }

    private static async Task<IResult> GetAsync(string hash, BundleRegistry bundles)
    {
        ModuleHash.Require("The bundle hash", hash);
        return JsonResponse.Ok(await bundles.FindAsync(hash), ApiJson.Legible.BundleDescription);
    }
}
