namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>What statements of guests may take of the machine.</summary>
/// <param name="MaxRows">Rows of the largest result.</param>
/// <param name="MaxBytes">Bytes of the largest result as JSON, and of the largest single value while a statement runs.</param>
/// <param name="MaxPages">Pages of 4 KiB of the largest database.</param>
/// <param name="MaxWrittenBytes">Bytes that one statement writes to disk, temporary files included.</param>
internal sealed record SqlLimits(int MaxRows, int MaxBytes, int MaxPages, long MaxWrittenBytes)
{
    /// <summary>
    /// Memory of all of SQLite in this process; past it allocations fail. It is far above what well-behaved statements need, and a statement
    /// that runs while three quarters of it are in use is ended.
    /// </summary>
    public const long MaxHeapBytes = 512L << 20;

    /// <summary>Memory that one statement takes; past it its allocations fail.</summary>
    public const long MaxStatementBytes = 32L << 20;

    /// <summary>Statements and transactions that wait for a connection at most: those of one database must not take all places of guests that wait.</summary>
    public const int MaxWaiting = 64;

    /// <summary>Bytes of a LIKE or GLOB pattern: matching takes text times pattern and cannot be interrupted.</summary>
    public const int MaxPatternBytes = 256;

    /// <summary>Bytes compared at most by one call of a function whose effort is a product of its arguments: some 100 ms.</summary>
    public const long MaxProduct = 1L << 28;

    /// <summary>SQLite's own limits (<c>sqlite3_limit</c>), those of values aside.</summary>
    public const int MaxSqlBytes = 1 << 20;
    public const int MaxColumns = 256;
    public const int MaxExpressionDepth = 100;
    public const int MaxCompoundSelects = 50;
    public const int MaxOperations = 25_000;
    public const int MaxArguments = 64;
    public const int MaxVariables = 10_000;
    public const int MaxTriggerDepth = 32;
}
