using System.Text.Json;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace HeliosEdge.Sandbox.Storage;

/// <summary>
/// A SQLite database for each region. SQLite's authorizer refuses what would reach outside of it (<c>ATTACH</c>, extensions) or
/// change how it works (<c>PRAGMA</c>, transactions), and its progress handler ends a statement at its deadline.
/// </summary>
/// <param name="folder">Where the databases are; must exist.</param>
/// <param name="maxRows">Rows of the largest result.</param>
/// <param name="maxBytes">Bytes of the largest result as JSON.</param>
/// <param name="maxPages">Pages of 4 KiB of the largest database.</param>
public sealed class SqliteRegionDatabases(
    string folder,
    int maxRows = SqliteRegionDatabases.DefaultMaxRows,
    int maxBytes = SqliteRegionDatabases.DefaultMaxBytes,
    int maxPages = SqliteRegionDatabases.DefaultMaxPages) : ISqlDatabase
{
    /// <summary>Rows of the largest result where nothing else is configured.</summary>
    public const int DefaultMaxRows = 10_000;

    /// <summary>Bytes of the largest result where nothing else is configured.</summary>
    public const int DefaultMaxBytes = 1 << 20;

    /// <summary>Pages of the largest database where nothing else is configured: 256 MiB.</summary>
    public const int DefaultMaxPages = 65_536;

    /// <summary>Virtual machine instructions between two looks at the clock and the memory: each may work on a value of the largest size.</summary>
    private const int InstructionsPerLook = 100;

    /// <summary>Memory that SQLite may have in the whole process while a statement runs; sorting and removing duplicates happen there.</summary>
    private const long MaxSqliteBytes = 256 << 20;

    private const int MaxPatternBytes = 128;
    private const int MaxExpressionDepth = 200;

    private readonly Lock _writer = new();

    /// <inheritdoc/>
    public SqlAnswer Query(string region, string sql, ReadOnlyMemory<byte> parameters, TimeSpan patience) =>
        Run(region, sql, parameters, patience, isQuery: true);

    /// <inheritdoc/>
    public SqlAnswer Execute(string region, string sql, ReadOnlyMemory<byte> parameters, TimeSpan patience)
    {
        // SQLite has one writer at a time; waiting for it here ends with the caller's deadline.
        var started = TimeProvider.System.GetTimestamp();
        if (patience <= TimeSpan.Zero || !_writer.TryEnter(patience))
        {
            return new SqlAnswer(SqlOutcome.Cancelled, default, "Other writers were busy until the deadline.");
        }

        try
        {
            return Run(region, sql, parameters, patience - TimeProvider.System.GetElapsedTime(started), isQuery: false);
        }
        finally
        {
            _writer.Exit();
        }
    }

    private static int Authorize(bool isQuery, int action) => action switch
    {
        raw.SQLITE_SELECT or raw.SQLITE_READ or raw.SQLITE_FUNCTION or raw.SQLITE_RECURSIVE => raw.SQLITE_OK,
        raw.SQLITE_ATTACH or raw.SQLITE_DETACH or raw.SQLITE_PRAGMA or raw.SQLITE_TRANSACTION or raw.SQLITE_SAVEPOINT
            or raw.SQLITE_CREATE_VTABLE or raw.SQLITE_DROP_VTABLE or raw.SQLITE_CREATE_TEMP_TABLE or raw.SQLITE_CREATE_TEMP_INDEX
            or raw.SQLITE_CREATE_TEMP_VIEW or raw.SQLITE_CREATE_TEMP_TRIGGER => raw.SQLITE_DENY,
        _ => isQuery ? raw.SQLITE_DENY : raw.SQLITE_OK,
    };

    private static void Bind(SqliteCommand command, ReadOnlyMemory<byte> parameters)
    {
        if (parameters.IsEmpty)
        {
            return;
        }

        using var json = JsonDocument.Parse(parameters);
        if (json.RootElement.ValueKind != JsonValueKind.Array)
        {
            throw new JsonException("The parameters must be a JSON array.");
        }

        var number = 0;
        foreach (var value in json.RootElement.EnumerateArray())
        {
            number++;
            object? bound = value.ValueKind switch
            {
                JsonValueKind.Null => DBNull.Value,
                JsonValueKind.True => 1L,
                JsonValueKind.False => 0L,
                JsonValueKind.String => value.GetString(),
                JsonValueKind.Number => value.TryGetInt64(out var whole) ? whole : value.GetDouble(),
                _ => throw new JsonException($"Parameter {number} must be null, a boolean, a number or a string."),
            };
            command.Parameters.AddWithValue($"?{number}", bound);
        }
    }

    private static SqlAnswer Change(SqliteCommand command, SqliteConnection connection)
    {
        var affected = command.ExecuteNonQuery();
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            writer.WriteNumber("rowsAffected", Math.Max(0, affected));
            writer.WriteNumber("lastInsertId", raw.sqlite3_last_insert_rowid(connection.Handle));
            writer.WriteEndObject();
        }

        return new SqlAnswer(SqlOutcome.Success, json.ToArray());
    }

    private static void Write(Utf8JsonWriter writer, object value)
    {
        switch (value)
        {
            case long number:
                writer.WriteNumberValue(number);
                break;
            case double number when double.IsFinite(number):
                writer.WriteNumberValue(number);
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case byte[] bytes:
                writer.WriteBase64StringValue(bytes);
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }

    private SqlAnswer Guarded(SqliteConnection connection, long started, TimeSpan patience, bool isQuery, Func<SqlAnswer> run)
    {
        bool IsLate() => TimeProvider.System.GetElapsedTime(started) > patience;
        var isTooMuch = false;
        // No value may be larger than a result: zeroblob(1000000000) would take the silo's memory, not the guest's.
        var handle = connection.Handle;
        raw.sqlite3_limit(handle, raw.SQLITE_LIMIT_LENGTH, maxBytes);
        raw.sqlite3_limit(handle, raw.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, MaxPatternBytes);
        raw.sqlite3_limit(handle, raw.SQLITE_LIMIT_EXPR_DEPTH, MaxExpressionDepth);
        SearchFunctions.Replace(connection, IsLate);
        delegate_authorizer authorize = (_, action, _, _, _, _) => Authorize(isQuery, action);
        raw.sqlite3_set_authorizer(handle, authorize, null);
        raw.sqlite3_progress_handler(
            handle,
            InstructionsPerLook,
            _ =>
            {
                isTooMuch = raw.sqlite3_memory_used() > MaxSqliteBytes;
                return isTooMuch || IsLate() ? 1 : 0;
            },
            null);
        try
        {
            return run();
        }
        catch (SqliteException) when (isTooMuch)
        {
            return new SqlAnswer(SqlOutcome.Failed, default, $"The statement needs too much memory; all statements together may have {MaxSqliteBytes >> 20} MiB.");
        }
        catch (SqliteException e) when (e.SqliteErrorCode != raw.SQLITE_INTERRUPT && IsLate())
        {
            return new SqlAnswer(SqlOutcome.Cancelled, default, "The statement was cancelled at the deadline.");
        }
        finally
        {
            // The transaction around it has yet to be ended.
            raw.sqlite3_progress_handler(handle, 0, null, null);
            raw.sqlite3_set_authorizer(handle, default(delegate_authorizer), null);
        }
    }

    private SqlAnswer Rows(SqliteCommand command)
    {
        using var reader = command.ExecuteReader();
        using var json = new MemoryStream();
        using var writer = new Utf8JsonWriter(json);
        writer.WriteStartObject();
        writer.WriteStartArray("columns");
        for (var i = 0; i < reader.FieldCount; i++)
        {
            writer.WriteStringValue(reader.GetName(i));
        }

        writer.WriteEndArray();
        writer.WriteStartArray("rows");
        var rows = 0;
        while (reader.Read())
        {
            if (++rows > maxRows)
            {
                return new SqlAnswer(SqlOutcome.Failed, default, $"The result has more than {maxRows} rows.");
            }

            writer.WriteStartArray();
            for (var i = 0; i < reader.FieldCount; i++)
            {
                Write(writer, reader.GetValue(i));
                if (writer.BytesCommitted + writer.BytesPending > maxBytes)
                {
                    return new SqlAnswer(SqlOutcome.Failed, default, $"The result has more than {maxBytes} bytes.");
                }
            }

            writer.WriteEndArray();
        }

        // Runs whatever statements follow, which the authorizer is to see.
        if (reader.NextResult())
        {
            return new SqlAnswer(SqlOutcome.Failed, default, "A query is one statement, not several.");
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        return new SqlAnswer(SqlOutcome.Success, json.ToArray());
    }

    private SqlAnswer Run(string region, string sql, ReadOnlyMemory<byte> parameters, TimeSpan patience, bool isQuery)
    {
        var started = TimeProvider.System.GetTimestamp();

        // The provider looks for further statements behind a zero byte, where SQLite sees the end, and never gets there.
        if (sql.Contains('\0', StringComparison.Ordinal))
        {
            return new SqlAnswer(SqlOutcome.Failed, default, "A statement can not contain a NUL character.");
        }

        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder
            {
                DataSource = Path.Combine(folder, $"{region}.db"),
                Pooling = false,
                DefaultTimeout = Math.Max(1, (int)patience.TotalSeconds),
            }.ToString());
            connection.Open();
            using (var set = connection.CreateCommand())
            {
                set.CommandText = $"PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA max_page_count = {maxPages}; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; PRAGMA query_only = {(isQuery ? 1 : 0)}";
                set.ExecuteNonQuery();
            }

            using var transaction = connection.BeginTransaction(deferred: isQuery);
            using var command = connection.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = sql;
            Bind(command, parameters);
            var answer = Guarded(connection, started, patience, isQuery, () => isQuery ? Rows(command) : Change(command, connection));
            if (!isQuery && answer.Outcome == SqlOutcome.Success)
            {
                transaction.Commit();
            }

            return answer;
        }
        catch (SqliteException e) when (e.SqliteErrorCode == raw.SQLITE_INTERRUPT)
        {
            return new SqlAnswer(SqlOutcome.Cancelled, default, "The statement was cancelled at the deadline.");
        }
        catch (Exception e) when (e is SqliteException or JsonException or InvalidOperationException or FormatException)
        {
            return new SqlAnswer(SqlOutcome.Failed, default, e.Message);
        }
    }
}
