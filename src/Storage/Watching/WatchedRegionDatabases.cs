using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;
using HeliosEdge.Sandbox.HostServices.Sql.Triggers;

namespace HeliosEdge.Storage.Watching;

/// <summary>The SQLite databases of the regions, each of them watched.</summary>
internal sealed class WatchedRegionDatabases(SqliteRegionDatabases inner, StorageHealth health) : ISqlDatabases, IDisposable
{
    private readonly ConcurrentDictionary<string, Watched> _watched = new(StringComparer.Ordinal);

    public ISqlDatabase? Find(string region, string name) => inner.Find(region, name) is not { } database ? null
        : _watched.TryGetValue(region, out var watched) ? watched
        : _watched.GetOrAdd(region, new Watched(database, error => Report(region, error)));

    public ImmutableArray<string> Names(string region) => inner.Names(region);

    public void Dispose() => inner.Dispose();

    private void Report(string region, SqlError? error)
    {
        if (error?.Outcome is SqlOutcome.DiskFull or SqlOutcome.Unavailable)
        {
            health.WatchFile($"The SQL database of {region}", inner.PathOf(region))
                .Fail(error.Outcome == SqlOutcome.DiskFull ? StorageFault.DiskFull : StorageFault.Unusable, error.Message);
        }
    }

    private sealed class Watched(ISqlDatabase inner, Action<SqlError?> report) : ISqlDatabase
    {
        public string Name => inner.Name;

        public string Kind => inner.Kind;

        public ISqlTriggers? Triggers => inner.Triggers;

        public ISqlChanges? Changes => inner.Changes;

        public SqlAnswer Run(SqlStatement statement, SqlPatience patience)
        {
            var answer = inner.Run(statement, patience);
            report(answer.Error);
            return answer;
        }

        public bool TryBegin(SqlTerms terms, SqlPatience patience, [NotNullWhen(true)] out ISqlTransaction? transaction, [NotNullWhen(false)] out SqlError? error)
        {
            if (!inner.TryBegin(terms, patience, out var begun, out error))
            {
                report(error);
                transaction = null;
                return false;
            }

            transaction = new WatchedTransaction(this, begun, report);
            return true;
        }
    }

    private sealed class WatchedTransaction(ISqlDatabase database, ISqlTransaction inner, Action<SqlError?> report) : ISqlTransaction
    {
        public ISqlDatabase Database => database;

        public SqlTerms Terms => inner.Terms;

        public SqlError? Doom => inner.Doom;

        public SqlAnswer Run(SqlStatement statement, SqlPatience patience)
        {
            var answer = inner.Run(statement, patience);
            report(answer.Error);
            return answer;
        }

        public SqlError? Save(SqlPatience patience) => Told(inner.Save(patience));

        public SqlError? Keep(SqlPatience patience) => Told(inner.Keep(patience));

        public SqlError? Undo(SqlPatience patience) => Told(inner.Undo(patience));

        public SqlError? Commit(SqlPatience patience) => Told(inner.Commit(patience));

        public void Dispose() => inner.Dispose();

        private SqlError? Told(SqlError? error)
        {
            report(error);
            return error;
        }
    }
}
