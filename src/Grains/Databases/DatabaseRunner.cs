using System.Buffers;
using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.Databases;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Security;

namespace HeliosEdge.Grains.Databases;

/// <summary>
/// Runs statements from outside in the databases of this silo's regions. A statement keeps its thread until it has ended, so that only so many are under way,
/// each on a thread of its own; those for functions and for grains are left alone.
/// </summary>
public sealed class DatabaseRunner(ISqlDatabases databases, SandboxPolicy policy) : IDisposable
{
    private readonly SemaphoreSlim _places = new(DatabaseLimits.MaxUnderWay);
    private int _waiting;

    /// <summary>Statements and batches under way.</summary>
    public int UnderWay => DatabaseLimits.MaxUnderWay - _places.CurrentCount;

    /// <summary>Those that wait for one of them to end.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>The databases of a region, sorted by name.</summary>
    public ImmutableArray<DatabaseDescription> List(string region) =>
    [
        .. databases.Names(region)
            .Select(name => Find(region, name))
            .OfType<ISqlDatabase>()
            .Select(database => new DatabaseDescription { Name = database.Name, Kind = database.Kind }),
    ];

    /// <summary>Runs statements. Whatever goes wrong with them is in the result.</summary>
    /// <param name="region">The region, one of this silo.</param>
    /// <param name="order">What to run.</param>
    /// <param name="cancellationToken">Ends them, and undoes what is not committed yet.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>: there are too many of them, or too few.</exception>
    /// <exception cref="OperationCanceledException">They were ended by <paramref name="cancellationToken"/>.</exception>
    public async Task<DatabaseResult> RunAsync(string region, DatabaseOrder order, CancellationToken cancellationToken)
    {
        Check(order);
        if (Find(region, order.Database) is not { } database)
        {
            return NotFound(region, order.Database);
        }

        var milliseconds = Math.Clamp(order.PatienceMs ?? DatabaseLimits.DefaultMs, 1, DatabaseLimits.MaxMs);
        var patience = SqlPatience.For(TimeSpan.FromMilliseconds(milliseconds), cancellationToken);
        if (await EnterAsync(patience).ConfigureAwait(false) is { } refusal)
        {
            return new DatabaseResult { Fault = refusal };
        }

        var result = await OnOwnThreadAsync(() => Run(database, order, patience)).ConfigureAwait(false);
        if (result.Fault is { Code: ErrorCodes.Timeout } late)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new DatabaseResult { Fault = late with { Limit = milliseconds } };
        }

