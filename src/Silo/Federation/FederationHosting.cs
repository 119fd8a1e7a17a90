using HeliosEdge.Grains.Placement;
using HeliosEdge.Sandbox.Limits;

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
            .AddHostedService(provider => provider.GetRequiredService<PeerProbe>());
    }

    /// <summary>Guards what only peers may do, and maps what only they ask.</summary>
    public static void UseFederation(this WebApplication app)
    {
        var gate = app.Services.GetRequiredService<PeerGate>();
        app.Use(next => http => gate.RunAsync(http, next));
        app.MapPeers();
    }
}
