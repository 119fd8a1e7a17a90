namespace HeliosEdge.Wasm.Tests.Unloading;

/// <summary>Tests that look at the whole process run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class UnloadingCollection
{
    public const string Name = "the process alone";
}
