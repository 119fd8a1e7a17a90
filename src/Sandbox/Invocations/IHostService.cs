namespace HeliosEdge.Sandbox.Invocations;

/// <summary>Something that host functions work with, found by its interface: <see cref="HostServiceSet.Find"/>.</summary>
public interface IHostService;
