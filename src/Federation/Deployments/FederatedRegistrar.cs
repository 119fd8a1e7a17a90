using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Grains.Regions;
using HeliosEdge.Sandbox;

namespace HeliosEdge.Federation.Deployments;

/// <summary>Registers and removes functions here and at other silos.</summary>
internal sealed class FederatedRegistrar(
    FunctionRegistrar registrar, InvocationRouter router, ServedRegions served, HttpRegionPeers peers, DeploymentOutbox outbox)
{
    /// <summary>Whether a registration names a region of another silo.</summary>
    public bool LeadsElsewhere(FunctionRequest request) => request.Regions.Any(region => peers.FindRegion(region) is not null);

    /// <summary>Registers a function in the regions that it names. Those here come first: what they refuse goes nowhere.</summary>
    /// <param name="name">The function's name.</param>
    /// <param name="request">What it is to be.</param>
    /// <param name="body">The same as it was sent.</param>
    /// <returns>The function, whether its name is new here, and how far each region is.</returns>
    /// <exception cref="SandboxException">As <see cref="FunctionRegistrar.RegisterAsync"/>; nothing is changed, neither here nor elsewhere.</exception>
    public async Task<(FunctionDescription Function, bool IsNew, ImmutableArray<RegionDeployment> Regions)> RegisterAsync(
        string name, FunctionRequest request, ReadOnlyMemory<byte> body)
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var region in request.Regions)
        {
            router.Require(region);
            if (!named.Add(region))
            {
                throw new SandboxException(ErrorCodes.InvalidParameter, $"regions names {region} twice.");
            }
        }

        ImmutableArray<string> here = [.. request.Regions.Where(served.Contains)];
        var (function, isNew) = here.IsEmpty
            ? (await registrar.CheckAsync(name, request with { Regions = [] }, []), false)
            : await registrar.RegisterAsync(name, request with { Regions = here });
        var placed = await outbox.PlaceAsync(Orders(name, request, body));
        ImmutableArray<RegionDeployment> regions =
        [
            .. here.Select(region => new RegionDeployment(region, RegionDeployment.Word(DeploymentState.Deployed), null))
                .Concat(placed.SelectMany(RegionDeployment.Of))
                .OrderBy(region => region.Region, StringComparer.Ordinal),
        ];
        return (function with { Regions = [.. regions.Select(region => region.Region)] }, isNew, regions);
    }

    /// <summary>Removes a function here, and at each silo that has it from here.</summary>
    /// <returns>How far the regions of other silos are.</returns>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.FunctionNotFound"/>: there is none here, nor was it sent elsewhere.</exception>
    public async Task<ImmutableArray<RegionDeployment>> DeleteAsync(string name)
    {
        var elsewhere = await outbox.ListAsync(name);
        try
        {
            await registrar.DeleteAsync(name);
        }
        catch (SandboxException e) when (e.Code == ErrorCodes.FunctionNotFound && elsewhere.Count > 0)
        {
            // It is only elsewhere.
        }

        var placed = await outbox.PlaceAsync([.. elsewhere.Select(order => order with { Registration = null, Module = "", Bundles = [] })]);
        return [.. placed.SelectMany(RegionDeployment.Of)];
    }

    private List<StoredDeployment> Orders(string name, FunctionRequest request, ReadOnlyMemory<byte> body)
    {
        var orders = new List<StoredDeployment>();
        foreach (var silo in peers.Silos)
        {
            ImmutableArray<string> regions = [.. request.Regions.Where(silo.Regions.Contains)];
            if (regions.IsEmpty)
            {
                continue;
            }

            var registration = JsonNode.Parse(body.Span)!.AsObject();
            registration["regions"] = new JsonArray([.. regions.Select(region => JsonValue.Create(region))]);
            orders.Add(new StoredDeployment
            {
                Function = name,
                Peer = silo.Address.AbsoluteUri,
                Regions = regions,
                Registration = registration.ToJsonString(JsonSerializerOptions.Default),
                Module = request.Module,
                Bundles = [.. (request.Bundles?.Values ?? []).Distinct(StringComparer.Ordinal)],
            });
        }

        return orders;
    }
}
