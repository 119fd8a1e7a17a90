namespace HeliosEdge.Data.Postgres.Changes;

/// <summary>Where the values of a row are in a message, as the server writes them.</summary>
internal sealed class RowValues(int columns)
{
    public const int Null = -1;

    /// <summary>The length of a value that is stored apart, was not changed, and is not in the message.</summary>
    public const int Unchanged = -2;

    public int[] Starts { get; } = new int[columns];

    public int[] Lengths { get; } = new int[columns];

    public ReadOnlySpan<byte> Of(int column, ReadOnlySpan<byte> bytes) => Lengths[column] < 0 ? default : bytes.Slice(Starts[column], Lengths[column]);
}
