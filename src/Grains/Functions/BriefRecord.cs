namespace HeliosEdge.Grains.Functions;

/// <summary>
/// Whether a function is known to be brief: its calls of late all were. What is brief costs less where its request is than a change of threads does.
/// Used by many threads; a call that is not counted does no harm.
/// </summary>
internal sealed class BriefRecord
{
    /// <summary>Calls in a row that have to have been brief.</summary>
    public const int Proof = 16;

    /// <summary>What is brief.</summary>
    public static readonly TimeSpan Brief = TimeSpan.FromMilliseconds(0.5);

    private int _inARow;

    /// <summary>Whether the next call can be expected to be brief.</summary>
    public bool IsBrief => Volatile.Read(ref _inARow) >= Proof;

    /// <summary>Takes down a call.</summary>
    public void Add(TimeSpan duration)
    {
        var before = Volatile.Read(ref _inARow);
        if (duration >= Brief)
        {
            Volatile.Write(ref _inARow, 0);
        }
        else if (before < Proof)
        {
            Volatile.Write(ref _inARow, before + 1);
        }
    }
}
