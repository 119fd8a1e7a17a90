using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>Changes of one table of a SQLite database as events: what Debezium makes of them, without a schema.</summary>
internal sealed class ChangeEvents(string region, string database, string table)
{
    private const int MaxNumbers = 256;

    private static readonly string Version = typeof(ChangeEvents).Assembly.GetName().Version!.ToString(3);

    private readonly byte[] _source = Encoding.UTF8.GetBytes($"""
        ,"source":@"version":"{Version}","connector":"sqlite","name":"{JsonEncodedText.Encode(database)}","ts_ms":
        """.Replace('@', '{'));

    private readonly byte[] _table = Encoding.UTF8.GetBytes($"""
        ","db":"{JsonEncodedText.Encode(region)}","table":"{JsonEncodedText.Encode(table)}","txId":
        """);

    /// <summary>Writes one.</summary>
    /// <param name="to">Takes it.</param>
    /// <param name="sequence">The number of the change.</param>
    /// <param name="stored">What is stored of it.</param>
    /// <param name="change">What is before the rows in it.</param>
    /// <param name="now">Now, in milliseconds since 1970.</param>
    public void Write(IBufferWriter<byte> to, long sequence, ReadOnlySpan<byte> stored, LoggedChange change, long now)
    {
        var rows = stored[LoggedChange.Size..];
        var place = to.GetSpan(rows.Length + _source.Length + _table.Length + MaxNumbers);
        var at = 0;
        Put(place, ref at, "{\"before\":"u8);
        Put(place, ref at, change.Before == 0 ? "null"u8 : rows[..change.Before]);
        Put(place, ref at, ",\"after\":"u8);
        Put(place, ref at, change.Before == rows.Length ? "null"u8 : rows[change.Before..]);
        Put(place, ref at, _source);
        Put(place, ref at, change.At);
        Put(place, ref at, ",\"snapshot\":\""u8);
        Put(place, ref at, change.Op != (byte)'r' ? "false"u8 : change.IsLast ? "last"u8 : "true"u8);
        Put(place, ref at, _table);
        Put(place, ref at, change.Transaction);
        Put(place, ref at, ",\"seq\":"u8);
        Put(place, ref at, sequence);
        Put(place, ref at, "},\"op\":\""u8);
        place[at++] = change.Op;
        Put(place, ref at, "\",\"ts_ms\":"u8);
        Put(place, ref at, now);
        if (change.Op == (byte)'r')
        {
            Put(place, ref at, ",\"transaction\":null}"u8);
        }
        else
        {
            Put(place, ref at, ",\"transaction\":{\"id\":\""u8);
            Put(place, ref at, change.Transaction);
            Put(place, ref at, "\",\"total_order\":"u8);
            Put(place, ref at, sequence - change.Transaction + 1);
            Put(place, ref at, ",\"data_collection_order\":"u8);
            Put(place, ref at, change.TableOrder);
            Put(place, ref at, "}}"u8);
        }

        to.Advance(at);
    }

    private static void Put(Span<byte> place, ref int at, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(place[at..]);
        at += bytes.Length;
    }

    private static void Put(Span<byte> place, ref int at, long number)
    {
        _ = Utf8Formatter.TryFormat(number, place[at..], out var written);
        at += written;
    }
}
