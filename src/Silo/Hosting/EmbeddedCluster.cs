using HeliosEdge.Grains.Embedded.Hosting;
using HeliosEdge.Grains.Functions;

namespace HeliosEdge.Silo.Hosting;

/// <summary>Hosts the grains within this process.</summary>
internal static class EmbeddedCluster
{
    public static IServiceCollection AddGrainHost(this IServiceCollection services) =>
        services.AddEmbeddedGrains(configure: null, typeof(EdgeFunctionGrain).Assembly);
}
