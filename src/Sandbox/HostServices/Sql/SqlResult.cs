using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using SQLitePCL;

namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>What a statement gave, written as JSON while it is read, and never beyond the caps.</summary>
internal sealed class SqlResult(SqlLimits limits) : IDisposable
{
    private readonly ArrayBufferWriter<byte> _json = new();
    private Utf8JsonWriter? _writer;
    private int _rows;

    public static byte[] OfChange(long rowsAffected, long lastInsertId)
    {
        var json = new ArrayBufferWriter<byte>(64);
        using var writer = new Utf8JsonWriter(json);
        writer.WriteStartObject();
        writer.WriteNumber("rowsAffected", rowsAffected);
        writer.WriteNumber("lastInsertId", lastInsertId);
        writer.WriteEndObject();
        writer.Flush();
        return json.WrittenSpan.ToArray();
    }

    public void Begin(sqlite3_stmt statement)
    {
        // Names and text come from guests and may be cut anywhere; what is written here is checked for being valid first.
        _writer = new Utf8JsonWriter(_json, new JsonWriterOptions { SkipValidation = true });
        _writer.WriteStartObject();
        _writer.WriteStartArray("columns");
        for (var i = 0; i < raw.sqlite3_column_count(statement); i++)
        {
            var name = raw.sqlite3_column_name(statement, i).utf8_to_string() ?? "";
            Expect(name.Length);
            _writer.WriteStringValue(name);
        }

        _writer.WriteEndArray();
        _writer.WriteStartArray("rows");
    }

    /// <exception cref="StatementException">It is a row or a byte too many, or has a value that JSON cannot have.</exception>
    public void Add(sqlite3_stmt statement)
    {
        if (++_rows > limits.MaxRows)
        {
            throw new StatementException(SqlOutcome.Failed, "54000", $"The result has more than {limits.MaxRows} rows.");
        }

        _writer!.WriteStartArray();
        for (var i = 0; i < raw.sqlite3_column_count(statement); i++)
        {
            switch (raw.sqlite3_column_type(statement, i))
            {
                case raw.SQLITE_INTEGER:
                    _writer.WriteNumberValue(raw.sqlite3_column_int64(statement, i));
                    break;
                case raw.SQLITE_FLOAT:
                    var number = raw.sqlite3_column_double(statement, i);
                    _writer.WriteNumberValue(double.IsFinite(number)
                        ? number
                        : throw Unfit(statement, i, $"is {(number > 0 ? "infinity" : number < 0 ? "minus infinity" : "no number")}, which JSON has no number for"));
                    break;
                case raw.SQLITE_TEXT:
                    var text = raw.sqlite3_column_blob(statement, i);
                    Expect(text.Length);
                    _writer.WriteStringValue(Utf8.IsValid(text) ? text : throw Unfit(statement, i, "is text that is no UTF-8; CAST(… AS BLOB) gives its bytes"));
                    break;
                case raw.SQLITE_BLOB:
                    var blob = raw.sqlite3_column_blob(statement, i);
                    Expect(blob.Length * 4L / 3);
                    _writer.WriteBase64StringValue(blob);
                    break;
                default:
                    _writer.WriteNullValue();
                    break;
            }

            Expect(0);
        }

        _writer.WriteEndArray();
    }

    public byte[] End()
    {
        _writer!.WriteEndArray();
        return Close();
    }

    /// <summary>As <see cref="End()"/>, for a statement that also changed something.</summary>
    public byte[] End(long rowsAffected, long lastInsertId)
    {
        _writer!.WriteEndArray();
        _writer.WriteNumber("rowsAffected", rowsAffected);
        _writer.WriteNumber("lastInsertId", lastInsertId);
        return Close();
    }

    private byte[] Close()
    {
        _writer!.WriteEndObject();
        Expect(0);
        _writer.Flush();
        return _json.WrittenSpan.ToArray();
    }

    public void Dispose() => _writer?.Dispose();

    private StatementException Unfit(sqlite3_stmt statement, int column, string why) => new(
        SqlOutcome.Failed,
        "22000",
        $"The value in row {_rows} of column {column + 1}, \"{Quoted.Of(raw.sqlite3_column_name(statement, column).utf8_to_string() ?? "")}\", {why}.");

    /// <summary>Fails before so many more bytes are copied, if they would be too many.</summary>
    private void Expect(long more)
    {
        if (_writer!.BytesCommitted + _writer.BytesPending + more > limits.MaxBytes)
        {
            throw new StatementException(SqlOutcome.Failed, "54000", $"The result has more than {limits.MaxBytes} bytes.");
        }
    }
}
