using HeliosEdge.Silo.Hosting.Clustering;
using Orleans;

namespace HeliosEdge.Cluster.Tests;

/// <summary>Grains by which silos talk to each other alone, which no client knows.</summary>
public sealed class CallTimesTests
{
    [Fact]
    public void Every_method_says_how_long_its_callers_wait()
    {
        var methods = typeof(ICatalogGrain).Assembly.GetTypes().Where(type => type.IsInterface && typeof(IGrain).IsAssignableFrom(type)).SelectMany(type => type.GetMethods()).ToList();

        methods.ShouldContain(method => method.DeclaringType == typeof(ICatalogGrain));
        methods.ShouldAllBe(method => method.IsDefined(typeof(ResponseTimeoutAttribute), false));
    }
}
