namespace HeliosEdge.Cluster.Tests.Clients;

/// <summary>Both transports call one silo.</summary>
[CollectionDefinition(nameof(OneGatewaySilo))]
public sealed class OneGatewaySilo : ICollectionFixture<GatewaySilo>;
