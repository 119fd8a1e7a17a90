using HeliosEdge.Client;

namespace HeliosEdge.Cluster.Tests.Clients;

[Collection(nameof(OneGatewaySilo))]
public sealed class OrleansClientTests(GatewaySilo silo) : ClientContract
{
    protected override async Task<IEdgeClient> ConnectAsync() => await OrleansEdgeClient.ConnectAsync(silo.Options);
}
