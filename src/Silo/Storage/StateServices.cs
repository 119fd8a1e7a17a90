using HeliosEdge.Grains.Bundles;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Grains.Modules;
using HeliosEdge.Sandbox.Storage;
using HeliosEdge.Silo.Hosting;
using HeliosEdge.Silo.Storage.Invocations;
using HeliosEdge.Silo.Storage.Postgres;

namespace HeliosEdge.Silo.Storage;

/// <summary>Adds the durable state to a silo: all of it in one database, but for the regions' SQL databases, which are files.</summary>
internal static class StateServices
{
    public static IServiceCollection AddState(this IServiceCollection services, SiloOptions options, DataFolder folder)
    {
        if (options.Postgres is { } settings)
        {
            services
                .AddSingleton(_ => new PostgresDatabase(settings))
                .AddSingleton<IStateDatabase>(provider => provider.GetRequiredService<PostgresDatabase>())
                .AddSingleton<IKeyValueStore>(provider => new PostgresKeyValueStore(provider.GetRequiredService<PostgresDatabase>()))
                .AddSingleton(options.CatalogWatch)
                .AddHostedService<CatalogWatch>();
        }
        else
        {
            services
                .AddSingleton<IStateDatabase>(_ => new SiloDatabase(folder.Database))
                .AddSingleton<IKeyValueStore>(_ => new SqliteKeyValueStore(folder.KeyValues));
        }

        return services
            .AddSingleton<IModuleStore, SqlModuleStore>()
            .AddSingleton<IBundleStore, SqlBundleStore>()
            .AddSingleton<IFunctionStore, SqlFunctionStore>()
            .AddSingleton<IInvocationStore, SqlInvocationStore>()
            .AddSingleton<IResultStore, SqlResultStore>();
    }
}
