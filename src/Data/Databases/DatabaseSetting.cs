using System.Collections.Immutable;
using Npgsql;

namespace HeliosEdge.Data.Databases;

/// <summary>A PostgreSQL database that the operator gives to functions.</summary>
/// <param name="Name">What functions call it.</param>
/// <param name="Regions">The regions that have it; empty for all.</param>
/// <param name="Connection">How it is reached.</param>
/// <param name="Capture">How pipelines reach it; null for the same way.</param>
internal sealed record DatabaseSetting(string Name, ImmutableSortedSet<string> Regions, NpgsqlConnectionStringBuilder Connection, NpgsqlConnectionStringBuilder? Capture = null)
{
    /// <summary>The name: what is else in it has a password.</summary>
    public override string ToString() => Name;
}
