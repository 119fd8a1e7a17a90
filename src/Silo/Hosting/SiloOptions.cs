using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using HeliosEdge.Data.Databases;
using HeliosEdge.Federation;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Grains.Modules;
using HeliosEdge.Grains.Regions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Engines.Caching;
using HeliosEdge.Sandbox.Engines.Managed;
using HeliosEdge.Sandbox.Engines.Wasmtime;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Memory;
using HeliosEdge.Sandbox.Wasi.Files.Bundles;
using HeliosEdge.Settings;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Federation;
using HeliosEdge.Storage.Postgres;
using Npgsql;

namespace HeliosEdge.Silo.Hosting;

/// <summary>How a silo is to run; every value checked.</summary>
internal sealed record SiloOptions
{
    /// <summary>A year.</summary>
    private const int MaxHours = 8_784;

    public required IReadOnlyList<string> Urls { get; init; }

    public required string DataFolder { get; init; }

    /// <summary>Whether to make a database in a folder that has lost its own.</summary>
    public bool StartAfresh { get; init; }

    /// <summary>The PostgreSQL database that holds the state; null where it is in the data folder.</summary>
    public NpgsqlConnectionStringBuilder? Postgres { get; init; }

    public required ServedRegions Regions { get; init; }

    /// <summary>The regions whose functions may use SQL although silos share their state.</summary>
    public ImmutableHashSet<string> SqlRegions { get; init; } = [];

    /// <summary>The PostgreSQL databases that functions may have by name.</summary>
    public ImmutableArray<DatabaseSetting> Databases { get; init; } = [];

    public bool Demo { get; init; }

    /// <summary>The engine of functions that choose none.</summary>
    public EngineKind Engine { get; init; }

    /// <summary>The engines that functions may choose beside it.</summary>
    public ImmutableArray<EngineKind> AllowedEngines { get; init; } = [];

    public GuestThreadOptions Guests { get; init; } = new();

    /// <summary>What the system lets the process have.</summary>
    public ProcessLimits Limits { get; init; } = ProcessLimits.Read();

    /// <summary>Memory of all guests together, in MiB; null for a share of what the process may have.</summary>
    public int? GuestMemoryMiB { get; init; }

    /// <summary>Compiled code that is kept on disk, in bytes; 0 keeps none.</summary>
    public long CodeCacheBytes { get; init; } = CodeCache.DefaultMaxBytes;

    /// <summary>What compiling may cost.</summary>
    public CompileLimits Compiling { get; init; } = new();

    /// <summary>How long asynchronous invocations and their results are kept, from when they ended.</summary>
    public TimeSpan ResultLifetime { get; init; } = InvocationLifetime.Default.OfResults;

    public ModuleRetention Modules { get; init; } = new();

    public FunctionVersionOptions Versions { get; init; } = new();

    public SandboxPolicy Policy { get; init; } = new();

    /// <summary>The silos that this one works with.</summary>
    public FederationOptions Federation { get; init; } = new();

    public AccessOptions Access { get; init; } = new();

    /// <summary>The refused access that ends an invocation, counted from 1.</summary>
    public int MaxViolations { get; init; } = EscapeDetector.DefaultMaxViolations;

    public ClusterOptions Cluster { get; init; } = new();

    public CatalogWatchOptions CatalogWatch { get; init; } = new();

    /// <summary>Whether guests' requests may reach addresses that are not public.</summary>
    public bool AllowPrivateNetworks { get; init; }

    /// <summary>The file of authorities whose servers guests' requests may reach over https, beside those that the machine trusts; null for none.</summary>
    public string? OutboundCa { get; init; }

    /// <summary>The PostgreSQL database with the list of the cluster's silos; null for a silo that is alone.</summary>
    public NpgsqlConnectionStringBuilder? Members => Cluster.MembersBeside(Postgres);

    /// <summary>Where the state is, without a password.</summary>
    public string StateLocation => Postgres is { } database
        ? $"{DataFolder} and the database {database.Host}:{database.Port}/{database.Database}"
        : DataFolder;

