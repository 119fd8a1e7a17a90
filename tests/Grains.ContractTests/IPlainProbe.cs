using Orleans;

namespace HeliosEdge.Grains.ContractTests;

/// <summary>A plain grain.</summary>
[Alias("HeliosEdge.Tests.IPlainProbe")]
public interface IPlainProbe : IProbe;