        return result;
    }

    /// <summary>Does something in a database that may take as long as a statement.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.DatabaseNotFound"/>, <see cref="ErrorCodes.Overloaded"/>, or what <paramref name="work"/> throws.</exception>
    internal async Task<T> WithAsync<T>(string region, string name, Func<ISqlDatabase, SqlPatience, T> work, CancellationToken cancellationToken)
    {
        var database = Require(region, name);
        var patience = SqlPatience.For(TimeSpan.FromMilliseconds(DatabaseLimits.DefaultMs), cancellationToken);
        if (await EnterAsync(patience).ConfigureAwait(false) is { } refusal)
        {
            throw new SandboxException(refusal.Code, refusal.Message) { Limit = refusal.Limit };
        }

        return await OnOwnThreadAsync(() => work(database, patience)).ConfigureAwait(false);
    }

    /// <summary>A database that statements from outside may use.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.DatabaseNotFound"/>, naming those that there are.</exception>
    internal ISqlDatabase Require(string region, string name) =>
        Find(region, name) ?? throw new SandboxException(ErrorCodes.DatabaseNotFound, NotFound(region, name).Fault!.Message);

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();

    /// <summary>Gives the place back once the work has ended.</summary>
    private async Task<T> OnOwnThreadAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            new Thread(
                () =>
                {
                    try
                    {
                        done.SetResult(work());
                    }
                    catch (Exception e)
                    {
                        done.SetException(e);
                    }
                },
                DatabaseLimits.StackBytes)
            {
                IsBackground = true,
                Name = "sql over http",
            }.Start();
            return await done.Task.ConfigureAwait(false);
        }
        finally
        {
            _places.Release();
        }
    }

    private static void Check(DatabaseOrder order)
    {
        var (count, most) = (order.Statements.Length, order.Mode == DatabaseMode.Batch ? DatabaseLimits.MaxStatements : 1);
        if (count is 0 || count > most)
        {
            throw new SandboxException(ErrorCodes.InvalidParameter, $"There are {count} statements; the limit is {most}, and one is the least.") { Limit = most, Value = count };
        }
    }

    private static DatabaseResult Run(ISqlDatabase database, DatabaseOrder order, SqlPatience patience)
    {
        if (order.Mode == DatabaseMode.Batch)
        {
            return RunBatch(database, order.Statements, patience);
        }

        var statement = order.Statements[0];
        var answer = database.Run(Sql(statement, order.Mode == DatabaseMode.Query ? SqlAccess.Read : SqlAccess.Write), patience);
        return answer.Error is { } error ? Failed(error, database, statement) : new DatabaseResult { Json = answer.Json };
    }

    private static DatabaseResult RunBatch(ISqlDatabase database, ImmutableArray<DatabaseStatement> statements, SqlPatience patience)
    {
        if (!database.TryBegin(new SqlTerms(SqlAccess.Write), patience, out var transaction, out var refusal))
        {
            return Failed(refusal, database);
        }

        using (transaction)
        {
            var json = new ArrayBufferWriter<byte>();
            json.Write("["u8);
            for (var i = 0; i < statements.Length; i++)
            {
                var answer = transaction.Run(Sql(statements[i], SqlAccess.Write), patience);
                if (answer.Error is { } error)
                {
                    return Failed(error, database, statements[i], i);
                }

                json.Write(i == 0 ? default : ","u8);
                json.Write(answer.Json.Span);
                if (json.WrittenCount >= DatabaseLimits.MaxAnswerBytes)
                {
                    return TooMuch(i, json.WrittenCount + 1);
                }
            }

            json.Write("]"u8);
            return transaction.Commit(patience) is { } late ? Failed(late, database) : new DatabaseResult { Json = json.WrittenMemory };
        }
    }

    private static SqlStatement Sql(DatabaseStatement statement, SqlAccess access) => new(statement.Text, statement.Parameters, access);

    private static DatabaseResult Failed(SqlError error, ISqlDatabase database, DatabaseStatement? statement = null, int? number = null) => new()
    {
        Fault = new DatabaseFault
        {
            Code = SqlFailure.CodeOf(error),
            Message = number is { } at ? $"Statement {at} of the batch, none of which was carried out: {error.Message}" : error.Message,
            SqlState = error.State,
            Position = statement is null ? null : StatementPosition.InCharacters(database.Kind, statement.Text, error.Position),
            Statement = number,
        },
    };

    private static DatabaseResult TooMuch(int statement, int bytes) => new()
    {
        Fault = new DatabaseFault
        {
            Code = ErrorCodes.StatementFailed,
            Message =
                $"With statement {statement} the answers of the batch, none of which was carried out, have {bytes} bytes; the limit is {DatabaseLimits.MaxAnswerBytes} bytes.",
            SqlState = "54000",
            Statement = statement,
            Limit = DatabaseLimits.MaxAnswerBytes,
            Value = bytes,
        },
    };

    private ISqlDatabase? Find(string region, string name) =>
        name == SecurityProfile.MainDatabase && policy.WhyNoSql(region) is not null ? null : databases.Find(region, name);

    private DatabaseResult NotFound(string region, string name)
    {
        var why = name == SecurityProfile.MainDatabase ? policy.WhyNoSql(region) : null;
        var there = List(region);
        return new DatabaseResult
        {
            Fault = new DatabaseFault
            {
                Code = ErrorCodes.DatabaseNotFound,
                Message =
                    $"The region {region} has no database \"{Names.Shorten(name)}\"{why}; it has {(there.IsEmpty ? "none" : string.Join(", ", there.Select(database => database.Name)))}.",
            },
        };
    }

    private async Task<DatabaseFault?> EnterAsync(SqlPatience patience)
    {
        if (_places.Wait(0, CancellationToken.None))
        {
            return null;
        }

        try
        {
            if (Interlocked.Increment(ref _waiting) > DatabaseLimits.MaxWaiting)
            {
                return Overloaded($"{DatabaseLimits.MaxUnderWay} statements are under way on this silo, and {DatabaseLimits.MaxWaiting} wait already.");
            }

            var left = patience.Remaining;
            return await _places.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, patience.Cancellation).ConfigureAwait(false)
                ? null
                : Overloaded($"{DatabaseLimits.MaxUnderWay} statements were under way on this silo for as long as this one could wait.");
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private static DatabaseFault Overloaded(string message) => new() { Code = ErrorCodes.Overloaded, Message = message, Limit = DatabaseLimits.MaxUnderWay };
}
