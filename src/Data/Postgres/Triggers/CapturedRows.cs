using System.Globalization;
using System.Text;
using HeliosEdge.Sandbox.HostServices.Sql;
using Npgsql;

namespace HeliosEdge.Data.Postgres.Triggers;

/// <summary>
/// The rows that the triggers of a transaction have told of, in order. They come as messages of the server, beside the results: what has been sent is
/// out of the reach of statements, which could change or empty a table.
/// </summary>
internal sealed class CapturedRows
{
    /// <summary>The SQLSTATE of the messages, which no statement can give to one of its own.</summary>
    public const string State = "HE001";

    public const int MaxRows = 100_000;
    public const int MaxBytes = 64 << 20;

    private readonly List<(CapturedRow Row, long BytesBefore)> _rows = [];
    private long _bytes;
    private int _taken;
    private bool _isCut;

    public int Count => _rows.Count;

    public void Add(PostgresNotice notice)
    {
        if (notice.SqlState != State)
        {
            return;
        }

        // What is thrown here would be caught by Npgsql, and the row be lost.
        var wasWhole = !_isCut;
        _isCut = true;
        var row = new CapturedRow(uint.Parse(notice.TableName!, CultureInfo.InvariantCulture), notice.ConstraintName!, notice.Detail ?? "", notice.MessageText);
        var bytes = Encoding.UTF8.GetByteCount(row.Old) + Encoding.UTF8.GetByteCount(row.New);
        if (wasWhole && _taken + _rows.Count < MaxRows && _bytes + bytes <= MaxBytes)
        {
            _rows.Add((row, _bytes));
            _bytes += bytes;
            _isCut = false;
        }
    }

    /// <summary>Forgets those that came behind so many, because what they are of was undone.</summary>
    public void Forget(int from)
    {
        if (from < _rows.Count)
        {
            _bytes = _rows[from].BytesBefore;
            _rows.RemoveRange(from, _rows.Count - from);
        }

        _isCut = false;
    }

    /// <summary>Takes those that there are; they still count.</summary>
    public CapturedRow[] Take()
    {
        CapturedRow[] rows = [.. _rows.Select(entry => entry.Row)];
        _taken += rows.Length;
        _rows.Clear();
        return rows;
    }

    /// <exception cref="StatementException">There are more than a transaction may have.</exception>
    public void Check()
    {
        if (_isCut)
        {
            throw new StatementException(
                SqlOutcome.Failed, "54000", $"The transaction changes more rows that triggers judge than it may: {MaxRows} rows or {MaxBytes} bytes. Change them in several transactions.");
        }
    }
}
