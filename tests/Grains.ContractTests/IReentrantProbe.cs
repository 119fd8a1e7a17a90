using Orleans;

namespace HeliosEdge.Grains.ContractTests;

/// <summary>A reentrant grain.</summary>
[Alias("HeliosEdge.Tests.IReentrantProbe")]
public interface IReentrantProbe : IProbe;
