using Orleans;

namespace HeliosEdge.Grains.ContractTests;

/// <summary>A stateless worker of two.</summary>
[Alias("HeliosEdge.Tests.IWorkerProbe")]
public interface IWorkerProbe : IProbe;
