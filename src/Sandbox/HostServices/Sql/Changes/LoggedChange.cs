using System.Buffers.Binary;

namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>What is before the JSON of the rows in a row of <see cref="SqliteChangeLog.Changes"/>: one value, since SQLite calls one function for it.</summary>
/// <param name="Sum">Bytes of all changes up to this one, those included that are not held any more.</param>
/// <param name="At">When it happened, in milliseconds since 1970.</param>
/// <param name="Transaction">The number of the first change of its transaction.</param>
/// <param name="Key">The same for all changes of a row.</param>
/// <param name="TableOrder">Which one it is of those of its table in the transaction, from 1.</param>
/// <param name="Before">Bytes of the row as it was; the rest is the row as it became.</param>
/// <param name="Op">What happened, as Debezium has it: <c>c</c>, <c>u</c>, <c>d</c>, <c>r</c>.</param>
/// <param name="IsLast">Whether it is the last row of a snapshot.</param>
/// <param name="Moves">Whether the row has another key from now on.</param>
internal readonly record struct LoggedChange(long Sum, long At, long Transaction, ulong Key, int TableOrder, int Before, byte Op, bool IsLast, bool Moves)
{
    /// <summary>Bytes of it.</summary>
    public const int Size = 42;

    private const int Last = 1;
    private const int Mover = 2;

    public static LoggedChange Read(ReadOnlySpan<byte> from) => new(
        BinaryPrimitives.ReadInt64LittleEndian(from),
        BinaryPrimitives.ReadInt64LittleEndian(from[8..]),
        BinaryPrimitives.ReadInt64LittleEndian(from[16..]),
        BinaryPrimitives.ReadUInt64LittleEndian(from[24..]),
        BinaryPrimitives.ReadInt32LittleEndian(from[32..]),
        BinaryPrimitives.ReadInt32LittleEndian(from[36..]),
        from[40],
        (from[41] & Last) != 0,
        (from[41] & Mover) != 0);

    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteInt64LittleEndian(to, Sum);
        BinaryPrimitives.WriteInt64LittleEndian(to[8..], At);
        BinaryPrimitives.WriteInt64LittleEndian(to[16..], Transaction);
        BinaryPrimitives.WriteUInt64LittleEndian(to[24..], Key);
        BinaryPrimitives.WriteInt32LittleEndian(to[32..], TableOrder);
        BinaryPrimitives.WriteInt32LittleEndian(to[36..], Before);
        to[40] = Op;
        to[41] = (byte)((IsLast ? Last : 0) | (Moves ? Mover : 0));
    }
}
