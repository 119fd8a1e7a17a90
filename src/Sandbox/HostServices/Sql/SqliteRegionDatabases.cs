using System.Collections.Concurrent;
using System.Collections.Immutable;
using HeliosEdge.Sandbox.HostServices.Sql.Functions;
using HeliosEdge.Sandbox.Security;
using SQLitePCL;

namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>
/// A SQLite database for each region, with connections that are kept: one that writes, and a few that only read. SQLite's authorizer
/// refuses what would reach outside of the database or change how it works, its progress handler ends a statement at its deadline, and
/// its limits bound what a statement takes of memory and disk.
/// </summary>
public sealed class SqliteRegionDatabases : ISqlDatabases, IDisposable
{
    /// <summary>What <see cref="ISqlDatabase.Kind"/> of such a database is.</summary>
    public const string KindName = "sqlite";

    /// <summary>Rows of the largest result where nothing else is configured.</summary>
    public const int DefaultMaxRows = 10_000;

    /// <summary>Bytes of the largest result and of the largest value where nothing else is configured.</summary>
    public const int DefaultMaxBytes = 1 << 20;

    /// <summary>Pages of the largest database where nothing else is configured: 256 MiB.</summary>
    public const int DefaultMaxPages = 65_536;

    /// <summary>Bytes that one statement writes to disk, temporary files included, where nothing else is configured: 512 MiB.</summary>
    public const long DefaultMaxWrittenBytes = 512L << 20;

    /// <summary>Statements of one region that read at the same time where nothing else is configured.</summary>
    public const int DefaultReaders = 4;

    private readonly string _folder;
    private readonly SqlLimits _limits;
    private readonly int _readers;
    private readonly Func<ISqlFunctions>? _functions;
    private readonly ConcurrentDictionary<string, Lazy<RegionDatabase>> _regions = new(StringComparer.Ordinal);

    /// <summary>Makes the databases; a region's file is opened with its first statement.</summary>
    /// <param name="folder">Where the databases are; must exist.</param>
    /// <param name="maxRows">Rows of the largest result.</param>
    /// <param name="maxBytes">Bytes of the largest result as JSON, and of the largest value.</param>
    /// <param name="maxPages">Pages of 4 KiB of the largest database.</param>
    /// <param name="maxWrittenBytes">Bytes that one statement writes to disk, temporary files included.</param>
    /// <param name="readers">Statements of one region that read at the same time.</param>
    /// <param name="functions">Gives the functions whose bodies are guests, asked for with a region's first statement; null for none.</param>
    public SqliteRegionDatabases(
        string folder,
        int maxRows = DefaultMaxRows,
        int maxBytes = DefaultMaxBytes,
        int maxPages = DefaultMaxPages,
        long maxWrittenBytes = DefaultMaxWrittenBytes,
        int readers = DefaultReaders,
        Func<ISqlFunctions>? functions = null)
    {
        _functions = functions;
        _folder = folder;
        _limits = new SqlLimits(maxRows, maxBytes, maxPages, maxWrittenBytes);
        _readers = readers;
        Prepare();

        // For the whole process, and never changed by a second set of databases.
        raw.sqlite3_hard_heap_limit64(SqlLimits.MaxHeapBytes);
    }

    /// <summary>
    /// Has SQLite count the memory of each statement. To be called before anything else in the process uses SQLite, which takes no other
    /// allocator after that; too late, all statements together have one limit.
    /// </summary>
    /// <returns>Whether it counts.</returns>
    public static bool Prepare() => StatementHeap.IsCounted;

    /// <inheritdoc/>
    public ISqlDatabase? Find(string region, string name) => name == SecurityProfile.MainDatabase ? Of(region) : null;

    /// <inheritdoc/>
    public ImmutableArray<string> Names(string region) => [SecurityProfile.MainDatabase];

    /// <summary>Closes the databases; nothing may be running in them.</summary>
    public void Dispose()
    {
        foreach (var region in _regions.Values)
        {
            region.Value.Dispose();
        }

        _regions.Clear();
    }

    /// <summary>The file of a region's database.</summary>
    public string PathOf(string region) => Path.Combine(_folder, $"{region}.db");

    private RegionDatabase Of(string region) => _regions.GetOrAdd(
        region,
        static (region, self) => new Lazy<RegionDatabase>(
            () => new RegionDatabase(self.PathOf(region), region, self._limits, self._readers, self._functions?.Invoke())),
        this).Value;
}
