using System.Data.Common;

namespace HeliosEdge.Silo.Storage;

/// <summary>The database of a silo's durable state. Its tables and their columns are the same wherever they are.</summary>
internal interface IStateDatabase
{
    /// <summary>What a SELECT ends with that skips rows which another transaction is about to change; empty where there is one writer.</summary>
    string SkipLocked { get; }

    /// <summary>The condition that a column is one of the elements of a parameter that is an array.</summary>
    string IsAnyOf(string column, string parameter);

    /// <summary>Reads.</summary>
    Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancel = default);

    /// <summary>Writes in a transaction; what it did is on disk when the task completes.</summary>
    Task<T> WriteAsync<T>(Func<DbConnection, DbTransaction, Task<T>> write, CancellationToken cancel = default);
}
