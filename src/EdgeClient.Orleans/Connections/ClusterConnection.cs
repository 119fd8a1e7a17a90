using HeliosEdge.Grains.Abstractions.Invocations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Serialization;

namespace HeliosEdge.Client.Connections;

/// <summary>Sets an Orleans client up for the gateways of silos.</summary>
internal static class ClusterConnection
{
    /// <exception cref="ArgumentException">The options name no gateway, or a certificate without an authority or the other way round, or one that cannot be used.</exception>
    public static IServiceCollection AddClusterConnection(this IServiceCollection services, OrleansEdgeClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Gateways.Count == 0)
        {
            throw new ArgumentException("The options name no gateway.", nameof(options));
        }

        var tls = (options.Certificate, options.Authority) switch
        {
            (null, null) => null,
            ({ } certificate, { } authority) => new GatewayTls(certificate, authority),
            _ => throw new ArgumentException("The options have a certificate without an authority, or an authority without a certificate.", nameof(options)),
        };
        return services.AddOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(cluster => cluster.ClusterId = cluster.ServiceId = options.ClusterId);

            // Whoever starts is told at once that no gateway answers, and can start again.
            client.UseConnectionRetryFilter((_, _) => Task.FromResult(false));
            client.UseStaticClustering([.. options.Gateways]);
            client.Services.AddSerializer(serializer => serializer.AddAssembly(typeof(IInvocationsGrain).Assembly));
            if (tls is not null)
            {
                client.Configure<ClientConnectionOptions>(connections => connections.ConfigureConnection(outbound => outbound.UseClientTls(tls.ToOptions())));
            }
        });
    }
}
