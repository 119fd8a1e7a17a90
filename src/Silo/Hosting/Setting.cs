using System.Globalization;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Federation;

namespace HeliosEdge.Silo.Hosting;

/// <summary>One thing that the operator can set: by a switch, by an environment variable, or in <c>appsettings.json</c>.</summary>
/// <param name="Name">The name of the switch, without the dashes.</param>
/// <param name="Argument">What its argument is called in the help; null for a switch without one.</param>
/// <param name="Default">What holds if it is not set, as text.</param>
/// <param name="Description">What it does.</param>
internal sealed record Setting(string Name, string? Argument, string Default, string Description)
{
    public static readonly Setting Urls = new(
        "urls", "URLS", "http://127.0.0.1:8080", "Addresses to listen on, separated by ';'. Port 0 takes a free one.");

    public static readonly Setting Data = new("data", "FOLDER", "./data", "Folder for the silo's state; made if it does not exist.");

    public static readonly Setting New = new(
        "new", null, "false", "Start afresh in a data folder whose silo.db is gone; what else is in it stays. A folder with silo.db is refused. With a PostgreSQL store: have SQL databases of regions here whose data folder is gone.");

    public static readonly Setting Store = new(
        "store", "sqlite|URL", "sqlite", "Where the state is: sqlite, in the data folder, or a PostgreSQL database as postgres://user:password@host/database.");

    public static readonly Setting Regions = new(
        "regions", "NAMES", "eu-west,us-east,ap-south", "Regions that this silo serves, separated by ',', the preferred one first.");

    public static readonly Setting SqlRegions = new(
        "sql-regions", "NAMES", "all with --store sqlite, else none", "Regions, separated by ',', whose functions may use SQL where silos share their state in PostgreSQL: each is served by one silo only, whose data folder has its SQL database.");

    public static readonly Setting Database = new(
        "database", "NAME=URL", "none", "A PostgreSQL database that functions get as db.query:NAME and db.execute:NAME: NAME=postgres://user:password@host/database for all regions, or NAME@region,region=postgres://…. May be given several times; in the environment and in the file, with ';' between.")
    {
        MayRepeat = true,
    };

    public static readonly Setting Capture = new(
        "capture", "NAME=URL", "the login of --database", "The login by which pipelines capture changes of a database of --database: NAME=postgres://user:password@host/database, or NAME@region,region=postgres://…, as there. May be given several times; in the environment and in the file, with ';' between.")
    {
        MayRepeat = true,
    };

    public static readonly Setting Demo = new(
        "demo", null, "false", "Deploy the sample functions, call each once in every region, show how, and keep serving.");

    public static readonly Setting Engine = new(
        "engine", "NAME", "wasmtime", "What runs guests: wasmtime, or managed, which needs nothing native and knows WebAssembly 2.0.");

    public static readonly Setting AllowEngine = new(
        "allow-engine", "NAMES", "none", "Engines, separated by ',', that functions may choose beside that of --engine.");

    public static readonly Setting GuestThreads = new(
        "guest-threads", "N", "16 or four a processor", "Guests that run at once.");

    public static readonly Setting GuestQueue = new("guest-queue", "N", "1024", "Calls that may wait for a guest thread; more are answered with 429.");

    public static readonly Setting GuestMemoryMiB = new(
        "guest-memory-mib", "N", "two thirds of what the process may have", "Memory of all guests together, in MiB; calls above it wait, then are answered with 429.");

    public static readonly Setting CodeCacheMiB = new(
        "code-cache-mib", "N", "1024", "Compiled code that is kept in the data folder, in MiB; what was used least recently goes first, 0 keeps none.");

    public static readonly Setting ModuleHours = new(
        "module-hours", "N", "24", "Hours for which a module is kept that no version of a function names, from when it was uploaded.");

    public static readonly Setting CompileSeconds = new("compile-seconds", "N", "30", "Processor time that compiling a module may take, in seconds.");

    public static readonly Setting CompileMemoryMiB = new(
        "compile-memory-mib", "N", "1024", "Memory that compiling a module may take, in MiB, where a process of its own compiles.");

    public static readonly Setting CompileCodeMiB = new("compile-code-mib", "N", "256", "Most code that a module may be compiled to, in MiB.");

    public static readonly Setting CompileCallerSeconds = new(
        "compile-caller-seconds", "N", "300", "Processor time that compiling the modules of one caller may take at once, in seconds; half a second comes back in a second.");

    public static readonly Setting CompileQueue = new("compile-queue", "N", "64", "Modules of one caller that are compiled or wait for it; more are answered with 429.");

    public static readonly Setting CompileParallel = new(
        "compile-parallel", "N", "half of the processors, at least 2", "Modules that are compiled at the same time; half of the places are for those that take long.");

