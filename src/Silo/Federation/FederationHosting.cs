using HeliosEdge.Access.Keys;
using HeliosEdge.Federation;
using HeliosEdge.Federation.Deployments;
using HeliosEdge.Grains.Bundles;
using HeliosEdge.Grains.Modules;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Settings;
using HeliosEdge.Silo.Access;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace HeliosEdge.Silo.Federation;

/// <summary>Puts all of this into a silo.</summary>
internal static partial class FederationHosting
{
    /// <summary>Adds the peers and what looks at them.</summary>
    /// <exception cref="SiloStartException">A file that is named in the options cannot be used.</exception>
    public static IServiceCollection AddFederation(this IServiceCollection services, FederationOptions options, AccessOptions access)
    {
        var key = access.PeerKeyFile is { } file ? PeerKey.Read(file) : null;
        ILogger? log = null;
        var tls = PeerTls.Open(access.PeerCertificate, access.Tls, access.PeerCa, TimeProvider.System, report => LogCertificate(log!, report));
        services.TryAddSingleton(TimeProvider.System);
        return services
            .AddSingleton(options)
            .AddSingleton(provider =>
            {
                log = provider.GetRequiredService<ILogger<PeerTls>>();
                return new HttpRegionPeers(
                    options,
                    key,
                    tls,
                    provider.GetRequiredService<SandboxPolicy>(),
                    provider.GetRequiredService<IDeploymentStore>(),
                    provider.GetRequiredService<TimeProvider>());
            })
            .AddSingleton<IRegionPeers>(provider => provider.GetRequiredService<HttpRegionPeers>())
            .AddSingleton<PeerProbe>()
            .AddHostedService(provider => provider.GetRequiredService<PeerProbe>())
            .AddSingleton<PeerContent>()
            .AddSingleton<IModuleSource>(provider => provider.GetRequiredService<PeerContent>())
            .AddSingleton<IBundleSource>(provider => provider.GetRequiredService<PeerContent>())
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Report}")]
    private static partial void LogCertificate(ILogger log, string report);
}
