using System.Collections.Immutable;

namespace HeliosEdge.Sandbox.Security;

/// <summary>The capabilities of a function: those of a preset, and what its registration adds.</summary>
public sealed record SecurityProfile
{
    private static readonly SecurityProfile[] Presets =
    [
        new("minimal", Capability.None),
        new("compute", Capability.Log | Capability.Clock | Capability.Random | Capability.Env),
        new("database_only", Capability.Log | Capability.DbQuery | Capability.DbExecute | Capability.ProcCall),
        new(
            "edge",
            Capability.Log | Capability.Clock | Capability.Random | Capability.Env | Capability.KvRead | Capability.KvWrite
            | Capability.DbQuery | Capability.DbExecute | Capability.ProcCall | Capability.HttpOutbound | Capability.FsRead),
    ];

    /// <summary>The name of the database that every region has, and that capabilities without a name are for.</summary>
    public const string MainDatabase = "main";

    private const Capability Waiting =
        Capability.KvRead | Capability.KvWrite | Capability.DbQuery | Capability.DbExecute | Capability.ProcCall | Capability.HttpOutbound;

    private SecurityProfile(string name, Capability capabilities)
    {
        Name = name;
        Capabilities = capabilities;
    }

    /// <summary>The profile of a registration that states none: it may compute, no more.</summary>
    public static SecurityProfile Minimal => Presets[0];

    /// <summary>The names of the presets.</summary>
    public static ImmutableArray<string> PresetNames { get; } = [.. Presets.Select(preset => preset.Name)];

    /// <summary>The preset's name.</summary>
    public string Name { get; }

    /// <summary>What is granted, the preset's and what was added, without what is granted on databases other than <c>main</c>.</summary>
    public Capability Capabilities { get; private init; }

    /// <summary>What is granted on databases other than <c>main</c>, by their names.</summary>
    public ImmutableSortedDictionary<string, Capability> Databases { get; private init; } = ImmutableSortedDictionary.Create<string, Capability>(StringComparer.Ordinal);

    /// <summary>The database that host functions mean which name none.</summary>
    public string OwnDatabase { get; private init; } = MainDatabase;

    /// <summary>The names of all that is granted, sorted.</summary>
    public ImmutableArray<string> Names =>
    [
        .. CapabilityNames.Of(Capabilities)
            .Concat(Databases.SelectMany(granted => CapabilityNames.Of(granted.Value).Select(name => $"{name}:{granted.Key}")))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>What its guests may import: <see cref="Capabilities"/>, and what follows from them.</summary>
    public Capability Importable
    {
        get
        {
            var sql = Databases.Values.Aggregate(Capabilities, (all, granted) => all | granted);
            return Capabilities
                | Databases.GetValueOrDefault(OwnDatabase)
                | (sql.HasFlag(Capability.DbQuery) ? Capability.QuerySome : Capability.None)
                | (sql.HasFlag(Capability.DbExecute) ? Capability.ExecuteSome : Capability.None);
        }
    }

    /// <summary>The profile that a registration asks for.</summary>
    /// <param name="preset">A preset's name; null for <c>minimal</c>.</param>
    /// <param name="added">The names of capabilities to grant beyond the preset's.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>: there is no such preset or capability.</exception>
    public static SecurityProfile Resolve(string? preset, IEnumerable<string> added)
    {
        var found = preset is null ? Minimal : Array.Find(Presets, candidate => candidate.Name == preset);
        if (found is null)
        {
            throw new SandboxException(
                ErrorCodes.InvalidParameter, $"profile must be one of {string.Join(", ", PresetNames)}, not \"{Shorten(preset!)}\".");
        }

        var capabilities = found.Capabilities;
        var databases = found.Databases;
        foreach (var name in added)
        {
            if (CapabilityNames.TryParse(name, out var capability))
            {
                capabilities |= capability;
            }
            else if (CapabilityNames.TryParseNamed(name, out capability, out var database))
            {
                if (database == MainDatabase)
                {
                    capabilities |= capability;
                }
                else
                {
                    databases = databases.SetItem(database, databases.GetValueOrDefault(database) | capability);
                }
            }
            else
            {
                throw new SandboxException(
                    ErrorCodes.InvalidParameter,
                    $"\"{Shorten(name)}\" in capabilities is not a capability; capabilities are {string.Join(", ", CapabilityNames.All)}, and db.query:NAME and db.execute:NAME for a database.");
            }
        }

        return found with { Capabilities = capabilities, Databases = databases };
    }

    /// <summary>This profile, without what is not allowed.</summary>
    /// <param name="allowed">What is allowed.</param>
    /// <param name="onDatabases">What is allowed on databases other than <c>main</c>.</param>
    public SecurityProfile Within(Capability allowed, Capability onDatabases) => this with
    {
        Capabilities = Capabilities & allowed,
        Databases = Databases
            .Select(granted => KeyValuePair.Create(granted.Key, granted.Value & onDatabases))
            .Where(granted => granted.Value != Capability.None)
            .ToImmutableSortedDictionary(StringComparer.Ordinal),
    };

    /// <summary>This profile for a procedure: what it grants on SQL is for the procedure's database and for no other.</summary>
    public SecurityProfile InProcedureOn(string database) => database == MainDatabase
        ? this with { Databases = Databases.Clear() }
        : this with
        {
            Capabilities = Capabilities & ~CapabilityNames.Sql,
            Databases = Databases.Clear().Add(database, Databases.GetValueOrDefault(database) | (Capabilities & CapabilityNames.Sql)),
            OwnDatabase = database,
        };

    /// <summary>Whether a guest may call what waits for something outside of the process, or for a disk.</summary>
    public bool MayWait => (Capabilities & Waiting) != 0 || !Databases.IsEmpty;

    /// <summary>Whether a procedure on the region's own database, which is a file beside the silo, may call what waits for anything else than that and other procedures on it.</summary>
    public bool MayWaitBesideMain => (Capabilities & Waiting & ~(CapabilityNames.Sql | Capability.ProcCall)) != 0 || !Databases.IsEmpty;

    /// <summary>True if all of <paramref name="capabilities"/> are granted.</summary>
    public bool Grants(Capability capabilities) => (Importable & capabilities) == capabilities;

    /// <summary>True if all of <paramref name="capabilities"/> are granted on a database.</summary>
    public bool Grants(Capability capabilities, string database) =>
        ((database == MainDatabase ? Capabilities : Databases.GetValueOrDefault(database)) & capabilities) == capabilities;

    private static string Shorten(string text) => text.Length <= 64 ? text : $"{text[..64]}…";
}
