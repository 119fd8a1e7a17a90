using HeliosEdge.Grains.Embedded.Hosting;
using HeliosEdge.Grains.Functions;

namespace HeliosEdge.Silo.Hosting;

/// <summary>Hosts the grains within this process.</summary>
internal static class EmbeddedCluster
{
    /// <exception cref="InvalidSettingException">A setting is for silos of a cluster.</exception>
    public static void AddGrainHost(this WebApplicationBuilder builder, SiloOptions options)
    {
        options.Cluster.RequireDefaults();
        builder.Services.AddEmbeddedGrains(configure: null, typeof(EdgeFunctionGrain).Assembly);
    }

    /// <summary>Maps what the host of the grains serves over HTTP: here nothing.</summary>
    public static void MapGrainHost(this WebApplication app, SiloOptions options)
    {
    }
}
