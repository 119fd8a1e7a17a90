using System.IO.Hashing;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace HeliosEdge.Data.Postgres.Changes;

/// <summary>A table as its events name it, in bytes that are made once.</summary>
internal sealed class EventTable
{
    private static readonly string Version = typeof(EventTable).Assembly.GetName().Version!.ToString(3);

    /// <param name="database">The database's name in HeliosEdge.</param>
    /// <param name="serverDatabase">Its name at the server.</param>
    /// <param name="schema">The table's schema.</param>
    /// <param name="name">The table.</param>
    /// <param name="columns">Its columns in the order of its rows.</param>
    public EventTable(string database, string serverDatabase, string schema, string name, EventColumn[] columns)
    {
        Columns = columns;
        HasKey = columns.Any(column => column.IsKey);
        New = new RowValues(columns.Length);
        Old = new RowValues(columns.Length);
        SourceHead = Encoding.UTF8.GetBytes($"{{\"version\":\"{Version}\",\"connector\":\"postgresql\",\"name\":\"{Encode(database)}\",\"ts_ms\":");
        SourceTail = Encoding.UTF8.GetBytes($"\",\"db\":\"{Encode(serverDatabase)}\",\"schema\":\"{Encode(schema)}\",\"table\":\"{Encode(name)}\",\"txId\":");
        Seed = XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(name), (long)XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(schema)));
    }

    public EventColumn[] Columns { get; }

    /// <summary>Whether rows can be told apart.</summary>
    public bool HasKey { get; }

    /// <summary>The values of the row as it is now, of the message at hand.</summary>
    public RowValues New { get; }

    /// <summary>Those of the row as it was.</summary>
    public RowValues Old { get; }

    /// <summary>What the keys of its rows begin with.</summary>
    public ulong Seed { get; }

    /// <summary>The source of events, before the moment.</summary>
    public byte[] SourceHead { get; }

    /// <summary>The same, between the word for the snapshot and the transaction.</summary>
    public byte[] SourceTail { get; }

    /// <summary>The transaction that <see cref="Order"/> is about.</summary>
    public long Transaction { get; set; } = -1;

    /// <summary>How many events of it the table has had.</summary>
    public long Order { get; set; }

    /// <summary>The same for all changes of a row, and different for most others.</summary>
    public ulong KeyOf(RowValues row, ReadOnlySpan<byte> bytes)
    {
        var hash = Seed;
        for (var i = 0; HasKey && i < Columns.Length; i++)
        {
            if (Columns[i].IsKey)
            {
                hash = XxHash3.HashToUInt64(row.Of(i, bytes), (long)hash);
            }
        }

        return hash;
    }

    /// <summary>Whether two rows differ in what tells rows apart.</summary>
    public bool HasMoved(ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < Columns.Length; i++)
        {
            // A value that is not in the message has not changed.
            if (Columns[i].IsKey && New.Lengths[i] != RowValues.Unchanged
                && (New.Lengths[i] != Old.Lengths[i] || !New.Of(i, bytes).SequenceEqual(Old.Of(i, bytes))))
            {
                return true;
            }
        }

        return false;
    }

    private static string Encode(string text) => JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString();
}
