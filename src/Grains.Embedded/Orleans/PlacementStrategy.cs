namespace Orleans.Runtime;

/// <summary>How the silo of a grain is chosen. Here there is one process, and nothing to choose.</summary>
public abstract class PlacementStrategy;
