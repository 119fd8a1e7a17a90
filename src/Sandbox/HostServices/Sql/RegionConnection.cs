using System.Diagnostics;
using System.Text;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;
using HeliosEdge.Sandbox.HostServices.Sql.Functions;
using HeliosEdge.Sandbox.HostServices.Sql.Triggers;
using HeliosEdge.Sandbox.HostServices.Sqlite;
using SQLitePCL;

namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>
/// One connection to a region's database, for statements that nobody trusts. It only reads or is the only one that writes, for as long as
/// it lives, and keeps the statements that it ran last. One thread at a time.
/// </summary>
internal sealed class RegionConnection : IDisposable
{
    /// <summary>Virtual machine instructions between two looks at the clock and at memory: a microsecond or two.</summary>
    private const int InstructionsPerLook = 50;
    private const int MaxKept = 16;
    private const int MaxKeptOwn = 32;
    private const int MaxKeptSqlBytes = 4_096;
    private const int MaxKeptMemory = 256 << 10;

    /// <summary>Bytes; with fewer a disk is full, for a statement is written to the log before it is in the database.</summary>
    private const long DiskReserve = 1 << 20;

    /// <summary>What a page takes in the log at most: the largest page that SQLite has, and what is before it.</summary>
    private const int MaxFrameBytes = 65_536 + 24;

    /// <summary><c>SQLITE_DBSTATUS_CACHE_WRITE</c>: the pages that the connection has written, to the log and elsewhere.</summary>
    private const int PagesWritten = 9;

    /// <summary><c>SQLITE_STMTSTATUS_MEMUSED</c>.</summary>
    private const int MemoryUsed = 99;
    private static readonly long TicksPerWriteLook = Stopwatch.Frequency / 1_000;
    private static readonly SqlPatience Endless = new(long.MaxValue, CancellationToken.None);

    private readonly string _path;
    private readonly SqlLimits _limits;
    private readonly bool _isReader;
    private readonly SqlAuthorizer _authorizer;
    private readonly sqlite3 _database;
    private readonly ISqlFunctions? _functions;
    private readonly string _region;
    private readonly GuestFunctions _guests;
    private readonly TriggerFunctions _triggers;
    private readonly Dictionary<(string Sql, SqlAccess Access), KeptStatement> _kept = [];
    private readonly Dictionary<string, sqlite3_stmt> _own = new(StringComparer.Ordinal);
    private sqlite3_stmt? _begin;
    private sqlite3_stmt? _commit;
    private sqlite3_stmt? _rollback;
    private long _uses;

    // When the log was last looked at, and how many pages later it may be large at the earliest.
    private uint _lookedAt;
    private long _pagesUntilLarge;
    private SqlPatience _patience = Endless;
    private long _nextWriteLook;

    // What the thread had written a moment after the statement began: asking the system costs more than most statements take.
    private long? _writtenBefore;
    private string? _stopped;

