using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;

namespace HeliosEdge.Grains.Embedded.Hosting;

/// <summary>Adds the host to an application.</summary>
public static class EmbeddedGrainServices
{
    /// <summary>Adds <see cref="IGrainFactory"/> for all grain classes in the given assemblies; they are deactivated when the application stops.</summary>
    /// <param name="services">The application's services; grains get them through their constructors.</param>
    /// <param name="configure">Changes the options.</param>
    /// <param name="assemblies">Where the grain classes are.</param>
    public static IServiceCollection AddEmbeddedGrains(
        this IServiceCollection services, Action<EmbeddedGrainOptions>? configure, params Assembly[] assemblies)
    {
        var options = new EmbeddedGrainOptions();
        configure?.Invoke(options);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new GrainHost(
            provider, options, assemblies, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<GrainHost>>()));
        services.AddSingleton<IGrainFactory>(provider => provider.GetRequiredService<GrainHost>());
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<GrainHost>());
        return services;
    }
}
