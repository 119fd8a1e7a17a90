using System.Data.Common;

namespace HeliosEdge.Storage.Watching;

/// <summary>The database of the silo's state, watched from the moment that it is made.</summary>
internal sealed class WatchedDatabase(IStateDatabase database, WatchedStore store) : IStateDatabase
{
    public string Location => database.Location;

    public string SkipLocked => database.SkipLocked;

    public string IsAnyOf(string column, string parameter) => database.IsAnyOf(column, parameter);

    public Task EnterAsync(DbConnection connection, DbTransaction transaction, string name) => database.EnterAsync(connection, transaction, name);

    public Task MigrateAsync() => database.MigrateAsync();

    public Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancel = default) =>
        store.RunAsync(() => database.ReadAsync(read, cancel));

    public Task<T> WriteAsync<T>(Func<DbConnection, DbTransaction, Task<T>> write, CancellationToken cancel = default) =>
        store.RunAsync(() => database.WriteAsync(write, cancel));
}
