using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using HeliosEdge.Access.Stores;
using HeliosEdge.Access.Tls;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Hosting;
using HeliosEdge.Grains.Modules;
using HeliosEdge.Grains.Procedures;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Engines.Caching;
using HeliosEdge.Sandbox.Engines.Compilation.Workers;
using HeliosEdge.Sandbox.HostServices.Http;
using HeliosEdge.Sandbox.HostServices.KeyValue;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.WarmUp;
using HeliosEdge.Settings;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Bundles;
using HeliosEdge.Silo.Databases;
using HeliosEdge.Silo.Federation;
using HeliosEdge.Silo.Functions;
using HeliosEdge.Silo.Health;
using HeliosEdge.Silo.Http;
using HeliosEdge.Silo.Invocations;
using HeliosEdge.Silo.Modules;
using HeliosEdge.Silo.Pipelines;
using HeliosEdge.Silo.Problems;
using HeliosEdge.Silo.Procedures;
using HeliosEdge.Silo.Regions;
using HeliosEdge.Silo.Triggers;
using HeliosEdge.Storage;
using HeliosEdge.Storage.Postgres;
using HeliosEdge.Storage.Sqlite;
using HeliosEdge.Storage.Watching;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace HeliosEdge.Silo.Hosting;

/// <summary>A silo that serves until it is stopped.</summary>
internal sealed partial class SiloHost : IAsyncDisposable
{
    private const string HostCategory = "Microsoft.Extensions.Hosting.Internal.Host";
    private const string MembersCategory = "Orleans.Runtime.MembershipService";

    private readonly WebApplication _app;
    private readonly DataFolder _folder;

    private SiloHost(WebApplication app, DataFolder folder)
    {
        _app = app;
        _folder = folder;
    }

    /// <summary>The addresses that it listens on, ports chosen by the system filled in.</summary>
    public IReadOnlyList<Uri> Addresses =>
    [
        .. _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
            .Select(address => new Uri(address.Replace("://[::]", "://127.0.0.1", StringComparison.Ordinal))),
    ];

    public IServiceProvider Services => _app.Services;

    /// <summary>Opens the state, loads what is registered and begins to listen.</summary>
    /// <exception cref="SiloStartException">Something around the silo keeps it from starting.</exception>
    public static async Task<SiloHost> StartAsync(SiloOptions options, IConfiguration configuration)
    {
        SqliteRegionDatabases.Prepare();
        var shares = ProcessShares.Of(options);
        options = options with { Access = options.Access with { Connections = options.Access.Connections with { MaxConnections = shares.Connections } } };
        var folder = new DataFolder(options.DataFolder);
        WebApplication? app = null;
        var started = new StrongBox<bool>();
        try
        {
            if (options.Postgres is null)
            {
                folder.CheckDatabase(options.StartAfresh);
            }

            (app, var engines) = Build(options, shares, configuration, folder, started);

            // Beside the rest of the start, which waits for the disk.
            var warming = Task.Run(() => Array.ForEach<IWasmEngine>([.. engines], GuestWarmUp.Run));
            await app.Services.GetRequiredService<IStateDatabase>().MigrateAsync();
            if (options.Postgres is not null)
            {
                await EnterSqlRegionsAsync(app, options, folder);
            }

            app.Services.GetRequiredService<IKeyValueStore>();
            if (options.Postgres is null)
            {
                DamageCheck.Run(folder.Database, folder.KeyValues, Path.Combine(folder.Path, SqliteAccessStore.FileName));
            }

            await app.Services.GetRequiredService<FunctionRegistrar>().LoadAsync();
            await app.CheckAccessAsync(options);
            await app.CheckClusterAsync(options);
            await warming;

            // The way of a guest's line into the log is compiled for its first one, too.
            app.Services.GetRequiredService<HostServiceSet>().Log?.Write("warm-up", options.Regions.Names[0], GuestLogLevel.Debug, "The silo is ready for guests.");
            await app.StartAsync();
            started.Value = true;
            foreach (var isolated in engines.OfType<OutOfProcessEngine>())
            {
                _ = Task.Run(() => StartCompiler(isolated, LogOf(app)));
            }

            return new SiloHost(app, folder);
        }
        catch (Exception e)
        {
            if (app is not null)
            {
                // What has started must end before what it uses is gone.
                try
                {
                    await app.StopAsync();
                }
                catch (InvalidOperationException stopping)
                {
                    // Orleans says so of a silo that has not come to run. Why it has not is what the operator must know.
                    LogNotStopped(LogOf(app), stopping);
                }

                await app.DisposeAsync();
            }

            folder.Dispose();
            if (StartFailure.Of(e, options) is { } failure && failure != e)
            {
                throw failure;
            }

            throw;
        }
    }

    /// <summary>Waits until the process is told to stop, and stops: what was accepted is answered first, for up to 30 s.</summary>
    public Task WaitForShutdownAsync() => _app.WaitForShutdownAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    private static (WebApplication App, ImmutableArray<IPrecompilingEngine> Engines) Build(
        SiloOptions options, ProcessShares shares, IConfiguration settings, DataFolder folder, StrongBox<bool> started)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(LogSettings.Defaults).AddConfiguration(settings).Build();
        var choice = EngineChoice.Make(options);
        var outbound = new OutboundHttpOptions
        {
            AllowPrivateNetworks = options.AllowPrivateNetworks,
            Authorities = options.OutboundCa is { } authorities ? AuthorityFile.Read(authorities, "--outbound-ca") : [],
        };
        ILogger? log = null;
        var early = new List<string>();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddConfiguration(configuration);
        builder.Logging.ClearProviders();
        builder.Logging.AddConfiguration(configuration.GetSection(LogSettings.Section));

