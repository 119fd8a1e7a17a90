using System.Buffers;
using System.Buffers.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using HeliosEdge.Sandbox;

namespace HeliosEdge.Data.Postgres.Changes;

/// <summary>Writes events as Debezium's connector does without schemas. Values have the form that <c>db_query</c> gives them.</summary>
internal sealed class EventWriter
{
    private static readonly JsonWriterOptions Options = new() { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonEncodedText Before = JsonEncodedText.Encode("before");
    private static readonly JsonEncodedText After = JsonEncodedText.Encode("after");
    private static readonly JsonEncodedText Source = JsonEncodedText.Encode("source");
    private static readonly JsonEncodedText Op = JsonEncodedText.Encode("op");
    private static readonly JsonEncodedText Moment = JsonEncodedText.Encode("ts_ms");
    private static readonly JsonEncodedText Transaction = JsonEncodedText.Encode("transaction");
    private static readonly JsonEncodedText Missing = JsonEncodedText.Encode("__debezium_unavailable_value");

    private readonly Utf8JsonWriter _json = new(Stream.Null, Options);
    private readonly ArrayBufferWriter<byte> _part = new(512);

    /// <summary>Writes an event.</summary>
    /// <param name="to">Takes it.</param>
    /// <param name="head">What it is about.</param>
    /// <param name="table">Its table, whose values are those of the message.</param>
    /// <param name="bytes">The message.</param>
    /// <exception cref="SandboxException">A value is none that JSON can have.</exception>
    public void Write(IBufferWriter<byte> to, in EventHead head, EventTable table, ReadOnlySpan<byte> bytes)
    {
        _json.Reset(to);
        _json.WriteStartObject();
        _json.WritePropertyName(Before);
        if (head.Old == OldRow.None)
        {
            _json.WriteNullValue();
        }
        else
        {
            WriteRow(table, table.Old, null, bytes, head.Old == OldRow.Key);
        }

        _json.WritePropertyName(After);
        if (head.HasNew)
        {
            WriteRow(table, table.New, head.Old == OldRow.All ? table.Old : null, bytes, isKeyOnly: false);
        }
        else
        {
            _json.WriteNullValue();
        }

        _json.WritePropertyName(Source);
        WriteSource(head, table);
        _json.WriteString(Op, [(byte)head.Op]);
        _json.WriteNumber(Moment, head.Now);
        _json.WritePropertyName(Transaction);
        if (head.TotalOrder == 0)
        {
            _json.WriteNullValue();
        }
        else
        {
            WriteTransaction(head);
        }

        _json.WriteEndObject();
        _json.Flush();
    }

    private void WriteSource(in EventHead head, EventTable table)
    {
        _part.ResetWrittenCount();
        _part.Write(table.SourceHead);
        Append(head.CommittedAt);
        _part.Write(",\"snapshot\":\""u8);
        _part.Write(head.Snapshot switch
        {
            SnapshotPart.No => "false"u8,
            SnapshotPart.Last => "last"u8,
            _ => "true"u8,
        });
        _part.Write(table.SourceTail);
        if (head.TransactionId == 0)
        {
            _part.Write("null"u8);
        }
        else
        {
            Append(head.TransactionId);
        }

        _part.Write(",\"lsn\":"u8);
        Append(head.Lsn);
        _part.Write("}"u8);
        _json.WriteRawValue(_part.WrittenSpan, skipInputValidation: true);
    }

    private void WriteTransaction(in EventHead head)
    {
        _part.ResetWrittenCount();
        _part.Write("{\"id\":\""u8);
        Append(head.TransactionId);
        _part.Write(":"u8);
        Append(head.CommitLsn);
        _part.Write("\",\"total_order\":"u8);
        Append(head.TotalOrder);
        _part.Write(",\"data_collection_order\":"u8);
        Append(head.TableOrder);
        _part.Write("}"u8);
        _json.WriteRawValue(_part.WrittenSpan, skipInputValidation: true);
    }

    private void Append(long number)
    {
        const int MostDigits = 20;
        Utf8Formatter.TryFormat(number, _part.GetSpan(MostDigits), out var written);
        _part.Advance(written);
    }

    /// <param name="table">The table.</param>
    /// <param name="row">The row.</param>
    /// <param name="old">Where a value is that has not changed; null for nowhere.</param>
    /// <param name="bytes">The message.</param>
    /// <param name="isKeyOnly">Whether nothing but its key is known of it.</param>
    private void WriteRow(EventTable table, RowValues row, RowValues? old, ReadOnlySpan<byte> bytes, bool isKeyOnly)
    {
        var columns = table.Columns;
        _json.WriteStartObject();
        for (var i = 0; i < columns.Length; i++)
        {
            if (isKeyOnly && !columns[i].IsKey)
            {
                continue;
            }

            _json.WritePropertyName(columns[i].Name);
            var from = row.Lengths[i] == RowValues.Unchanged && old is not null ? old : row;
            switch (from.Lengths[i])
            {
                case RowValues.Null:
                    _json.WriteNullValue();
                    break;
                case RowValues.Unchanged:
                    _json.WriteStringValue(Missing);
                    break;
                default:
                    WriteValue(columns[i], from.Of(i, bytes));
                    break;
            }
        }

        _json.WriteEndObject();
    }

    private void WriteValue(in EventColumn column, ReadOnlySpan<byte> text)
    {
        try
        {
            PostgresJson.Write(_json, text, column.Type);
        }
        catch (FormatException e)
        {
            throw new SandboxException(ErrorCodes.CaptureRefused, $"A value of the column \"{Quoted.Of(column.Name.ToString())}\" {e.Message}.", e);
        }
    }
}
