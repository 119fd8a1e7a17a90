using HeliosEdge.Grains.Modules;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Silo.Federation.Deployments;
using HeliosEdge.Silo.Storage;

namespace HeliosEdge.Silo.Federation;

/// <summary>Puts all of this into a silo.</summary>
internal static class FederationHosting
{
    /// <summary>Adds the peers and what looks at them.</summary>
    /// <exception cref="Hosting.SiloStartException">The file with the peer key can not be used.</exception>
    public static IServiceCollection AddFederation(this IServiceCollection services, FederationOptions options)
    {
        var secret = options.PeerKeyFile is { } file ? PeerSecret.Read(file) : null;
        return services
            .AddSingleton(options)
            .AddSingleton(new PeerGate(secret))
            .AddSingleton(provider => new HttpRegionPeers(
                options, secret, provider.GetRequiredService<SandboxPolicy>(), provider.GetRequiredService<TimeProvider>()))
            .AddSingleton<IRegionPeers>(provider => provider.GetRequiredService<HttpRegionPeers>())
            .AddSingleton<PeerProbe>()
            .AddHostedService(provider => provider.GetRequiredService<PeerProbe>())
            .AddSingleton<IModuleSource, PeerModules>()
            .AddSingleton<IDeploymentStore>(provider => new SqlDeploymentStore(
                provider.GetService<IStateDatabase>() ?? provider.GetRequiredService<SiloDatabase>(), provider.GetRequiredService<TimeProvider>()))
            .AddSingleton<DeploymentDelivery>()
            .AddSingleton<DeploymentOutbox>()
            .AddHostedService(provider => provider.GetRequiredService<DeploymentOutbox>())
            .AddSingleton<FederatedRegistrar>();
    }

    /// <summary>Guards what only peers may do, and maps what only they ask.</summary>
    public static void UseFederation(this WebApplication app)
    {
        var gate = app.Services.GetRequiredService<PeerGate>();
        app.Use(next => http => gate.RunAsync(http, next));
        app.MapPeers();
        app.MapDeployments();
    }
}
