using HeliosEdge.Grains.Embedded.Hosting;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Silo.Storage.Postgres;

namespace HeliosEdge.Silo.Hosting;

/// <summary>Hosts the grains within this process.</summary>
internal static class EmbeddedCluster
{
    /// <exception cref="InvalidSettingException">A setting is for silos of a cluster.</exception>
    public static void AddGrainHost(this WebApplicationBuilder builder, SiloOptions options)
    {
        options.Cluster.RequireDefaults();
        builder.Services.AddEmbeddedGrains(configure: null, typeof(EdgeFunctionGrain).Assembly);
        if (options.Postgres is not null)
        {
            // Other silos may share it, and nothing else tells of what they change.
            builder.Services.AddSingleton(options.CatalogWatch).AddHostedService<CatalogWatch>();
        }
    }

    /// <summary>Maps what the host of the grains serves over HTTP: here nothing.</summary>
    public static void MapGrainHost(this WebApplication app, SiloOptions options)
    {
    }
}
