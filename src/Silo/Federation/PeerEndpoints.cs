using System.Collections.Immutable;
using System.Net.Mime;
using HeliosEdge.Access.Keys;
using HeliosEdge.Federation;
using HeliosEdge.Grains.Bundles;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Modules;
using HeliosEdge.Grains.Regions;
using HeliosEdge.Sandbox;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Http;

namespace HeliosEdge.Silo.Federation;

/// <summary>What only other silos ask.</summary>
internal static class PeerEndpoints
{
    public static void MapPeers(this WebApplication app)
    {
        app.MapGet("/v1/peer/hello", (ServedRegions regions, FunctionCatalog catalog) => JsonResponse.Ok(
                new PeerHello(regions.Names.ToImmutableDictionary(name => name, catalog.Count)), ApiJson.Legible.PeerHello))
            .Needs(Scopes.Peer)
            .WithTags("Peers")
            .WithName("hello")
            .WithSummary("Tells another silo which regions this one serves.")
            .Produces<PeerHello>()
            .ProducesProblems(StatusCodes.Status403Forbidden);

        app.MapPeerHttp();

        app.MapMethods("/v1/peer/modules/{hash}", [HttpMethods.Get, HttpMethods.Head], async (string hash, IModuleStore store) =>
                Bytes(await store.ReadAsync(hash), ErrorCodes.ModuleNotFound, $"No module {hash} is stored here."))
            .Needs(Scopes.Peer)
            .WithTags("Peers")
            .WithName("getModuleBytes")
            .WithSummary("Gives another silo the bytes of a module.")
            .ProducesProblems(StatusCodes.Status403Forbidden, StatusCodes.Status404NotFound);

        app.MapMethods("/v1/peer/bundles/{hash}", [HttpMethods.Get, HttpMethods.Head], async (string hash, IBundleStore store) =>
                Bytes(await store.ReadAsync(hash), ErrorCodes.BundleNotFound, $"No bundle {hash} is stored here."))
            .Needs(Scopes.Peer)
            .WithTags("Peers")
            .WithName("getBundleBytes")
            .WithSummary("Gives another silo the archive of a bundle.")
            .ProducesProblems(StatusCodes.Status403Forbidden, StatusCodes.Status404NotFound);
    }

    private static IResult Bytes(byte[]? bytes, string code, string missing) =>
        bytes is null ? throw new SandboxException(code, missing) : TypedResults.Bytes(bytes, MediaTypeNames.Application.Octet);
}
