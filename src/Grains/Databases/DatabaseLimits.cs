namespace HeliosEdge.Grains.Databases;

/// <summary>What statements from outside may take of a silo, besides what a database itself lets them have.</summary>
public static class DatabaseLimits
{
    /// <summary>Statements and batches under way on a silo; each has a thread.</summary>
    public const int MaxUnderWay = 16;

    /// <summary>Those that wait for one of these to end; more are refused.</summary>
    public const int MaxWaiting = 64;

    /// <summary>Stack of such a thread, as large as those of guests: a statement may call guests that are functions of SQL.</summary>
    public const int StackBytes = 4 << 20;

    /// <summary>Statements of a batch.</summary>
    public const int MaxStatements = 1_000;

    /// <summary>Bytes of all answers of a batch.</summary>
    public const int MaxAnswerBytes = 8 << 20;

    /// <summary>How long a statement or a batch may take whose caller does not say, in milliseconds.</summary>
    public const int DefaultMs = 30_000;

    /// <summary>How long it may take at most, in milliseconds: others wait for what it holds.</summary>
    public const int MaxMs = 60_000;
}