    public static readonly Setting ResultHours = new(
        "result-hours", "N", "24", "Hours for which asynchronous invocations and their results are kept, from when they ended; dead ones at least two weeks.");

    public static readonly Setting KeepVersions = new(
        "keep-versions", "N", "100", "Versions of each function that are kept, the newest; those that take calls are kept besides.");

    public static readonly Setting Policy = new(
        "policy", "FILE", "none", "JSON file with default limits, ceilings, and what single regions allow; the --max-* options win over it.");

    public static readonly Setting OutboundCa = new(
        "outbound-ca", "FILE", "none", "Certificates of authorities, as PEM, whose https servers functions may reach, beside those that the machine trusts.");

    public static readonly Setting MaxModuleBytes = Ceiling(LimitKinds.MaxModuleBytes, "Largest module accepted, in bytes.");

    public static readonly Setting MaxMemoryMiB = Ceiling(LimitKinds.MemoryMiB, "Most linear memory that a function may ask for, in MiB.");

    public static readonly Setting MaxTimeoutMs = Ceiling(LimitKinds.TimeoutMs, "Longest running time that a function may ask for, in ms.");

    public static readonly Setting MaxPayloadBytes = Ceiling(LimitKinds.MaxPayloadBytes, "Largest payload that a function may ask for, in bytes.");

    public static readonly Setting MaxResponseBytes = Ceiling(LimitKinds.MaxResponseBytes, "Largest response that a function may ask for, in bytes.");

    public static readonly Setting MaxBundleBytes = new("max-bundle-bytes", "N", "16777216", "Largest bundle accepted, as a ZIP archive, in bytes.");

    public static readonly Setting MaxBundleFileBytes = new(
        "max-bundle-file-bytes", "N", "67108864", "Most that the files of a bundle may have together, unpacked, in bytes.");

    public static readonly Setting Cluster = new(
        "cluster", "URL|none", "the store, when that is PostgreSQL", "Where the silos of the cluster are listed: a PostgreSQL database as postgres://user:password@host:port/database, or none for a silo that is alone.");

    public static readonly Setting ClusterId = new("cluster-id", "NAME", "helios", "Silos with the same id are one cluster.");

    public static readonly Setting ClusterAddress = new(
        "cluster-address", "IP", "127.0.0.1", "The address by which the other silos reach this one.");

    public static readonly Setting SiloPort = new("silo-port", "N", "11111", "The port by which the other silos reach this one; 0 takes a free one.");

    public static readonly Setting GatewayPort = new(
        "gateway-port", "N", "0", "The port by which clients reach the cluster's grains at this silo, past keys and scopes; 0 for none.");

    public static readonly Setting Dashboard = new("dashboard", null, "false", "Serve the Orleans dashboard at /dashboard/orleans/, to callers with the scope admin.");

    // Made when asked for: the settings of other files are of this type, too.
    public static IReadOnlyList<Setting> All => field ??=
    [
        Urls, Data, New, Store, Regions, SqlRegions, Database, Capture, Demo, Engine, AllowEngine, GuestThreads, GuestQueue, GuestMemoryMiB, CodeCacheMiB, ModuleHours, CompileSeconds, CompileMemoryMiB, CompileCodeMiB, CompileCallerSeconds, CompileQueue, CompileParallel, ResultHours, KeepVersions, Policy, OutboundCa, MaxModuleBytes, MaxMemoryMiB, MaxTimeoutMs, MaxPayloadBytes, MaxResponseBytes, MaxBundleBytes, MaxBundleFileBytes,
        .. FederationSettings.All,
        .. AccessSettings.All,
        Cluster, ClusterId, ClusterAddress, SiloPort, GatewayPort, Dashboard,
    ];

    private static Setting Ceiling(LimitKind kind, string description) =>
        new(kind.CeilingOption, "N", kind.Ceiling!.Value.ToString(CultureInfo.InvariantCulture), description);

    /// <summary>Whether its switch may be given several times; the values come with the end of a line between them.</summary>
    public bool MayRepeat { get; init; }

    /// <summary>The environment variable, such as <c>HELIOS_MAX_MEMORY_MIB</c>.</summary>
    public string EnvironmentVariable { get; } = "HELIOS_" + Name.ToUpperInvariant().Replace('-', '_');

    /// <summary>The member of the object <c>Helios</c> in <c>appsettings.json</c>, such as <c>maxMemoryMib</c>.</summary>
    public string JsonMember { get; } = string.Concat(
        Name.Split('-').Select((word, i) => i == 0 ? word : string.Concat(char.ToUpperInvariant(word[0]).ToString(), word.AsSpan(1))));
}
