using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text.Json;
using HeliosEdge.Sandbox.HostServices.Sql.Functions;
using SQLitePCL;

namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>A <see cref="CapturedEvent"/>, ready for rows.</summary>
internal sealed class CapturedRow
{
    private readonly JsonEncodedText[] _names;
    private readonly int[] _key;
    private readonly int _hidden;
    private readonly ulong _table;

    public CapturedRow(CapturedEvent described, CapturedTable table)
    {
        Event = described;
        Table = table;
        Op = (byte)described.Op[0];
        _names = [.. described.Columns.Select(name => JsonEncodedText.Encode(name))];
        _hidden = described.HasRowid ? 1 : 0;
        _key = [.. described.HasRowid ? [0] : described.Key.Select(column => column)];
        _table = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(described.Table.AsSpan()));
    }

    public CapturedEvent Event { get; }

    public CapturedTable Table { get; }

    public byte Op { get; }

    /// <summary>How many values a row has.</summary>
    public int Count => _hidden + _names.Length;

    /// <summary>Writes a row as an object.</summary>
    /// <returns>Null, or why JSON cannot have it.</returns>
    public string? TryWrite(Utf8JsonWriter writer, ReadOnlySpan<sqlite3_value> values)
    {
        writer.WriteStartObject();
        for (var i = 0; i < _names.Length; i++)
        {
            writer.WritePropertyName(_names[i]);
            if (SqlValues.TryWrite(writer, values[_hidden + i]) is { } unfit)
            {
                return $"the value of the column \"{Quoted.Of(Event.Columns[i])}\" {unfit}";
            }
        }

        writer.WriteEndObject();
        return null;
    }

    /// <summary>A number that is the same for all changes of a row, for as long as its key stays.</summary>
    public ulong KeyOf(ReadOnlySpan<sqlite3_value> values)
    {
        var hash = _table;
        foreach (var column in _key)
        {
            var value = values[column];
            switch (raw.sqlite3_value_type(value))
            {
                case raw.SQLITE_INTEGER:
                    Mix(raw.sqlite3_value_int64(value));
                    break;

                // What is equal to a whole number is the same key to SQLite.
                case raw.SQLITE_FLOAT when raw.sqlite3_value_double(value) is var real && real >= long.MinValue && real < -(double)long.MinValue && real == Math.Floor(real):
                    Mix((long)real);
                    break;
                case raw.SQLITE_FLOAT:
                    Mix(BitConverter.DoubleToInt64Bits(raw.sqlite3_value_double(value)));
                    break;
                case raw.SQLITE_NULL:
                    Mix(0);
                    break;
                default:
                    hash = XxHash3.HashToUInt64(raw.sqlite3_value_blob(value), (long)hash);
                    break;
            }
        }

        return hash;

        void Mix(long number) => hash = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(new ReadOnlySpan<long>(ref number)), (long)hash);
    }
}
