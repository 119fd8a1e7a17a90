using HeliosEdge.Client;

namespace HeliosEdge.Cluster.Tests.Clients;

[Collection(nameof(OneGatewaySilo))]
public sealed class HttpClientTests(GatewaySilo silo) : ClientContract
{
    protected override Task<IEdgeClient> ConnectAsync() => Task.FromResult<IEdgeClient>(new HttpEdgeClient(silo.Address));
}
