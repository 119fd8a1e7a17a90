namespace HeliosEdge.Cluster.Tests;

public sealed class EmbeddedFlavour
{
    [Fact(Skip = "A silo of this flavour has no cluster. The tests of clusters run with: dotnet test tests/Cluster.Tests -p:Cluster=Orleans")]
    public void Clusters_are_tested_in_the_Orleans_flavour() => Assert.Fail("This flavour has no cluster.");
}
