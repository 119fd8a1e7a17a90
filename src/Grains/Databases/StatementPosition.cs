using System.Text;
using HeliosEdge.Sandbox.HostServices.Sql;

namespace HeliosEdge.Grains.Databases;

/// <summary>Where in a statement an error is, counted alike for all kinds of databases.</summary>
internal static class StatementPosition
{
    /// <summary>The position in characters, from 1. SQLite counts the bytes of UTF-8.</summary>
    public static int? InCharacters(string kind, string statement, int? position)
    {
        if (position is not { } at || kind != SqliteRegionDatabases.KindName)
        {
            return position;
        }

        var bytes = Encoding.UTF8.GetBytes(statement);
        var characters = 1;
        foreach (var b in bytes.AsSpan(0, Math.Clamp(at - 1, 0, bytes.Length)))
        {
            characters += (b & 0xC0) == 0x80 ? 0 : 1;
        }

        return characters;
    }
}
