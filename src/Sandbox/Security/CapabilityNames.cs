using System.Collections.Immutable;

namespace HeliosEdge.Sandbox.Security;

/// <summary>The names of capabilities in registrations.</summary>
public static class CapabilityNames
{
    /// <summary>What a region's SQL database is used by.</summary>
    internal const Capability Sql = Capability.DbQuery | Capability.DbExecute;

    private static readonly (Capability Capability, string Name)[] Names =
    [
        (Capability.Clock, "clock"),
        (Capability.DbExecute, "db.execute"),
        (Capability.DbQuery, "db.query"),
        (Capability.Env, "env"),
        (Capability.FsRead, "fs.read"),
        (Capability.HttpOutbound, "http.outbound"),
        (Capability.KvRead, "kv.read"),
        (Capability.KvWrite, "kv.write"),
        (Capability.Log, "log"),
        (Capability.ProcCall, "proc.call"),
        (Capability.Random, "random"),
    ];

    private static readonly (Capability Capability, string Name)[] Derived =
    [
        (Capability.ExecuteSome, "db.execute or db.execute:NAME"),
        (Capability.QuerySome, "db.query or db.query:NAME"),
    ];

    /// <summary>All names, sorted.</summary>
    public static ImmutableArray<string> All { get; } = [.. Names.Select(entry => entry.Name)];

    /// <summary>All capabilities together.</summary>
    public static Capability Every { get; } = Names.Aggregate(Capability.None, (all, entry) => all | entry.Capability);

    /// <summary>The names of a set of capabilities, sorted.</summary>
    public static ImmutableArray<string> Of(Capability capabilities) =>
        [.. Names.Concat(Derived).Where(entry => capabilities.HasFlag(entry.Capability)).Select(entry => entry.Name)];

    /// <summary>What a name in a registration means on a database other than <c>main</c>: <c>db.query:orders</c>.</summary>
    /// <param name="name">The name.</param>
    /// <param name="capability">The part before the colon.</param>
    /// <param name="database">The part behind it.</param>
    /// <returns>False if it has another form.</returns>
    public static bool TryParseNamed(string name, out Capability capability, out string database)
    {
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        database = colon < 0 ? "" : name[(colon + 1)..];
        capability = Capability.None;
        return database.Length > 0 && TryParse(name[..colon], out capability) && (capability & ~Sql) == Capability.None;
    }

    /// <summary>Finds a capability by its exact name.</summary>
    public static bool TryParse(string name, out Capability capability)
    {
        capability = Array.Find(Names, entry => entry.Name == name).Capability;
        return capability != Capability.None;
    }
}
