using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.HostServices.Sql;
using Npgsql;

namespace HeliosEdge.Data.Postgres;

/// <summary>
/// The rows of a statement as the server wrote them, never beyond the caps. They become JSON once all are read: the server cannot be asked
/// for a type before that.
/// </summary>
internal sealed class PostgresRows(PostgresLimits limits)
{
    private const int Chunk = 16 << 10;
    private const int HugeValue = 4 << 20;
    private const uint Bytea = 17;
    private const uint ByteaArray = 1001;

    private readonly ArrayBufferWriter<byte> _values = new();
    private readonly List<int> _lengths = [];
    private readonly List<string> _names = [];
    private readonly List<uint> _types = [];
    private long _expected;
    private int _rows;

    /// <summary>The numbers of the columns' types.</summary>
    public IReadOnlyList<uint> Types => _types;

    /// <summary>Whether reading ended at a value that would take long even to be passed over.</summary>
    public bool EndedAtHugeValue { get; private set; }

    /// <summary>Reads all rows of a result.</summary>
    /// <exception cref="StatementException">It is a row or a byte too many.</exception>
    public async Task ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        for (var i = 0; i < reader.FieldCount; i++)
        {
            _names.Add(reader.GetName(i));
            _types.Add(reader.GetDataTypeOID(i));
            Expect(_names[i].Length + 2);
        }

        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (++_rows > limits.MaxRows)
            {
                throw new StatementException(SqlOutcome.Failed, "54000", $"The result has more than {limits.MaxRows} rows.");
            }

            Expect(2);
            for (var i = 0; i < _types.Count; i++)
            {
                await ReadAsync(reader, i, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Writes them as JSON.</summary>
    /// <param name="types">The columns' types.</param>
    /// <param name="rowsAffected">Rows that the statement changed; null for one that only read.</param>
    /// <exception cref="StatementException">It is a byte too many, or a value that JSON cannot have.</exception>
    public byte[] ToJson(PostgresType[] types, long? rowsAffected)
    {
        var json = new ArrayBufferWriter<byte>(256);

        // What is written is checked for being valid text first.
        using var writer = new Utf8JsonWriter(json, new JsonWriterOptions { SkipValidation = true });
        writer.WriteStartObject();
        writer.WriteStartArray("columns");
        foreach (var name in _names)
        {
            writer.WriteStringValue(name);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("rows");
        var at = 0;
        for (var row = 0; row < _rows; row++)
        {
            writer.WriteStartArray();
            for (var column = 0; column < types.Length; column++)
            {
                var length = _lengths[row * types.Length + column];
                Write(writer, length < 0 ? default : _values.WrittenSpan.Slice(at, length), length < 0, types[column], row, column);
                at += Math.Max(0, length);
                Check(writer);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        if (rowsAffected is { } affected)
        {
            writer.WriteNumber("rowsAffected", affected);
            writer.WriteNumber("lastInsertId", 0);
        }

        writer.WriteEndObject();
        Check(writer);
        writer.Flush();
        return json.WrittenSpan.ToArray();
    }

    private void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> text, bool isNull, PostgresType type, int row, int column)
    {
        if (isNull)
        {
            writer.WriteNullValue();
            return;
        }

        try
        {
            PostgresJson.Write(writer, Utf8.IsValid(text) ? text : throw new FormatException("is text that is no UTF-8"), type);
        }
        catch (FormatException e)
        {
            throw new StatementException(
                SqlOutcome.Failed, "22000", $"The value in row {row + 1} of column {column + 1}, \"{Quoted.Of(_names[column])}\", {e.Message}.");
        }
    }

    private async Task ReadAsync(NpgsqlDataReader reader, int column, CancellationToken cancellationToken)
    {
        if (await reader.IsDBNullAsync(column, cancellationToken).ConfigureAwait(false))
        {
            Expect(5);
            _lengths.Add(-1);
            return;
        }

        // Not disposed of: that would read all of a value that is too large. The reader does it before the next column.
        var value = await reader.GetStreamAsync(column, cancellationToken).ConfigureAwait(false);
        var length = value.Length;

        EndedAtHugeValue = length > HugeValue;

        // JSON takes no less than this: two characters of hex are a byte, and three bytes are four characters of Base64.
        Expect(_types[column] switch
        {
            Bytea => length / 2 * 4 / 3,
            ByteaArray => length / 2,
            _ => length,
        } + 1);
        for (var left = (int)length; left > 0;)
        {
            var read = await value.ReadAsync(_values.GetMemory(Math.Min(left, Chunk))[..Math.Min(left, Chunk)], cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                throw new EndOfStreamException();
            }

            _values.Advance(read);
            left -= read;
        }

        _lengths.Add((int)length);
    }

    /// <summary>Fails before so many more bytes are read, if they would be too many.</summary>
    private void Expect(long more)
    {
        _expected += more;
        if (_expected > limits.MaxBytes)
        {
            throw TooLarge();
        }
    }

    private void Check(Utf8JsonWriter writer)
    {
        if (writer.BytesCommitted + writer.BytesPending > limits.MaxBytes)
        {
            throw TooLarge();
        }
    }

    private StatementException TooLarge() => new(SqlOutcome.Failed, "54000", $"The result has more than {limits.MaxBytes} bytes.");
}
