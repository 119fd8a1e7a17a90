using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Testing;
using Microsoft.Data.Sqlite;
using Npgsql;
using Spectre.Console;
using SQLitePCL;

namespace HeliosEdge.Benchmarks.Data;

/// <summary>Takes all the measurements and prints them beside what is aimed at.</summary>
internal sealed class Benchmark : IAsyncDisposable
{
    private const int Accounts = 1_000;
    private const int TransfersInRound = 2_000;
    private const int RowsInRound = 100_000;

    private static readonly string[] Tables =
    [
        "CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance BIGINT NOT NULL)",
        "CREATE TABLE transfers (source INTEGER NOT NULL, target INTEGER NOT NULL, amount BIGINT NOT NULL)",
    ];

    private readonly int _rounds;
    private readonly BenchmarkSilo _silo;
    private readonly string? _postgres;
    private readonly Table _table = new Table().Border(TableBorder.Rounded)
        .AddColumn("what").AddColumn(new TableColumn("with the guest").RightAligned()).AddColumn(new TableColumn("without").RightAligned())
        .AddColumn(new TableColumn("ratio").RightAligned()).AddColumn(new TableColumn("target").RightAligned()).AddColumn(string.Empty);

    private Benchmark(int rounds, BenchmarkSilo silo, string? postgres) => (_rounds, _silo, _postgres) = (rounds, silo, postgres);

