using HeliosEdge.Client.Connections;
using Microsoft.Extensions.DependencyInjection;
using Orleans;

namespace HeliosEdge.Client;

/// <summary>Adds the client of a cluster to an application.</summary>
public static class HeliosEdgeCluster
{
    /// <summary>Adds <see cref="IEdgeClient"/>, connected through gateways while the application's host runs, which does not start where no gateway answers.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="options">Where the cluster's gateways are.</param>
    /// <exception cref="ArgumentException">The options contradict themselves, or cannot be used.</exception>
    public static IServiceCollection AddHeliosEdgeCluster(this IServiceCollection services, OrleansEdgeClientOptions options) => services
        .AddClusterConnection(options)
        .AddSingleton<IEdgeClient>(provider => new OrleansEdgeClient(provider.GetRequiredService<IClusterClient>(), options.Gateways));
}
