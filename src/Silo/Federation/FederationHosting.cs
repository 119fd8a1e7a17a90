using HeliosEdge.Grains.Modules;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Federation.Deployments;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace HeliosEdge.Silo.Federation;

/// <summary>Puts all of this into a silo.</summary>
internal static class FederationHosting
{
    /// <summary>Adds the peers and what looks at them.</summary>
    /// <exception cref="Hosting.SiloStartException">The file with the peer key can not be used.</exception>
    public static IServiceCollection AddFederation(this IServiceCollection services, FederationOptions options, string? peerKeyFile)
    {
        var key = peerKeyFile is not null ? PeerKey.Read(peerKeyFile) : null;
        services.TryAddSingleton(TimeProvider.System);
        return services
            .AddSingleton(options)
            .AddSingleton(provider => new HttpRegionPeers(
                options, key, provider.GetRequiredService<SandboxPolicy>(), provider.GetRequiredService<TimeProvider>()))
            .AddSingleton<IRegionPeers>(provider => provider.GetRequiredService<HttpRegionPeers>())
            .AddSingleton<PeerProbe>()
            .AddHostedService(provider => provider.GetRequiredService<PeerProbe>())
            .AddSingleton<IModuleSource, PeerModules>()
            .AddSingleton<IDeploymentStore, SqlDeploymentStore>()
            .AddSingleton<DeploymentDelivery>()
            .AddSingleton<DeploymentOutbox>()
            .AddHostedService(provider => provider.GetRequiredService<DeploymentOutbox>())
            .AddSingleton<FederatedRegistrar>();
    }

    /// <summary>Maps what peers ask, and what tells about deployments to them.</summary>
    public static void MapFederation(this WebApplication app)
    {
        app.MapPeers();
        app.MapDeployments();
    }
}