        // The builder has set the form of lines already, and would win over what is configured.
        builder.Logging.AddConsole(console => console.FormatterName = LogSettings.FormatterOf(configuration));

        // Why a silo does not start is told once, in a sentence, by whoever starts it.
        builder.Logging.AddFilter(HostCategory, level => started.Value && level >= LogLevel.Warning);

        // The members of a cluster are listed in the same database, and each look at the list would tell of it once more.
        StorageHealth? stores = null;
        builder.Logging.AddFilter(MembersCategory, level => level > LogLevel.Warning || (level == LogLevel.Warning && stores?.Problems.Any() is not true));
        builder.AddAccess(options, folder.Path);
        builder.WebHost.UseUrls([.. options.Urls]);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;

            // The endpoints hold each body to its own, smaller limit; this is the net under them.
            kestrel.Limits.MaxRequestBodySize =
                Math.Max(
                    Math.Max(Math.Max(RequestBody.RegistrationBytes(options.Policy), StatementBody.MaxBytes), options.Policy.Bundles.MaxArchiveBytes),
                    Math.Max(options.Policy.MaxModuleBytes, options.Policy.Ceiling.MaxPayloadBytes))
                + (64L << 10);
            HeaderRules.Apply(kestrel);
            kestrel.ConfigureEndpointDefaults(listen =>
            {
                Http2PriorKnowledge.Use(listen);
                RejectedRequests.Use(listen);
            });
        });

        // ASP.NET Core has its own copy of the names that it does not know; only the source-generated types are ever written.
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default));

        // Before what calls grains from within: services start in this order and stop in the opposite one.
        builder.AddGrainHost(options, Report);
        builder.Services
            .AddHeliosGrains(
                Engines(choice.Engines, options.CodeCacheBytes == 0 ? null : OpenCache(folder, options.CodeCacheBytes, Report)),
                options.Regions,
                options.Postgres is null ? options.Policy : options.Policy with { SqlRegions = options.SqlRegions },
                options.Guests,
                shares.Modules,
                shares.GuestMemoryBytes,
                options.Compiling)
            .AddSingleton(provider => new HostServiceSet
            {
                Log = new GuestLog(provider.GetRequiredService<ILoggerFactory>()),
                Services =
                [
                    provider.GetRequiredService<IKeyValueStore>(),
                    provider.GetRequiredService<ISqlDatabases>(),
                    provider.GetRequiredService<IOutboundHttp>(),
                    new ProcedureCaller(provider.GetRequiredService<FunctionHosts>),
                ],
                MaxViolations = options.MaxViolations,
            })
            .AddSingleton<IOutboundHttp>(_ => new OutboundHttp(outbound))
            .AddState(options, folder)
            .AddSingleton<InboundCalls>()
            .AddInvocations(options)
            .AddDatabases()
            .AddSingleton(options.Versions)
            .AddSingleton(options.Modules)
            .AddSingleton<ModulePurge>()
            .AddHostedService(provider => provider.GetRequiredService<ModulePurge>())
            .AddFederation(options.Federation, options.Access)
            .AddHeliosOpenApi();

        var app = builder.Build();
        stores = app.Services.GetRequiredService<StorageHealth>();
        log = LogOf(app);
        LogEngine(log, choice.Explanation);
        LogShares(log, shares.ToString());
        early.ForEach(Report);
        RejectedRequests.Watch(app.Services);
        app.UseProblems();
        app.UseRequestCheck();
        app.UseAccess();
        app.MapFederation();
        app.MapHealth();
        app.MapModules();
        app.MapBundles();
        app.MapFunctions();
        app.MapVersions();
        app.MapInvoke();
        app.MapProcedures();
        app.MapTriggers();
        app.MapPipelines();
        app.MapHttpFunctions();
        app.MapAsynchronousCalls();
        app.MapRegions();
        app.MapDatabases();
        app.MapOpenApi().OpenToAll();
        app.MapGrainHost(options);
        return (app, choice.Engines);

        void Report(string report)
        {
            if (log is null)
            {
                early.Add(report);
            }
            else
            {
                LogCode(log, report);
            }
        }
    }

    private static ILogger LogOf(WebApplication app) => app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(SiloHost).FullName!);

    private static void StartCompiler(OutOfProcessEngine engine, ILogger log)
    {
        try
        {
            engine.WarmUp();
        }
        catch (SandboxException e)
        {
            // Whoever uploads a module is told, too.
            LogCode(log, e.Message);
        }
    }

    private static Task EnterSqlRegionsAsync(WebApplication app, SiloOptions options, DataFolder folder) => app.Services.GetRequiredService<SqlRegionOwners>().EnterAsync(
        folder.Identity(), $"{folder.Path} on {Environment.MachineName}", options.Regions.Own, [.. options.SqlRegions.Intersect(options.Regions.Own)], options.StartAfresh);

    private static EngineSet Engines(ImmutableArray<IPrecompilingEngine> engines, CodeCache? cache)
    {
        IWasmEngine[] all = [.. engines.Select(IWasmEngine (engine) => cache is null ? engine : new CachingEngine(engine, cache))];
        return new EngineSet(all[0], all[1..]);
    }

    private static CodeCache? OpenCache(DataFolder folder, long maxBytes, Action<string> report)
    {
        try
        {
            return new CodeCache(folder.Path, report, maxBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What it would have saved is time.
            report($"Compiled code is not kept, because its cache in {folder.Path} cannot be opened: {e.Message}");
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Explanation}")]
    private static partial void LogEngine(ILogger log, string explanation);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Shares}")]
    private static partial void LogShares(ILogger log, string shares);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A silo that did not start could not be stopped.")]
    private static partial void LogNotStopped(ILogger log, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Report}")]
    private static partial void LogCode(ILogger log, string report);
}
