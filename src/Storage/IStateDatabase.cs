using System.Data.Common;
using HeliosEdge.Settings;

namespace HeliosEdge.Storage;

/// <summary>The database of a silo's durable state. Its tables and their columns are the same wherever they are.</summary>
internal interface IStateDatabase
{
    /// <summary>Where it is, without a password.</summary>
    string Location { get; }

    /// <summary>What a SELECT ends with that skips rows which another transaction is about to change; empty where there is one writer.</summary>
    string SkipLocked { get; }

    /// <summary>The condition that a column is one of the elements of a parameter that is an array.</summary>
    string IsAnyOf(string column, string parameter);

    /// <summary>Has a transaction wait until no other one that has entered the same name is under way; at once where there is one writer.</summary>
    Task EnterAsync(DbConnection connection, DbTransaction transaction, string name);

    /// <summary>Brings the database to this version; silos that start at the same time wait for each other.</summary>
    /// <exception cref="SiloStartException">It cannot be reached or changed, or belongs to a later version.</exception>
    Task MigrateAsync();

    /// <summary>Reads.</summary>
    Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancel = default);

    /// <summary>
    /// Writes in a transaction; what it did is on disk when the task completes. <paramref name="write"/> is called again where the
    /// database ended its transaction in favour of another one.
    /// </summary>
    Task<T> WriteAsync<T>(Func<DbConnection, DbTransaction, Task<T>> write, CancellationToken cancel = default);
}
