using System.Collections.Concurrent;
using System.Collections.Immutable;
using HeliosEdge.Data.Postgres;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.HostServices.Sql.Functions;
using HeliosEdge.Sandbox.Security;
using Microsoft.Extensions.Logging;

namespace HeliosEdge.Data.Databases;

/// <summary>The databases of the regions: the one that every region has, and the operator's by their names. Disposes of all of them.</summary>
internal sealed class NamedDatabases : ISqlDatabases, IAsyncDisposable, IDisposable
{
    private readonly ConcurrentDictionary<(string Region, string Name), PostgresSqlDatabase> _found = new();
    private readonly ISqlDatabases _own;
    private readonly Lazy<ISqlFunctions>? _functions;
    private readonly ImmutableArray<(DatabaseSetting Setting, PostgresSqlDatabase Database)> _named;

    /// <summary>Makes them; the first statement connects.</summary>
    /// <param name="own">The databases that every region has.</param>
    /// <param name="named">The operator's.</param>
    /// <param name="limits">What statements may take of each of the operator's.</param>
    /// <param name="logger">Who is told when one of them cannot be used.</param>
    /// <param name="functions">Gives the functions that judge for triggers; null for none.</param>
    public NamedDatabases(
        ISqlDatabases own, IEnumerable<DatabaseSetting> named, PostgresLimits? limits = null, ILogger<NamedDatabases>? logger = null, Func<ISqlFunctions>? functions = null)
    {
        _functions = functions is null ? null : new Lazy<ISqlFunctions>(functions);
        _own = own;
        _named = [.. named.Select(setting => (setting, new PostgresSqlDatabase(setting, limits, logger)))];
    }

    /// <inheritdoc/>
    public ISqlDatabase? Find(string region, string name)
    {
        if (name == SecurityProfile.MainDatabase)
        {
            return _own.Find(region, name);
        }

        if (_found.TryGetValue((region, name), out var known))
        {
            return known;
        }

        var found = _named.FirstOrDefault(named => named.Setting.Name == name && IsIn(named.Setting, region)).Database;
        return found is null ? null : _found.GetOrAdd((region, name), _functions is null ? found : found.In(region, _functions.Value));
    }

    /// <inheritdoc/>
    public ImmutableArray<string> Names(string region) =>
        [.. _own.Names(region).Concat(_named.Where(named => IsIn(named.Setting, region)).Select(named => named.Setting.Name)).Order(StringComparer.Ordinal)];

    /// <summary>Closes the databases; nothing may be running in them.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var (_, database) in _named)
        {
            await database.DisposeAsync().ConfigureAwait(false);
        }

        switch (_own)
        {
            case IAsyncDisposable own:
                await own.DisposeAsync().ConfigureAwait(false);
                break;
            case IDisposable own:
                own.Dispose();
                break;
        }
    }

    /// <inheritdoc cref="DisposeAsync"/>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private static bool IsIn(DatabaseSetting setting, string region) => setting.Regions.IsEmpty || setting.Regions.Contains(region);
}
