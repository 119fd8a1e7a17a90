using HeliosEdge.Data.Databases;
using HeliosEdge.Grains.Bundles;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Grains.Modules;
using HeliosEdge.Grains.Procedures;
using HeliosEdge.Sandbox.HostServices.KeyValue;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Settings;
using HeliosEdge.Storage;
using HeliosEdge.Storage.Catalog;
using HeliosEdge.Storage.Invocations;
using HeliosEdge.Storage.Postgres;
using HeliosEdge.Storage.Sqlite;
using HeliosEdge.Storage.Watching;
using Microsoft.Data.Sqlite;

namespace HeliosEdge.Silo.Hosting;

/// <summary>Adds the durable state to a silo: all of it in one database, but for the regions' SQL databases, which are files.</summary>
internal static class StateServices
{
    public static IServiceCollection AddState(this IServiceCollection services, SiloOptions options, DataFolder folder)
    {
        if (options.Postgres is { } settings)
        {
            services
                .AddSingleton(_ => new PostgresDatabase(settings))
                .AddSingleton<IStateDatabase>(provider => new WatchedDatabase(provider.GetRequiredService<PostgresDatabase>(), Watch(provider)))
                .AddSingleton<IKeyValueStore>(provider =>
                    new WatchedKeyValueStore(new PostgresKeyValueStore(provider.GetRequiredService<PostgresDatabase>()), Watch(provider)))
                .AddSingleton<SqlRegionOwners>()
                .AddSingleton(options.CatalogWatch)
                .AddSingleton(provider => ActivatorUtilities.CreateInstance<CatalogWatch>(provider, Watch(provider)))
                .AddSingleton<ICatalogFeed>(provider => provider.GetRequiredService<CatalogWatch>())
                .AddHostedService(provider => provider.GetRequiredService<CatalogWatch>());
        }
        else
        {
            services
                .AddSingleton(_ => new SiloDatabase(folder.Database))
                .AddSingleton<IStateDatabase>(provider => new WatchedDatabase(
                    provider.GetRequiredService<SiloDatabase>(), Health(provider).WatchFile("The silo's state", folder.Database)))
                .AddSingleton<IKeyValueStore>(provider => new WatchedKeyValueStore(
                    OpenKeyValues(folder.KeyValues), Health(provider).WatchFile("What functions keep under keys", folder.KeyValues)));
        }

        return services
            .AddSingleton<StorageHealth>()
            .AddHostedService<StorageWatch>()
            .AddSingleton<ISqlDatabases>(provider => new NamedDatabases(
                new WatchedRegionDatabases(
                    new SqliteRegionDatabases(folder.RegionDatabases, functions: provider.GetRequiredService<CatalogSqlFunctions>), Health(provider)),
                options.Databases,
                logger: provider.GetRequiredService<ILogger<NamedDatabases>>(),
                functions: provider.GetRequiredService<CatalogSqlFunctions>))
            .AddSingleton<IModuleStore, SqlModuleStore>()
            .AddSingleton<IBundleStore, SqlBundleStore>()
            .AddSingleton<IFunctionStore, SqlFunctionStore>()
            .AddSingleton<IInvocationStore, SqlInvocationStore>()
            .AddSingleton<IResultStore, SqlResultStore>();
    }

    /// <summary>The PostgreSQL database of a silo as one store, whatever it is used for.</summary>
    public static WatchedStore Watch(IServiceProvider provider)
    {
        var database = provider.GetRequiredService<PostgresDatabase>();
        return Health(provider).Watch("The silo's state", database.Location, database.ProbeAsync);
    }

    private static StorageHealth Health(IServiceProvider provider) => provider.GetRequiredService<StorageHealth>();

    private static SqliteKeyValueStore OpenKeyValues(string path)
    {
        try
        {
            return new SqliteKeyValueStore(path);
        }
        catch (Exception e) when (e is SqliteException or InvalidDataException)
        {
            throw new SiloStartException($"The database {path} cannot be opened: {e.Message}", e);
        }
    }
}