    /// <exception cref="StatementException">The database cannot be opened.</exception>
    public RegionConnection(string path, string region, SqlLimits limits, bool isReader, ISqlFunctions? functions, TriggerLedger ledger, ChangeSignal signal)
    {
        _region = region;
        _functions = functions;
        _path = path;
        _limits = limits;
        _isReader = isReader;
        _authorizer = new SqlAuthorizer(name => _guests!.Has(name)) { IsOwn = true };
        var result = raw.sqlite3_open_v2(path, out _database, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_NOMUTEX, null);
        try
        {
            Check(result);
            _guests = new GuestFunctions(_database);
            Capture = new CaptureFunctions(_database, OwnEach, limits.MaxBytes, signal);
            _triggers = new TriggerFunctions(_database, _guests, ledger, Capture.BeginApplying);
            raw.sqlite3_extended_result_codes(_database, 1);
            raw.sqlite3_busy_timeout(_database, 5_000);
            Configure();
            _authorizer.IsOwn = false;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What captures the changes of its statements.</summary>
    public CaptureFunctions Capture { get; }

    /// <summary>True once the connection is of no more use.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Whether a transaction is open: SQLite rolls one back by itself after some failures.</summary>
    public bool IsInTransaction => raw.sqlite3_get_autocommit(_database) == 0;

    /// <summary>Runs one statement, in a transaction of its own.</summary>
    public SqlAnswer Run(SqlStatement statement, SqlPatience patience)
    {
        var answer = Run(statement, patience, isWithin: false);
        End();
        return answer;
    }

    /// <summary>Runs one statement in the transaction that <see cref="Begin"/> has begun.</summary>
    public SqlAnswer RunWithin(SqlStatement statement, SqlPatience patience) => Run(statement, patience, isWithin: true);

    /// <summary>Begins a transaction.</summary>
    /// <exception cref="StatementException">It cannot begin.</exception>
    public void Begin(SqlPatience patience)
    {
        Expect(patience);
        BeginNow();
    }

    /// <summary>Commits the transaction that <see cref="Begin"/> has begun.</summary>
    /// <exception cref="StatementException">It cannot be committed.</exception>
    public void Commit(SqlPatience patience)
    {
        Expect(patience);
        CommitNow();
    }

    /// <summary>Runs a statement of the store's own, such as a savepoint.</summary>
    /// <exception cref="StatementException">It failed.</exception>
    public void RunOwn(string sql, SqlPatience patience)
    {
        Expect(patience);
        Capture.Doubt();
        _authorizer.IsOwn = true;
        try
        {
            Own(sql);
        }
        finally
        {
            _authorizer.IsOwn = false;
        }
    }

    /// <summary>Rolls back what is open, and makes the connection ready for others.</summary>
    public void End()
    {
        RollBack();
        TrimLog();
    }

    /// <summary>Runs a statement of the store's own and gives its rows as text.</summary>
    /// <exception cref="StatementException">It failed.</exception>
    public List<string?[]> OwnRows(string sql, params object?[] parameters)
    {
        var rows = new List<string?[]>();
        OwnEach(
            sql,
            statement =>
            {
                var row = new string?[raw.sqlite3_column_count(statement)];
                for (var i = 0; i < row.Length; i++)
                {
                    row[i] = raw.sqlite3_column_text(statement, i).utf8_to_string();
                }

                rows.Add(row);
            },
            parameters);
        return rows;
    }

    /// <summary>Runs a statement of the store's own, and has something done with each of its rows.</summary>
    /// <exception cref="StatementException">It failed.</exception>
    public void OwnEach(string sql, Action<sqlite3_stmt> each, params object?[] parameters)
    {
        var wasOwn = _authorizer.IsOwn;
        _authorizer.IsOwn = true;
        try
        {
            sqlite3_stmt? statement = null;
            var isWhole = false;
            try
            {
                statement = _own.Remove(sql, out var kept) ? kept : PrepareOwn(sql);
                Bind(statement, parameters);
                while (Step(statement))
                {
                    each(statement);
                }

                isWhole = true;
            }
            finally
            {
                KeepOwn(sql, statement, isWhole);
            }
        }
        finally
        {
            _authorizer.IsOwn = wasOwn;
        }
    }

    private void Bind(sqlite3_stmt statement, object?[] parameters)
    {
        for (var i = 0; i < parameters.Length; i++)
        {
            Check(parameters[i] switch
            {
                null => raw.sqlite3_bind_null(statement, i + 1),
                int number => raw.sqlite3_bind_int64(statement, i + 1, number),
                long number => raw.sqlite3_bind_int64(statement, i + 1, number),
                double number => raw.sqlite3_bind_double(statement, i + 1, number),
                ReadOnlyMemory<byte> { IsEmpty: false } bytes => raw.sqlite3_bind_blob(statement, i + 1, bytes.Span),
                ReadOnlyMemory<byte> => raw.sqlite3_bind_zeroblob(statement, i + 1, 0),
                string text => raw.sqlite3_bind_text(statement, i + 1, text),
                var other => throw new ArgumentException($"SQLite has no {other.GetType()}.", nameof(parameters)),
            });
        }
    }

    private void ForgetOwn()
    {
        foreach (var own in _own.Values)
        {
            own.Dispose();
        }

        _own.Clear();
    }

    // The store's own statements with parameters are few and come again and again; the others are made for one table, once.
    private void KeepOwn(string sql, sqlite3_stmt? statement, bool isWhole)
    {
        if (statement is null)
        {
            return;
        }

        _ = raw.sqlite3_reset(statement);
        if (_own.Count == MaxKeptOwn)
        {
            ForgetOwn();
        }

        _ = raw.sqlite3_clear_bindings(statement);
        if (!isWhole || raw.sqlite3_bind_parameter_count(statement) == 0 || !_own.TryAdd(sql, statement))
        {
            statement.Dispose();
        }
    }

    /// <summary>Runs a statement of the store's own.</summary>
    /// <returns>How many rows it has changed, those apart that triggers have.</returns>
    /// <exception cref="StatementException">It failed.</exception>
    public int OwnChange(string sql, params object?[] parameters)
    {
        var before = raw.sqlite3_total_changes(_database);
        OwnEach(sql, _ => { }, parameters);
        return raw.sqlite3_total_changes(_database) == before ? 0 : raw.sqlite3_changes(_database);
    }

    /// <summary>Has changes of a table captured as before, if they are, now that it has other triggers.</summary>
    public void RenewCapture(string table) => SqliteCapture.Renew(this, table);

    /// <summary>Why a text is no single statement that only reads; null where it is one.</summary>
    public string? WhyNoQuery(string sql)
    {
        KeptStatement? statement = null;
        try
        {
            statement = Take(new SqlStatement(sql, default, SqlAccess.Read));
            return null;
        }
        catch (StatementException e)
        {
            return e.Message;
        }
        finally
        {
            statement?.Handle.Dispose();
        }
    }

    private HashSet<string> TablesWithTriggers() => OwnRows("SELECT 1 FROM sqlite_schema WHERE name = ?1", SqliteTriggers.Table).Count == 0
        ? []
        : OwnRows($"SELECT DISTINCT table_name FROM {SqliteTriggers.Table}").Select(row => row[0]!).ToHashSet(StringComparer.OrdinalIgnoreCase);

    private SqlAnswer Run(SqlStatement statement, SqlPatience patience, bool isWithin)
    {
        Expect(patience);
        _nextWriteLook = Stopwatch.GetTimestamp() + TicksPerWriteLook;
        _writtenBefore = null;
        KeptStatement? kept = null;
        _triggers.Begin();
        if (_functions is not null)
        {
            _guests.Update(_functions.Of(_region));
            _guests.Begin(new StatementGuests(_functions, _region, patience));
        }

        StatementHeap.Begin(SqlLimits.MaxStatementBytes);
        try
        {
            kept = Take(statement);
            SqlParameters.Bind(kept.Handle, statement.Parameters);
            return new SqlAnswer(statement.Access == SqlAccess.Read ? Query(kept) : Change(kept, isWithin));
        }
        catch (StatementException e)
        {
            Capture.Doubt();
            return new SqlAnswer(e.Error);
        }
        finally
        {
            StatementHeap.End();
            GiveBack(statement, kept);
            _guests.End();
        }
    }

    private void Expect(SqlPatience patience)
    {
        _patience = patience;
        _stopped = null;
        _authorizer.Refusal = null;
        Capture.BeginStatement();
        raw.sqlite3_busy_timeout(_database, (int)Math.Clamp(patience.Remaining.TotalMilliseconds, 1, 60_000));
    }

    public void Dispose()
    {
        foreach (var kept in _kept.Values)
        {
            kept.Handle.Dispose();
        }

        _kept.Clear();
        ForgetOwn();
        _begin?.Dispose();
        _commit?.Dispose();
        _rollback?.Dispose();
        _database.Dispose();
    }

    private void Configure()
    {
        // Nothing that can change files other than the database's own, or the schema other than by statements made for it.
        Set(raw.SQLITE_DBCONFIG_DEFENSIVE, 1);
        Set(raw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0);
        Set(raw.SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0);
        Set(raw.SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0);
        Set(raw.SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0);
        Set(raw.SQLITE_DBCONFIG_ENABLE_FKEY, 1);

        // Without recursive triggers a row that REPLACE removes would fire none.
        // Sorts and intermediate tables go to disk beyond the cache, where their bytes are counted; without a count they stay in memory,
        // which has its own end. A small cache also keeps each sort in memory short: nothing interrupts one.
        Own($"""
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = NORMAL;
            PRAGMA journal_size_limit = {WriteAheadLog.MaxBytes};
            PRAGMA max_page_count = {_limits.MaxPages};
            PRAGMA cache_size = -1024;
            PRAGMA mmap_size = 0;
            PRAGMA recursive_triggers = ON;
            PRAGMA temp_store = {(ThreadWrites.IsCounted ? "FILE" : "MEMORY")};
            PRAGMA query_only = {(_isReader ? 1 : 0)};
            """);
        Limit(raw.SQLITE_LIMIT_LENGTH, _limits.MaxBytes);
        Limit(raw.SQLITE_LIMIT_SQL_LENGTH, Math.Min(SqlLimits.MaxSqlBytes, _limits.MaxBytes));
        Limit(raw.SQLITE_LIMIT_COLUMN, SqlLimits.MaxColumns);
        Limit(raw.SQLITE_LIMIT_EXPR_DEPTH, SqlLimits.MaxExpressionDepth);
        Limit(raw.SQLITE_LIMIT_COMPOUND_SELECT, SqlLimits.MaxCompoundSelects);
        Limit(raw.SQLITE_LIMIT_VDBE_OP, SqlLimits.MaxOperations);
        Limit(raw.SQLITE_LIMIT_FUNCTION_ARG, SqlLimits.MaxArguments);
        Limit(raw.SQLITE_LIMIT_ATTACHED, 0);
        Limit(raw.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, SqlLimits.MaxPatternBytes);
        Limit(raw.SQLITE_LIMIT_VARIABLE_NUMBER, SqlLimits.MaxVariables);
        Limit(raw.SQLITE_LIMIT_TRIGGER_DEPTH, SqlLimits.MaxTriggerDepth);
        Limit(raw.SQLITE_LIMIT_WORKER_THREADS, 0);
        BoundedFunctions.Register(_database, _limits.MaxBytes);
        _begin = PrepareOwn(_isReader ? "BEGIN" : "BEGIN IMMEDIATE");
        _commit = PrepareOwn("COMMIT");
        _rollback = PrepareOwn("ROLLBACK");

        raw.sqlite3_set_authorizer(
            _database, (delegate_authorizer)((_, action, first, second, _, trigger) => _authorizer.Decide(action, first, second, trigger)), null);
        raw.sqlite3_progress_handler(_database, InstructionsPerLook, _ => Look(), null);

        void Set(int option, int value) => raw.sqlite3_db_config(_database, option, value, out _);
        void Limit(int limit, int value) => raw.sqlite3_limit(_database, limit, value);
    }

    private byte[] Query(KeptStatement statement)
    {
        using var result = new SqlResult(_limits);

        // The first step compiles a kept statement again if the schema has changed, and its columns may be others then.
        var hasRow = Step(statement.Handle);
        result.Begin(statement.Handle);
        for (; hasRow; hasRow = Step(statement.Handle))
        {
            result.Add(statement.Handle);
        }

        return result.End();
    }

    private byte[] Change(KeptStatement statement, bool isWithin)
    {
        if (!isWithin)
        {
            BeginNow();
        }

        var before = raw.sqlite3_total_changes(_database);
        SqlResult? rows = null;
        try
        {
            var hasRow = Step(statement.Handle);
            if (raw.sqlite3_column_count(statement.Handle) > 0)
            {
                rows = new SqlResult(_limits);
                rows.Begin(statement.Handle);
            }

            for (; hasRow; hasRow = Step(statement.Handle))
            {
                rows!.Add(statement.Handle);
            }

            var changes = raw.sqlite3_total_changes(_database) == before ? 0 : raw.sqlite3_changes(_database);
            raw.sqlite3_reset(statement.Handle);
            if (statement.TriggerOn is { } table)
            {
                // SQLite fires those first that were made last, and what a trigger does belongs behind the change that it is fired by.
                RenewCapture(table);
            }

            if (!isWithin)
            {
                CommitNow();
            }

            var inserted = changes > 0 && statement.Inserts ? raw.sqlite3_last_insert_rowid(_database) : 0;
            return rows is null ? SqlResult.OfChange(changes, inserted) : rows.End(changes, inserted);
        }
        finally
        {
            rows?.Dispose();
        }
    }

    private bool Step(sqlite3_stmt statement)
    {
        switch (raw.sqlite3_step(statement))
        {
            case raw.SQLITE_ROW:
                return true;
            case raw.SQLITE_DONE:
                return false;
            case var code:
                throw Failure(code);
        }
    }

    private KeptStatement Take(SqlStatement statement)
    {
        var sql = statement.Text;

        // SQLite may compile a kept statement again, and asks again what it may do.
        _authorizer.Access = statement.Access;
        _authorizer.NamesOurs = SqlAuthorizer.HasOurs(sql);
        _authorizer.TriggerOn = null;
        if (_kept.Remove((sql, statement.Access), out var kept))
        {
            return kept;
        }

        _authorizer.Inserts = false;
        _authorizer.ChangesSchema = false;
        if (statement.Access == SqlAccess.Write)
        {
            _authorizer.Guarded = TablesWithTriggers();
            _authorizer.Captured = SqliteCapture.Tables(this);
        }

        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(sql);
        var most = Math.Min(SqlLimits.MaxSqlBytes, _limits.MaxBytes);
        if (rest.Length > most)
        {
            // SQLite refuses it, too, but leaves its caller without the rest of the text.
            throw new StatementException(SqlOutcome.Failed, "54000", $"The statement is larger than {most} bytes.");
        }

        if (rest.Contains((byte)0))
        {
            throw new StatementException(SqlOutcome.Failed, "42601", "The statement has a zero byte in it; give such text as a parameter.");
        }

        sqlite3_stmt? first = null;
        var inserts = false;
        while (!rest.IsEmpty)
        {
            Check(raw.sqlite3_prepare_v3(_database, rest, raw.SQLITE_PREPARE_PERSISTENT, out var next, out rest), first);
            if (next.IsInvalid)
            {
                continue;
            }

            if (first is not null)
            {
                next.Dispose();
                first.Dispose();
                throw new StatementException(SqlOutcome.Failed, "42601", "A call runs one statement, not several.");
            }

            first = next;
            inserts = _authorizer.Inserts;
        }

        return new KeptStatement(first ?? throw new StatementException(SqlOutcome.Failed, "42601", "There is no statement."), inserts, _authorizer.ChangesSchema, _authorizer.TriggerOn);
    }

    private void GiveBack(SqlStatement given, KeptStatement? statement)
    {
        if (statement is null)
        {
            return;
        }

        // What went wrong was reported by the step; resetting reports it once more.
        _ = raw.sqlite3_reset(statement.Handle);
        _ = raw.sqlite3_clear_bindings(statement.Handle);
        if (given.Text.Length > MaxKeptSqlBytes || statement.ChangesSchema || raw.sqlite3_stmt_status(statement.Handle, MemoryUsed, 0) > MaxKeptMemory)
        {
            statement.Handle.Dispose();
            return;
        }

        if (_kept.Count == MaxKept)
        {
            var (oldest, dropped) = _kept.MinBy(kept => kept.Value.LastUse);
            _kept.Remove(oldest);
            dropped.Handle.Dispose();
        }

        statement.LastUse = ++_uses;
        _kept.Add((given.Text, given.Access), statement);
    }

    private void RollBack()
    {
        if (!IsInTransaction)
        {
            return;
        }

        Capture.Doubt();
        try
        {
            _stopped = null;
            _patience = Endless;
            Own(_rollback!);
        }
        catch (StatementException)
        {
            IsBroken = true;
        }
    }

    private void TrimLog()
    {
        if (_isReader || IsBroken || !IsLogLarge())
        {
            return;
        }

        // Not waiting for those that read from it: the next statement tries again.
        raw.sqlite3_busy_timeout(_database, 0);
        _stopped = null;
        _patience = Endless;
        _authorizer.IsOwn = true;
        try
        {
            Own("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        catch (StatementException)
        {
            // Whatever keeps it from that shows with the next statement; what this one came to is settled.
            IsBroken = true;
        }
        finally
        {
            _authorizer.IsOwn = false;
        }
    }

    /// <summary>Whether the log is to be shortened. Nobody else writes to it, so that the file need not be looked at before enough was written.</summary>
    private bool IsLogLarge()
    {
        if (raw.sqlite3_db_status(_database, PagesWritten, out var pages, out _, 0) == raw.SQLITE_OK && unchecked((uint)pages - _lookedAt) < _pagesUntilLarge)
        {
            return false;
        }

        var length = WriteAheadLog.LengthOf(_path);
        (_lookedAt, _pagesUntilLarge) = ((uint)pages, (WriteAheadLog.MaxBytes - length) / MaxFrameBytes);
        return length > WriteAheadLog.MaxBytes;
    }

    /// <summary>Called by SQLite in the middle of a statement; anything but 0 ends it.</summary>
    private int Look()
    {
        if (_authorizer.IsOwn)
        {
            return 0;
        }

        var now = Stopwatch.GetTimestamp();
        if (now > _patience.Deadline || _patience.Cancellation.IsCancellationRequested)
        {
            return 1;
        }

        if (raw.sqlite3_memory_used() > SqlLimits.MaxHeapBytes / 4 * 3)
        {
            _stopped = "The statement was ended because all statements together use too much memory.";
            return 1;
        }

        if (now >= _nextWriteLook)
        {
            _nextWriteLook = now + TicksPerWriteLook;
            var written = ThreadWrites.Bytes;
            _writtenBefore ??= written;
            if (written - _writtenBefore > _limits.MaxWrittenBytes)
            {
                _stopped = $"The statement wrote more than {_limits.MaxWrittenBytes} bytes to disk, temporary files included.";
                return 1;
            }
        }

        return 0;
    }

    private void Own(string sql)
    {
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(sql);
        while (!rest.IsEmpty)
        {
            Check(raw.sqlite3_prepare_v2(_database, rest, out var statement, out rest));
            using (statement)
            {
                while (!statement.IsInvalid && Step(statement))
                {
                }
            }
        }
    }

    private void Own(sqlite3_stmt statement)
    {
        _authorizer.IsOwn = true;
        try
        {
            _ = Step(statement);
        }
        finally
        {
            _ = raw.sqlite3_reset(statement);
            _authorizer.IsOwn = false;
        }
    }

    private void BeginNow()
    {
        Capture.BeginTransaction();
        Own(_begin!);
    }

    private void CommitNow()
    {
        Own(_commit!);
        Capture.Committed();
    }

    private sqlite3_stmt PrepareOwn(string sql)
    {
        Check(raw.sqlite3_prepare_v3(_database, sql, raw.SQLITE_PREPARE_PERSISTENT, out var statement));
        return statement;
    }

    private void Check(int result, sqlite3_stmt? owned = null)
    {
        if (result != raw.SQLITE_OK)
        {
            var failure = Failure(result);
            owned?.Dispose();
            throw failure;
        }
    }

    private StatementException Failure(int code)
    {
        var message = raw.sqlite3_errmsg(_database).utf8_to_string();
        switch (code & 0xFF)
        {
            case var _ when _guests?.Guests is { Failure: { } failure, FailedFunction: var function }:
                return GuestFailure(function, failure);
            case var _ when Capture?.Failure is { } why:
                return new StatementException(SqlOutcome.Failed, "22000", why);
            case raw.SQLITE_INTERRUPT when _stopped is not null:
                return new StatementException(SqlOutcome.Failed, "54000", _stopped);
            case raw.SQLITE_INTERRUPT:
                return new StatementException(SqlOutcome.Cancelled, SqliteStates.Cancelled, "The statement was cancelled at the deadline, or with its call.");
            case var _ when _authorizer.Refusal is { } refusal:
                return new StatementException(SqlOutcome.Failed, _authorizer.Access == SqlAccess.Read ? "25006" : "42501", refusal);
            case raw.SQLITE_BUSY or raw.SQLITE_LOCKED:
                return new StatementException(SqlOutcome.Conflict, SqliteStates.Conflict, $"Another program holds the region's database: {message}.");
            case raw.SQLITE_FULL when IsDiskFull():
                return new StatementException(SqlOutcome.DiskFull, "53100", "The region's database has no room: the silo's disk is full.");
            case raw.SQLITE_FULL:
                return new StatementException(
                    SqlOutcome.Failed, "53100", $"The region's database is full: it may have {_limits.MaxPages} pages of 4096 bytes ({message}).");
            case raw.SQLITE_TOOBIG:
                return new StatementException(SqlOutcome.Failed, "54000", $"A statement or value is larger than {_limits.MaxBytes} bytes ({message}).");
            case var _ when code is raw.SQLITE_NOMEM or raw.SQLITE_IOERR_NOMEM:
                return new StatementException(
                    SqlOutcome.Failed, "53200", $"The statement needs more memory than the {SqlLimits.MaxStatementBytes} bytes, or more steps, than a statement may have.");
            case raw.SQLITE_IOERR or raw.SQLITE_CANTOPEN:
                IsBroken = true;
                return new StatementException(SqlOutcome.Unavailable, "58030", $"The region's database failed: {message}.");
            case raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB:
                IsBroken = true;
                return new StatementException(SqlOutcome.Failed, "XX001", $"The region's database failed: {message}.");
            default:
                if (message?.Contains("too many levels of trigger recursion", StringComparison.Ordinal) == true)
                {
                    return new StatementException(new SqlError(
                        SqlOutcome.Failed, "54001", $"Triggers caused each other more than {SqlLimits.MaxTriggerDepth} levels deep.") { Code = ErrorCodes.TriggerDepthExceeded });
                }

                return new StatementException(new SqlError(SqlOutcome.Failed, SqliteStates.Of(code, message ?? ""), $"{message}.", SqliteErrorPosition.Of(_database)));
        }
    }

    private static StatementException GuestFailure(string function, SandboxException failure) => new(new SqlError(
        failure.Code is ErrorCodes.Timeout or ErrorCodes.Cancelled ? SqlOutcome.Cancelled : failure.Code == ErrorCodes.Overloaded ? SqlOutcome.Busy : SqlOutcome.Failed,
        "38000",
        failure.Code is ErrorCodes.TriggerRejected or ErrorCodes.TriggerFailed ? failure.Message : $"The function {function} failed: {failure.Message}")
    {
        Code = failure.Code,
    });

    /// <summary>Whether a database that is full is so because of the disk: SQLite says the same of the disk and of the pages that it may have.</summary>
    private bool IsDiskFull() => new DriveInfo(Path.GetDirectoryName(Path.GetFullPath(_path))!).AvailableFreeSpace < DiskReserve;

    private sealed class KeptStatement(sqlite3_stmt handle, bool inserts, bool changesSchema, string? triggerOn)
    {
        /// <summary>The table that it makes a trigger for; null for none.</summary>
        public string? TriggerOn => triggerOn;

        /// <summary>What may be done to the schema is asked anew each time.</summary>
        public bool ChangesSchema => changesSchema;

        public sqlite3_stmt Handle { get; } = handle;

        public bool Inserts { get; } = inserts;

        public long LastUse { get; set; }
    }
}