    /// <summary>Reads the options; <paramref name="find"/> gives the text of a setting, or null where it is not set.</summary>
    /// <exception cref="InvalidSettingException">A value is not accepted; the message names the setting.</exception>
    public static SiloOptions From(Func<Setting, string?> find)
    {
        var guests = new GuestThreadOptions();
        guests = guests with
        {
            Threads = Number(find, Setting.GuestThreads) ?? guests.Threads,
            MaxQueued = Number(find, Setting.GuestQueue) ?? guests.MaxQueued,
        };
        var compiling = new CompileLimits();
        compiling = compiling with
        {
            MaxSeconds = Number(find, Setting.CompileSeconds) ?? compiling.MaxSeconds,
            MaxMemoryMiB = Number(find, Setting.CompileMemoryMiB) ?? compiling.MaxMemoryMiB,
            MaxCodeMiB = Number(find, Setting.CompileCodeMiB) ?? compiling.MaxCodeMiB,
            MaxSecondsPerCaller = Number(find, Setting.CompileCallerSeconds) ?? compiling.MaxSecondsPerCaller,
            MaxQueuedPerCaller = Number(find, Setting.CompileQueue) ?? compiling.MaxQueuedPerCaller,
            Parallel = Number(find, Setting.CompileParallel) ?? compiling.Parallel,
        };
        try
        {
            guests.Validate();
            compiling.Validate();
            var regions = new ServedRegions(
                (find(Setting.Regions) ?? Setting.Regions.Default).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
            var file = find(Setting.Policy) is { Length: > 0 } path ? PolicyFile.Read(Path.GetFullPath(path), regions) : new PolicyFile();
            var policy = Override(file, find);
            policy.Validate();
            var urls = ParseUrls(find(Setting.Urls) ?? Setting.Urls.Default);
            var postgres = find(Setting.Store) is { } store && store != Setting.Store.Default ? PostgresUrl.Parse(store) : null;
            var cluster = ClusterOptions.From(find);
            var options = new SiloOptions
            {
                Urls = urls,
                Access = AccessOptions.From(find, urls, cluster.MembersBeside(postgres) is not null),
                DataFolder = Path.GetFullPath(find(Setting.Data) is { Length: > 0 } folder ? folder : Setting.Data.Default),
                StartAfresh = Flag(find, Setting.New),
                Postgres = postgres,
                Regions = regions,
                Federation = FederationSettings.Read(find, regions),
                SqlRegions = ParseSqlRegions(find(Setting.SqlRegions), postgres is not null),
                Databases = ParseDatabases(find, regions),
                Demo = Flag(find, Setting.Demo),
                Engine = ParseEngine(Setting.Engine, find(Setting.Engine) ?? Setting.Engine.Default),
                AllowedEngines = ParseEngines(find(Setting.AllowEngine)),
                Guests = guests,
                GuestMemoryMiB = Number(find, Setting.GuestMemoryMiB),
                Compiling = compiling,
                Cluster = cluster,
                CodeCacheBytes = Number(find, Setting.CodeCacheMiB) is { } mebibytes ? (long)mebibytes << 20 : CodeCache.DefaultMaxBytes,
                Modules = Hours(find, Setting.ModuleHours) is { } kept ? new ModuleRetention { Unnamed = kept } : new ModuleRetention(),
                ResultLifetime = Hours(find, Setting.ResultHours) ?? InvocationLifetime.Default.OfResults,
                Versions = ParseVersions(Number(find, Setting.KeepVersions)),
                Policy = policy,
                MaxViolations = file.MaxViolations,
                AllowPrivateNetworks = file.AllowPrivateNetworks,
                OutboundCa = find(Setting.OutboundCa) is { Length: > 0 } authorities ? Path.GetFullPath(authorities) : null,
            };
            options.CheckCluster();
            return options;
        }
        catch (SandboxException e)
        {
            throw new InvalidSettingException(e.Message);
        }
    }

    private static ImmutableArray<DatabaseSetting> ParseDatabases(Func<Setting, string?> find, ServedRegions regions)
    {
        var databases = find(Setting.Database) is { Length: > 0 } text && text != Setting.Database.Default ? DatabaseSettingText.Parse(text, regions.Own) : [];
        return find(Setting.Capture) is { Length: > 0 } captures && captures != Setting.Capture.Default ? DatabaseSettingText.WithCaptures(captures, databases, regions.Own) : databases;
    }

    private void CheckCluster()
    {
        if (Members is null)
        {
            if (Cluster.GatewayPort > 0)
            {
                throw new InvalidSettingException(
                    $"--{Setting.GatewayPort.Name} is for silos of a cluster, which a client finds by it; this silo is alone. Give it a PostgreSQL database as --{Setting.Store.Name}.");
            }

            return;
        }

        if (Postgres is null)
        {
            throw new InvalidSettingException(
                $"--{Setting.Cluster.Name} is for silos that share their state: it needs a PostgreSQL database as --{Setting.Store.Name}.");
        }

        if (!IPAddress.IsLoopback(Cluster.Address) && !Access.HasClusterTls)
        {
            throw new InvalidSettingException(
                $"--{Setting.ClusterAddress.Name} {Cluster.Address} is not loopback: the other silos, and clients, reach this one there over TLS only, for which "
                + $"--{AccessSettings.PeerCa.Name} names the authority and --{AccessSettings.PeerCert.Name} or --{AccessSettings.TlsCert.Name} this silo's certificate, which must be good for servers and clients.");
        }
    }

    // What the command line says about a ceiling also lowers what the file says below it.
    private static SandboxPolicy Override(PolicyFile file, Func<Setting, string?> find)
    {
        var policy = file.Policy;
        var ceiling = policy.Ceiling with
        {
            MemoryMiB = Number(find, Setting.MaxMemoryMiB) ?? policy.Ceiling.MemoryMiB,
            TimeoutMs = Number(find, Setting.MaxTimeoutMs) ?? policy.Ceiling.TimeoutMs,
            MaxPayloadBytes = Number(find, Setting.MaxPayloadBytes) ?? policy.Ceiling.MaxPayloadBytes,
            MaxResponseBytes = Number(find, Setting.MaxResponseBytes) ?? policy.Ceiling.MaxResponseBytes,
            MaxModuleBytes = Number(find, Setting.MaxModuleBytes) ?? policy.Ceiling.MaxModuleBytes,
        };

        // A ceiling above the usual size of modules raises that.
        var moduleBytes = file.StatesModuleBytes ? policy.Defaults.MaxModuleBytes : ceiling.MaxModuleBytes;
        return policy with
        {
            Bundles = Bound(Bound(policy.Bundles, BundleLimitKind.ArchiveBytes, Setting.MaxBundleBytes), BundleLimitKind.FileBytes, Setting.MaxBundleFileBytes),
            Ceiling = ceiling,
            Defaults = LimitKinds.Lower(policy.Defaults with { MaxModuleBytes = moduleBytes }, ceiling),
            Regions = policy.Regions.ToImmutableDictionary(
                region => region.Key, region => region.Value with { Ceiling = Lower(region.Value.Ceiling, ceiling) }),
        };

        BundleLimits Bound(BundleLimits limits, BundleLimitKind kind, Setting setting) =>
            Number(find, setting) is { } most ? kind.Set(limits, most, $"--{setting.Name}") : limits;
    }

    private static RequestedLimits Lower(RequestedLimits stated, ResourceLimits ceiling)
    {
        foreach (var kind in LimitKinds.All)
        {
            if (kind.Of(ceiling) is { } most && stated.Values.TryGetValue(kind.Name, out var value) && value > most)
            {
                stated = stated.With(kind.Name, most);
            }
        }

        return stated;
    }

    private static List<string> ParseUrls(string text)
    {
        var urls = text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToList();
        if (urls.Count == 0)
        {
            throw new InvalidSettingException("--urls names no address.");
        }

        foreach (var url in urls)
        {
            // Kestrel also takes http://*:80 and http://+:80, which are no URIs.
            var asUri = url.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal);
            if (!Uri.TryCreate(asUri, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.PathAndQuery != "/")
            {
                throw new InvalidSettingException(
                    $"--urls: \"{url}\" is not accepted; an address looks like {Setting.Urls.Default}.");
            }
        }

        return urls;
    }

    private static TimeSpan? Hours(Func<Setting, string?> find, Setting setting) => Number(find, setting) switch
    {
        null => null,
        >= 1 and <= MaxHours and var hours => TimeSpan.FromHours(hours),
        var hours => throw new InvalidSettingException($"--{setting.Name} must be from 1 to {MaxHours}, not {hours}."),
    };

    private static ImmutableHashSet<string> ParseSqlRegions(string? text, bool isShared)
    {
        if (text is not { Length: > 0 })
        {
            return [];
        }

        if (!isShared)
        {
            throw new InvalidSettingException($"--{Setting.SqlRegions.Name} is for silos that share their state in PostgreSQL; with --{Setting.Store.Name} sqlite functions of all regions may use SQL.");
        }

        var regions = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (var region in regions)
        {
            Grains.Names.Require($"--{Setting.SqlRegions.Name}", region);
        }

        return [.. regions];
    }

    private static EngineKind ParseEngine(Setting setting, string text) => text switch
    {
        ManagedEngine.EngineName => EngineKind.Managed,
        WasmtimeEngine.EngineName => EngineKind.Wasmtime,
        _ => throw new InvalidSettingException($"--{setting.Name} is {WasmtimeEngine.EngineName} or {ManagedEngine.EngineName}, not \"{text}\"."),
    };

    private static ImmutableArray<EngineKind> ParseEngines(string? text) => text is null || text == Setting.AllowEngine.Default
        ? []
        : [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(name => ParseEngine(Setting.AllowEngine, name))];

    private static FunctionVersionOptions ParseVersions(int? kept) => kept switch
    {
        null => new FunctionVersionOptions(),
        >= FunctionVersionOptions.MinKept and <= FunctionVersionOptions.MaxKept => new FunctionVersionOptions { Kept = kept.Value },
        _ => throw new InvalidSettingException(
            $"--{Setting.KeepVersions.Name} must be from {FunctionVersionOptions.MinKept} to {FunctionVersionOptions.MaxKept}, not {kept}."),
    };

    private static int? Number(Func<Setting, string?> find, Setting setting)
    {
        if (find(setting) is not { } text)
        {
            return null;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InvalidSettingException($"--{setting.Name} must be a whole number up to {int.MaxValue}, not \"{text}\".");
    }

    private static bool Flag(Func<Setting, string?> find, Setting setting)
    {
        var text = find(setting) ?? setting.Default;
        return bool.TryParse(text, out var flag)
            ? flag
            : throw new InvalidSettingException($"--{setting.Name} is true or false, not \"{text}\".");
    }
}
