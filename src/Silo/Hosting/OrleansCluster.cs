using System.Net;
using HeliosEdge.Access.Keys;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Settings;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Hosting.Clustering;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans;
using Orleans.Configuration;
using Orleans.Dashboard;
using Orleans.Hosting;
using Orleans.Placement;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace HeliosEdge.Silo.Hosting;

/// <summary>Hosts the grains on this silo of an Orleans cluster, of which it may be the only one.</summary>
internal static class OrleansCluster
{
    /// <summary>Connections by which Orleans reads and writes the list of members.</summary>
    private const int MemberConnections = 3;

    /// <summary>What a silo that is alone calls itself; nobody can reach it there, or anywhere.</summary>
    private static readonly IPEndPoint Nowhere = new(IPAddress.Loopback, 1);

    /// <summary>Adds what hosts the grains.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="options">How the silo is to run.</param>
    /// <param name="report">Told of a certificate that was read again, or could not be.</param>
    /// <exception cref="SiloStartException">The port for the other silos cannot be had, or the certificate that they are to be shown cannot be used.</exception>
    public static void AddGrainHost(this WebApplicationBuilder builder, SiloOptions options, Action<string> report)
    {
        var cluster = options.Cluster;
        var tls = options.Members is null ? null : ClusterTls.Open(options.Access, cluster.Address, report);
        if (options.Members is { } members)
        {
            builder.Services
                // Only used one after the other, before the silo joins, and not kept.
                .AddSingleton(NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(members.ConnectionString) { Pooling = false }))
                .AddSingleton<MembershipTables>()
                .AddSingleton(provider => new ClusterEntry(
                    provider.GetRequiredService<NpgsqlDataSource>(), cluster.Id, provider.GetRequiredService<SiloEndpoint>().Address, tls));
        }

        builder.UseOrleans(silo =>
        {
            silo.Configure<Orleans.Configuration.ClusterOptions>(named => named.ClusterId = named.ServiceId = cluster.Id);
            if (options.Members is { } list)
            {
                tls?.Use(silo);
                Join(silo, cluster, list);
            }
            else
            {
                BeAlone(silo);
            }

            AddRegions(silo, options.Regions.Own, cluster.ProbeTimeout, SharedSettings.Of(options));
            if (cluster.Dashboard)
            {
                silo.AddDashboard();
            }
        });
        builder.Services.AddHostedService<RegionWatch>().AddHostedService<SettingsWatch>();
    }

    /// <summary>Adds what keeps grains in their regions and the silos' catalogs the same.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="regions">Its regions.</param>
    /// <param name="probeTimeout">As <see cref="ClusterOptions.ProbeTimeout"/>.</param>
    /// <param name="settings">What the other silos are told, and are to have alike.</param>
    public static void AddRegions(this ISiloBuilder silo, IEnumerable<string> regions, TimeSpan probeTimeout, SharedSettings settings)
    {
        silo.UseSiloMetadata(new Dictionary<string, string>(settings.Told) { [ClusterRegions.MetadataKey] = string.Join(',', regions) });
        silo.AddPlacementDirector<SiloPlacement, SiloPlacementDirector>();
        silo.AddOutgoingGrainCallFilter<CallFaultFilter>();
        silo.Services
            .AddPlacementFilter<RegionFilter, RegionFilterDirector>(ServiceLifetime.Transient)
            .AddSingleton<ClusterRegions>()
            .AddSingleton(settings)
            .AddSingleton<IRemoteFunctions, RemoteFunctions>()
            .AddSingleton<IInvocationOwners, InvocationOwners>()
            .AddSingleton<ICatalogBarrier, ClusterBarrier>();
        silo.Configure<ClusterMembershipOptions>(membership =>
        {
            // Three probes, a second apart and a second long at most by default, and then the vote: a silo that was killed is out in under 6 s.
            membership.ProbeTimeout = probeTimeout;
            membership.MaxProbeTimeout = probeTimeout;
            membership.NumMissedProbesLimit = 3;
            membership.NumVotesForDeathDeclaration = 2;
            membership.TableRefreshTimeout = TimeSpan.FromSeconds(5);
            membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
        });
    }

    /// <summary>Sees to it that this silo can join the others, before Orleans does.</summary>
    /// <exception cref="SiloStartException">It cannot; the message says why.</exception>
    public static async Task CheckClusterAsync(this WebApplication app, SiloOptions options)
    {
        if (options.Members is not null)
        {
            await app.Services.GetRequiredService<MembershipTables>().PrepareAsync();
            await app.Services.GetRequiredService<ClusterEntry>().CheckAsync();
        }
    }

    /// <summary>Maps the dashboard, where it is wanted.</summary>
    public static void MapGrainHost(this WebApplication app, SiloOptions options)
    {
        if (options.Cluster.Dashboard)
        {
            app.MapOrleansDashboard("/dashboard/orleans").Needs(Scopes.Admin);
        }
    }

    private static void BeAlone(ISiloBuilder silo)
    {
        silo.Services.AddSingleton<IMembershipTable, LoneMembership>();
        silo.Configure<EndpointOptions>(endpoint =>
        {
            endpoint.AdvertisedIPAddress = Nowhere.Address;
            endpoint.SiloPort = Nowhere.Port;
            endpoint.GatewayPort = 0;
        });
        ReplaceTransport<IConnectionFactory>(silo, static _ => new NoConnections());
        ReplaceTransport<IConnectionListenerFactory>(silo, static _ => new NoConnections());
    }

    private static void Join(ISiloBuilder silo, ClusterOptions cluster, NpgsqlConnectionStringBuilder members)
    {
        silo.UseAdoNetClustering((AdoNetClusteringSiloOptions table) =>
        {
            table.Invariant = "Npgsql";
            table.ConnectionString = new NpgsqlConnectionStringBuilder(members.ConnectionString) { MaxPoolSize = MemberConnections }.ConnectionString;
        });
        var endpoint = new SiloEndpoint(cluster.Address, cluster.SiloPort, cluster.GatewayPort);
        silo.Services.AddSingleton(_ => endpoint);
        silo.ConfigureEndpoints(cluster.Address, endpoint.Address.Port, cluster.GatewayPort, listenOnAnyHostAddress: false);
        ReplaceTransport<IConnectionListenerFactory>(silo, provider => new SocketTransportFactory(
            Options.Create(new SocketTransportOptions { CreateBoundListenSocket = provider.GetRequiredService<SiloEndpoint>().Listen }),
            provider.GetRequiredService<ILoggerFactory>()));
    }

    // Orleans keeps what connects and what listens under keys of its own.
    private static void ReplaceTransport<T>(ISiloBuilder silo, Func<IServiceProvider, T> make)
        where T : class
    {
        foreach (var transport in silo.Services.Where(service => service.IsKeyedService && service.ServiceType == typeof(T)).ToArray())
        {
            silo.Services.Remove(transport);
            silo.Services.AddKeyedSingleton(transport.ServiceKey, (provider, _) => make(provider));
        }
    }
}
