using System.Collections.Immutable;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Security;
using HeliosEdge.Settings;

namespace HeliosEdge.Data.Databases;

/// <summary>
/// The settings <c>--database</c> and <c>--capture</c>: entries with <c>;</c> or the end of a line between them, each <c>NAME=postgres://…</c> for all regions or
/// <c>NAME@region,region=postgres://…</c> for some. What it throws never quotes an address.
/// </summary>
internal static class DatabaseSettingText
{
    private const string Databases = "database";
    private const string Captures = "capture";
    private const string Example = "an entry looks like orders=postgres://user:password@host:5432/database, or orders@eu-west,us-east=postgres://…";

    /// <summary>Reads the setting.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="servedRegions">The regions of this silo.</param>
    /// <exception cref="InvalidSettingException">It is none.</exception>
    public static ImmutableArray<DatabaseSetting> Parse(string text, IReadOnlyCollection<string> servedRegions) => Parse(text, Databases, servedRegions);

    /// <summary>Reads by which logins pipelines capture changes.</summary>
    /// <param name="text">The setting's text.</param>
    /// <param name="databases">The databases.</param>
    /// <param name="servedRegions">The regions of this silo.</param>
    /// <returns>The databases with them.</returns>
    /// <exception cref="InvalidSettingException">It is none, or not of these databases.</exception>
    public static ImmutableArray<DatabaseSetting> WithCaptures(string text, ImmutableArray<DatabaseSetting> databases, IReadOnlyCollection<string> servedRegions)
    {
        foreach (var capture in Parse(text, Captures, servedRegions))
        {
            var isOf = databases.Where(database => database.Name == capture.Name && (capture.Regions.IsEmpty || database.Regions.SetEquals(capture.Regions))).ToArray();
            if (isOf.Length == 0)
            {
                throw new InvalidSettingException($"--{Captures} {capture.Name} is of no database: --{Databases} has no entry with the same name{(capture.Regions.IsEmpty ? "" : " and regions")}.");
            }

            if (isOf.FirstOrDefault(database => database.Connection.Database != capture.Connection.Database) is { } other)
            {
                throw new InvalidSettingException($"--{Captures} {capture.Name} leads to another database than --{Databases} {other.Name}; only the login may differ.");
            }

            databases = [.. databases.Select(database => isOf.Contains(database) ? database with { Capture = capture.Connection } : database)];
        }

        return databases;
    }

    private static ImmutableArray<DatabaseSetting> Parse(string text, string option, IReadOnlyCollection<string> servedRegions)
    {
        var databases = ImmutableArray.CreateBuilder<DatabaseSetting>();
        foreach (var entry in text.Split([';', '\r', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var database = ParseEntry(entry, databases.Count + 1, option, servedRegions);
            if (databases.FirstOrDefault(other => other.Name == database.Name && Overlap(other.Regions, database.Regions)) is not null)
            {
                throw new InvalidSettingException($"--{option} has \"{database.Name}\" twice for the same region.");
            }

            databases.Add(database);
        }

        return databases.ToImmutable();
    }

    private static DatabaseSetting ParseEntry(string entry, int number, string option, IReadOnlyCollection<string> servedRegions)
    {
        var equals = entry.IndexOf('=', StringComparison.Ordinal);
        var names = equals < 0 ? [] : entry[..equals].Split('@', 2, StringSplitOptions.TrimEntries);
        if (names.Length == 0 || !DnsLabel.IsOne(names[0]))
        {
            // Not quoted: it may be an address that lacks its name.
            throw new InvalidSettingException($"Entry {number} of --{option} does not begin with a name ({DnsLabel.InWords}) and =; {Example}.");
        }

        var name = names[0];
        if (name == SecurityProfile.MainDatabase)
        {
            throw new InvalidSettingException($"--{option} cannot have \"{name}\", which is the database that every region has anyway.");
        }

        var regions = names.Length == 1 ? ImmutableSortedSet<string>.Empty : ParseRegions(name, names[1], option, servedRegions);
        var address = entry[(equals + 1)..].Trim();
        return new DatabaseSetting(name, regions, PostgresUrl.Parse(address, $"{option} {name}", otherwise: null));
    }

    private static ImmutableSortedSet<string> ParseRegions(string name, string text, string option, IReadOnlyCollection<string> servedRegions)
    {
        var regions = text.Split(',', StringSplitOptions.TrimEntries);
        foreach (var region in regions)
        {
            if (!DnsLabel.IsOne(region))
            {
                throw new InvalidSettingException($"--{option} {name} has a region that is not accepted: {DnsLabel.InWords}; {Example}.");
            }

            if (!servedRegions.Contains(region))
            {
                throw new InvalidSettingException($"--{option} {name} is for the region \"{region}\", which this silo does not serve; it serves {string.Join(", ", servedRegions)}.");
            }
        }

        return regions.ToImmutableSortedSet(StringComparer.Ordinal);
    }

    private static bool Overlap(ImmutableSortedSet<string> some, ImmutableSortedSet<string> others) =>
        some.IsEmpty || others.IsEmpty || some.Overlaps(others);
}
