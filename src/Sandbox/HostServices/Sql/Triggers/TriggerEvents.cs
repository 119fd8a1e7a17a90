using System.Collections.Immutable;
using System.Globalization;

namespace HeliosEdge.Sandbox.HostServices.Sql.Triggers;

/// <summary>The events of triggers.</summary>
public static class TriggerEvents
{
    /// <summary>All, sorted.</summary>
    public static ImmutableArray<string> All { get; } =
        ["after_delete", "after_insert", "after_update", "before_delete", "before_insert", "before_update"];

    /// <summary>The words of SQL for an event: <c>BEFORE INSERT</c>.</summary>
    internal static string Sql(string name) => name.Replace('_', ' ').ToUpperInvariant();

    /// <summary>Whether the guest may change the row.</summary>
    internal static bool MayChange(string name) => name is "before_insert" or "before_update";

    /// <summary>Now, as guests get it.</summary>
    internal static string Moment() => DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);

    internal static bool HasOld(string name) => !name.EndsWith("insert", StringComparison.Ordinal);

    internal static bool HasNew(string name) => !name.EndsWith("delete", StringComparison.Ordinal);
}
