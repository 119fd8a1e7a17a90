using System.Net;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Hosting.Clustering;
using HeliosEdge.Silo.Keys;
using HeliosEdge.Silo.Storage.Postgres;
using Npgsql;
using Orleans.Configuration;
using Orleans.Dashboard;
using Orleans.Hosting;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace HeliosEdge.Silo.Hosting;

/// <summary>Hosts the grains on this silo of an Orleans cluster.</summary>
internal static class OrleansCluster
{
    public static void AddGrainHost(this WebApplicationBuilder builder, SiloOptions options)
    {
        var cluster = options.Cluster;
        if (cluster.Members != ClusterOptions.Localhost)
        {
            var members = NpgsqlDataSource.Create(PostgresUrl.Parse(cluster.Members));
            builder.Services.AddSingleton(members);

            // Hosted services start in the order in which they are added: the tables are there before Orleans looks for them.
            builder.Services.AddHostedService<MembershipTables>();
        }

        builder.UseOrleans(silo =>
        {
            Join(silo, cluster);
            AddRegions(silo, options.Regions.Own);
            if (cluster.Dashboard)
            {
                silo.AddDashboard();
            }
        });
        builder.Services.AddHostedService<RegionWatch>();
    }

    /// <summary>Adds what keeps grains in their regions and the silos' catalogs the same.</summary>
    public static void AddRegions(this ISiloBuilder silo, IEnumerable<string> regions)
    {
        silo.UseSiloMetadata(new Dictionary<string, string> { [ClusterRegions.MetadataKey] = string.Join(',', regions) });
        silo.AddPlacementDirector<RegionPlacement, RegionPlacementDirector>();
        silo.AddPlacementDirector<SiloPlacement, SiloPlacementDirector>();
        silo.AddOutgoingGrainCallFilter<CallFaultFilter>();
        silo.AddOutgoingGrainCallFilter<ResponseOrigin>();
        silo.AddIncomingGrainCallFilter<ResponseForwarding>();
        silo.Services.AddSingleton<ClusterRegions>().AddSingleton<ICatalogAnnouncer, ClusterAnnouncer>();
        silo.Configure<ClusterMembershipOptions>(membership =>
        {
            // Three probes, a second apart and a second long at most, and then the vote: a silo that was killed is out in under 6 s.
            membership.ProbeTimeout = TimeSpan.FromSeconds(1);
            membership.MaxProbeTimeout = TimeSpan.FromSeconds(1);
            membership.NumMissedProbesLimit = 3;
            membership.NumVotesForDeathDeclaration = 2;
            membership.TableRefreshTimeout = TimeSpan.FromSeconds(5);
            membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
        });
    }

    /// <summary>Maps the dashboard, where it is wanted.</summary>
    public static void MapGrainHost(this WebApplication app, SiloOptions options)
    {
        if (options.Cluster.Dashboard)
        {
            app.MapOrleansDashboard("/dashboard").Needs(Scopes.Admin);
        }
    }

    private static void Join(ISiloBuilder silo, ClusterOptions cluster)
    {
        if (cluster.Members == ClusterOptions.Localhost)
        {
            silo.UseLocalhostClustering(
                cluster.SiloPort, cluster.GatewayPort, new IPEndPoint(IPAddress.Loopback, cluster.FirstSiloPort), cluster.Id, cluster.Id);
            return;
        }

        silo.UseAdoNetClustering((AdoNetClusteringSiloOptions members) =>
        {
            members.Invariant = "Npgsql";
            members.ConnectionString = PostgresUrl.Parse(cluster.Members).ConnectionString;
        });
        silo.Configure<Orleans.Configuration.ClusterOptions>(named => named.ClusterId = named.ServiceId = cluster.Id);
        silo.ConfigureEndpoints(cluster.Address, cluster.SiloPort, cluster.GatewayPort, listenOnAnyHostAddress: false);
    }
}