    public static async Task<int> RunAsync(int rounds, string? only, CancellationToken cancellationToken)
    {
        var postgres = PostgresServer.WhySkipped is null ? await PostgresServer.NewOwnedDatabaseAsync(replicates: true) : null;
        await using var benchmark = new Benchmark(rounds, await BenchmarkSilo.StartAsync(postgres is null ? null : $"bank={postgres}"), postgres);
        Console.WriteLine($"{RuntimeInformation.FrameworkDescription}, {Environment.ProcessorCount} processors, {RuntimeInformation.ProcessArchitecture}");
        if (only is null or "procedure")
        {
            await benchmark.MeasureSqliteProcedureAsync(cancellationToken);
            await benchmark.MeasurePostgresProcedureAsync(cancellationToken);
            await benchmark.MeasureEmptyCallAsync(cancellationToken);
        }

        if (only is null or "trigger")
        {
            await benchmark.MeasureTriggerAsync();
        }

        if (only is null or "capture")
        {
            await benchmark.MeasureCaptureAsync(cancellationToken);
        }

        AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, 160);
        AnsiConsole.Write(benchmark._table);
        return 0;
    }

    public ValueTask DisposeAsync() => _silo.DisposeAsync();

    private async Task MeasureSqliteProcedureAsync(CancellationToken cancellationToken)
    {
        var accounts = $"INSERT INTO accounts WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Accounts}) SELECT i, 1000 FROM n";
        await using var connection = await OpenSqliteAsync("bare.db");
        foreach (var sql in Tables.Append(accounts))
        {
            await _silo.SqlAsync("execute", sql);
            await ExecuteAsync(connection, sql);
        }

        using var bare = new BareTransfer(connection, "?", () => connection.BeginTransaction(deferred: false));
        await MeasureTransfersAsync("SQLite", "transfer", "main", bare, cancellationToken);
    }

    private async Task MeasurePostgresProcedureAsync(CancellationToken cancellationToken)
    {
        if (_postgres is null)
        {
            Console.Error.WriteLine(PostgresServer.WhySkipped);
            return;
        }

        await using var connection = new NpgsqlConnection(ConnectionString(new Uri(_postgres)));
        await connection.OpenAsync(cancellationToken);
        foreach (var sql in Tables.Append($"INSERT INTO accounts SELECT i, 1000 FROM generate_series(1, {Accounts}) i"))
        {
            await ExecuteAsync(connection, sql);
        }

        using var bare = new BareTransfer(connection, "$", () => connection.BeginTransaction());
        await MeasureTransfersAsync("PostgreSQL", "transfer_postgres", "bank", bare, cancellationToken);
    }

    private async Task MeasureTransfersAsync(string kind, string guest, string database, BareTransfer bare, CancellationToken cancellationToken)
    {
        var name = guest.Replace('_', '-');
        await _silo.PutAsync($"/v1/procedures/{name}", new JsonObject { ["module"] = await _silo.UploadAsync($"guests/{guest}.wasm"), ["database"] = database });
        var turn = 0;
        (int Source, int Target) Next() => ((turn++ % Accounts) + 1, (turn * 7 % Accounts) + 1);
        await MeasureAsync(
            $"a transaction of three statements, {kind}",
            TransfersInRound,
            async calls =>
            {
                for (var i = 0; i < calls; i++)
                {
                    var (source, target) = Next();
                    await _silo.CallAsync(name, new FunctionCall { Payload = Encoding.ASCII.GetBytes($"[{source},{target},5]") }, cancellationToken);
                }
            },
            calls =>
            {
                for (var i = 0; i < calls; i++)
                {
                    var (source, target) = Next();
                    bare.Run(source, target, 5);
                }

                return Task.CompletedTask;
            },
            1.15);
    }

    private async Task MeasureEmptyCallAsync(CancellationToken cancellationToken)
    {
        await _silo.PutAsync("/v1/procedures/empty", new JsonObject { ["module"] = await _silo.UploadAsync("samples/echo.wasm") });
        var call = new FunctionCall { Payload = "[1]"u8.ToArray() };
        var times = new double[_rounds + 1];
        for (var round = 0; round < times.Length; round++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < TransfersInRound; i++)
            {
                await _silo.CallAsync("empty", call, cancellationToken);
            }

            times[round] = Stopwatch.GetElapsedTime(start).TotalMicroseconds / TransfersInRound;
        }

        // The first round is for the runtime's compiler.
        _table.AddRow("a call of a procedure that runs no statement", Micros(Median(times.Skip(1))), "", "", "", "");
    }

    private async Task MeasureTriggerAsync()
    {
        const string orders = "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT NOT NULL, total INTEGER NOT NULL, placed TEXT)";
        await _silo.SqlAsync("execute", orders);
        await _silo.PutAsync("/v1/functions/validate", new JsonObject
        {
            ["module"] = await _silo.UploadAsync("samples/validate_order.wasm"),
            ["limits"] = new JsonObject { ["timeoutMs"] = 60_000 },
        });
        await _silo.PutAsync("/v1/triggers/validate", new JsonObject { ["table"] = "orders", ["events"] = new JsonArray("before_insert"), ["function"] = "validate" });
        var triggers = (await _silo.SqlAsync("query", "SELECT sql FROM sqlite_schema WHERE type = 'trigger'"))["rows"]!.AsArray().Select(row => row![0]!.GetValue<string>());

        // The same triggers: they call functions that do nothing.
        await using var connection = await OpenSqliteAsync("bare-trigger.db");
        foreach (var function in new[] { "helios_fire", "helios_pending", "helios_new", "helios_applied" })
        {
            raw.sqlite3_create_function(connection.Handle, function, -1, raw.SQLITE_UTF8, null, (_, _, _) => { });
        }

        foreach (var sql in triggers.Prepend(orders))
        {
            await ExecuteAsync(connection, sql);
        }

        await MeasureAsync(
            "a row of a statement that inserts 100,000, judged by a trigger",
            RowsInRound,
            async rows =>
            {
                await _silo.SqlAsync("execute", "DELETE FROM orders");
                return () => _silo.SqlAsync("execute", Insert(rows));
            },
            async rows =>
            {
                await ExecuteAsync(connection, "DELETE FROM orders");
                return () => ExecuteAsync(connection, Insert(rows));
            },
            1.5);

        static string Insert(int rows) =>
            $"INSERT INTO orders (customer, total, placed) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) SELECT 'Ada', i, '2026-01-01' FROM n";
    }

    private async Task MeasureCaptureAsync(CancellationToken cancellationToken)
    {
        var capture = new Capture(_silo, _postgres);
        await capture.PrepareAsync();
        foreach (var (kind, database) in ((string, string)[])[("SQLite", "main"), .. _postgres is null ? [] : ((string, string)[])[("PostgreSQL", "bank")]])
        {
            await capture.MeasureAsync(database, 1, cancellationToken);
            var (one, eight) = (new (double Guest, double Bare)[_rounds], new (double Guest, double Bare)[_rounds]);
            for (var round = 0; round < _rounds; round++)
            {
                one[round] = await capture.MeasureAsync(database, 1, cancellationToken);
                eight[round] = await capture.MeasureAsync(database, 8, cancellationToken);
            }

            AddRow($"a change through a pipeline, {kind}", one, 1 / 0.7);
            AddRow($"the same, of 8 tables, beside 1 table, {kind}", [.. eight.Zip(one, (many, single) => (many.Guest, single.Guest))], 1.1);
        }

        void AddRow(string what, (double Guest, double Bare)[] times, double target)
        {
            var ratio = Median(times.Select(time => time.Guest / time.Bare));
            _table.AddRow(what, Micros(Median(times.Select(time => time.Guest))), Micros(Median(times.Select(time => time.Bare))), Number(ratio), $"≤ {Number(target)}", ratio <= target ? "reached" : "missed");
        }
    }

    private Task MeasureAsync(string what, int calls, Func<int, Task> guest, Func<int, Task> bare, double target) => MeasureAsync(
        what, calls, count => Task.FromResult<Func<Task>>(() => guest(count)), count => Task.FromResult<Func<Task>>(() => bare(count)), target);

    /// <summary>Measures two ways in turn, so that a machine that gets slower meets both alike. The ways prepare themselves, and then do what is timed.</summary>
    private async Task MeasureAsync(string what, int calls, Func<int, Task<Func<Task>>> guest, Func<int, Task<Func<Task>>> bare, double target)
    {
        Func<int, Task<Func<Task>>>[] ways = [guest, bare];
        foreach (var way in ways)
        {
            await (await way(calls))();
        }

        var times = ways.Select(_ => new double[_rounds]).ToArray();
        for (var round = 0; round < _rounds; round++)
        {
            for (var turn = 0; turn < ways.Length; turn++)
            {
                var which = round % 2 == 0 ? turn : 1 - turn;
                var timed = await ways[which](calls);
                var start = Stopwatch.GetTimestamp();
                await timed();
                times[which][round] = Stopwatch.GetElapsedTime(start).TotalMicroseconds / calls;
            }
        }

        var ratio = Median(times[0].Zip(times[1], (one, other) => one / other));
        _table.AddRow(what, Micros(Median(times[0])), Micros(Median(times[1])), Number(ratio), $"≤ {Number(target)}", ratio <= target ? "reached" : "missed");
    }

    private async Task<SqliteConnection> OpenSqliteAsync(string file)
    {
        var connection = new SqliteConnection($"Data Source={_silo.FileBeside(file)};Pooling=False");
        await connection.OpenAsync();
        await ExecuteAsync(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -1024; PRAGMA mmap_size = 0; PRAGMA recursive_triggers = ON; PRAGMA foreign_keys = ON");
        return connection;
    }

    public static string ConnectionString(Uri address) => new NpgsqlConnectionStringBuilder
    {
        Host = address.Host,
        Port = address.Port,
        Username = address.UserInfo.Split(':')[0],
        Password = address.UserInfo.Split(':')[1],
        Database = address.AbsolutePath[1..],
    }.ConnectionString;

    private static async Task ExecuteAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 60;
        await command.ExecuteNonQueryAsync();
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static string Micros(double value) => value.ToString("0.00 µs", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
