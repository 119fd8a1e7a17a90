using Npgsql;

namespace HeliosEdge.Data.Postgres.Changes;

/// <summary>The columns of a table as the server has them now.</summary>
/// <param name="Names">Their names, in the order of its rows.</param>
/// <param name="Types">Their types.</param>
/// <param name="Key">Those that are the key.</param>
internal sealed record TableColumns(string[] Names, PostgresType[] Types, HashSet<string> Key)
{
    /// <summary>All columns; the key is the primary one.</summary>
    public const string All = Select + "i.indisprimary" + Where;

    /// <summary>The columns that the log tells of; the key is what tells its rows apart there.</summary>
    public const string Logged = Select + "CASE WHEN c.relreplident = 'i' THEN i.indisreplident ELSE i.indisprimary END" + Where + " AND a.attgenerated = ''";

    private const string Select =
        """
        SELECT a.attname::pg_catalog.text, a.atttypid, coalesce(a.attnum = ANY (i.indkey), false)
        FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid LEFT JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND 
        """;

    private const string Where = " WHERE c.oid = $1 AND a.attnum > 0 AND NOT a.attisdropped";

    /// <summary>Reads them.</summary>
    /// <param name="connection">Where.</param>
    /// <param name="types">Knows types.</param>
    /// <param name="which"><see cref="All"/> or <see cref="Logged"/>.</param>
    /// <param name="table">The table's number.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<TableColumns> ReadAsync(NpgsqlConnection connection, PostgresTypes types, string which, uint table, CancellationToken cancellationToken)
    {
        List<string> names = [];
        List<uint> numbers = [];
        HashSet<string> key = new(StringComparer.Ordinal);
        await using (var command = new NpgsqlCommand($"{which} ORDER BY a.attnum", connection) { Parameters = { new NpgsqlParameter { Value = table, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Oid } } })
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                names.Add(reader.GetString(0));
                numbers.Add(reader.GetFieldValue<uint>(1));
                if (reader.GetBoolean(2))
                {
                    key.Add(names[^1]);
                }
            }
        }

        return new TableColumns([.. names], await types.FindAsync(connection, [.. numbers], cancellationToken).ConfigureAwait(false), key);
    }
}
