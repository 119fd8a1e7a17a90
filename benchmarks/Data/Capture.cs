using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Npgsql;
using Npgsql.Replication;
using Npgsql.Replication.PgOutput;
using Npgsql.Replication.PgOutput.Messages;

namespace HeliosEdge.Benchmarks.Data;

/// <summary>Changes that wait for a pipeline whose guest does nothing, beside a reader of the same log that does nothing.</summary>
internal sealed class Capture(BenchmarkSilo silo, string? postgres)
{
    public const int Changes = 200_000;

    private const string Guest = "swallow";
    private const string Columns = "(id INTEGER PRIMARY KEY, customer TEXT NOT NULL, total BIGINT NOT NULL, placed TEXT)";

    private int _turn;

    /// <summary>Registers the guest, and makes the tables in both databases.</summary>
    public async Task PrepareAsync()
    {
        await silo.PutAsync($"/v1/functions/{Guest}", new JsonObject
        {
            ["module"] = await silo.UploadAsync("guests/swallow.wasm"),
            ["limits"] = new JsonObject { ["maxPayloadBytes"] = 4 << 20 },
        });
        for (var table = 0; table < 8; table++)
        {
            await silo.SqlAsync("execute", $"CREATE TABLE captured{table} {Columns}");
            if (postgres is not null)
            {
                await silo.SqlAsync("execute", $"CREATE TABLE captured{table} {Columns}", "bank");
            }
        }
    }

    /// <summary>Microseconds a change through the guest, and through a bare reader.</summary>
    /// <param name="database"><c>main</c> is SQLite, any other PostgreSQL.</param>
    /// <param name="tables">Over how many tables the changes are.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<(double Guest, double Bare)> MeasureAsync(string database, int tables, CancellationToken cancellationToken)
    {
        var name = $"capture{++_turn}";
        string[] names = [.. Enumerable.Range(0, tables).Select(table => $"captured{table}")];
        await silo.PutAsync($"/v1/pipelines/{name}", new JsonObject
        {
            ["source"] = new JsonObject { ["database"] = database, ["tables"] = new JsonArray([.. names]) },
            ["function"] = Guest,
            ["batch"] = new JsonObject { ["maxRows"] = 1_000 },
        });
        var where = $"?database={database}";
        await silo.PostAsync($"/v1/pipelines/{name}/pause{where}");
        await using var replication = database == "main" ? null : await Bare.OpenAsync(postgres!, name, names, cancellationToken);
        for (var table = 0; table < tables; table++)
        {
            await silo.SqlAsync("execute", $"DELETE FROM {names[table]} WHERE false", database);
        }

        // The tables take turns, as they do in life.
        var written = 0;
        for (var portion = 0; written < Changes; portion++)
        {
            var (table, count) = (names[portion % tables], Math.Min(500, Changes - written));
            var from = (_turn * 1_000_000) + written;
            await silo.SqlAsync(
                "execute",
                string.Create(CultureInfo.InvariantCulture, $"INSERT INTO {table} WITH RECURSIVE n(i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i < {from + count - 1}) SELECT i, 'Ada Lovelace', i * 10, '2026-01-01' FROM n"),
                database);
            written += count;
        }

        var bare = replication is null ? ReadLog(silo.RegionFile) : await replication.ReadAsync(cancellationToken);
        var start = Stopwatch.GetTimestamp();
        await silo.PostAsync($"/v1/pipelines/{name}/resume{where}");
        while (await DeliveredAsync(name, where) < Changes)
        {
            await Task.Delay(5, cancellationToken);
        }

        var guest = Stopwatch.GetElapsedTime(start);
        await silo.DeleteAsync($"/v1/pipelines/{name}{where}");
        return (guest.TotalMicroseconds / Changes, bare.TotalMicroseconds / Changes);
    }

    private async Task<long> DeliveredAsync(string name, string where) =>
        (await silo.GetAsync($"/v1/pipelines{where}"))["pipelines"]!.AsArray().Single(pipeline => pipeline!["name"]!.GetValue<string>() == name)!["delivered"]!.GetValue<long>();

    private static TimeSpan ReadLog(string file)
    {
        using var connection = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT * FROM (SELECT * FROM helios_changes ORDER BY seq DESC LIMIT {Changes}) ORDER BY seq";
        var start = Stopwatch.GetTimestamp();
        using var reader = command.ExecuteReader();
        var values = new object[reader.FieldCount];
        var rows = 0;
        for (; reader.Read(); rows++)
        {
            reader.GetValues(values);
        }

        return rows == Changes ? Stopwatch.GetElapsedTime(start) : throw new InvalidOperationException($"The log has {rows} changes, not {Changes}.");
    }

    /// <summary>A reader of PostgreSQL's log that only counts rows.</summary>
    private sealed class Bare(LogicalReplicationConnection connection, string name) : IAsyncDisposable
    {
        public static async Task<Bare> OpenAsync(string address, string name, string[] tables, CancellationToken cancellationToken)
        {
            var text = Benchmark.ConnectionString(new Uri(address));
            await using (var plain = new NpgsqlConnection(text))
            {
                await plain.OpenAsync(cancellationToken);
                await using var publish = new NpgsqlCommand($"CREATE PUBLICATION bare_{name} FOR TABLE {string.Join(", ", tables)}", plain);
                await publish.ExecuteNonQueryAsync(cancellationToken);
            }

            var connection = new LogicalReplicationConnection(text);
            await connection.Open(cancellationToken);
            await connection.CreatePgOutputReplicationSlot($"bare_{name}", temporarySlot: true, cancellationToken: cancellationToken);
            return new Bare(connection, name);
        }

        public async Task<TimeSpan> ReadAsync(CancellationToken cancellationToken)
        {
            var start = Stopwatch.GetTimestamp();
            var rows = 0;
            var options = new PgOutputReplicationOptions($"bare_{name}", PgOutputProtocolVersion.V1);
            await foreach (var message in connection.StartReplication(new PgOutputReplicationSlot($"bare_{name}"), options, cancellationToken))
            {
                if (message is InsertMessage insert)
                {
                    await foreach (var value in insert.NewRow)
                    {
                        _ = value.Length;
                    }

                    if (++rows == Changes)
                    {
                        break;
                    }
                }

                connection.SetReplicationStatus(message.WalEnd);
            }

            return Stopwatch.GetElapsedTime(start);
        }

        public ValueTask DisposeAsync() => connection.DisposeAsync();
    }
}
