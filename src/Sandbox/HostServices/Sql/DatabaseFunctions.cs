using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Memory;
using HeliosEdge.Sandbox.Security;
using static HeliosEdge.Sandbox.Engines.HostValueKind;

namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>The host functions for the region's databases.</summary>
internal static class DatabaseFunctions
{
    public static ImmutableArray<HostServiceFunction> All { get; } =
    [
        HostServiceFunction.Of("db_query", [I32, I32, I32, I32, I32, I32], Capability.DbQuery, (context, memory, arguments) =>
            Run(context, memory, context.Scope.Profile.OwnDatabase, arguments, SqlAccess.Read)),
        HostServiceFunction.Of("db_execute", [I32, I32, I32, I32, I32, I32], Capability.DbExecute, (context, memory, arguments) =>
            Run(context, memory, context.Scope.Profile.OwnDatabase, arguments, SqlAccess.Write)),
        HostServiceFunction.Of("db_query_on", [I32, I32, I32, I32, I32, I32, I32, I32], Capability.QuerySome, (context, memory, arguments) =>
            RunOn(context, memory, arguments, SqlAccess.Read, Capability.DbQuery)),
        HostServiceFunction.Of("db_execute_on", [I32, I32, I32, I32, I32, I32, I32, I32], Capability.ExecuteSome, (context, memory, arguments) =>
            RunOn(context, memory, arguments, SqlAccess.Write, Capability.DbExecute)),
        HostServiceFunction.Of("db_last_error", [I32, I32], Capability.None, LastError),
    ];

    private static int RunOn(SandboxContext context, GuestMemory memory, ReadOnlySpan<long> arguments, SqlAccess access, Capability needed)
    {
        var database = memory.ReadString((uint)arguments[0], (uint)arguments[1]);
        return context.Scope.Profile.Grants(needed, database) ? Run(context, memory, database, arguments[2..], access) : HostResult.CapabilityDenied;
    }

    private static int Run(SandboxContext context, GuestMemory memory, string name, ReadOnlySpan<long> arguments, SqlAccess access)
    {
        var output = new GuestOutput((uint)arguments[4], (uint)arguments[5]);
        if (output.Check(memory) is var refused && refused != HostResult.Success)
        {
            return refused;
        }

        var scope = context.Scope;
        var most = scope.Limits.MaxQueryBytes;
        var sql = memory.ReadString((uint)arguments[0], (uint)arguments[1], most);
        var parameters = Encoding.UTF8.GetBytes(memory.ReadString((uint)arguments[2], (uint)arguments[3], most));
        if (scope.Find<ISqlDatabases>()?.Find(scope.Region, name) is not { } database)
        {
            return Failed(context, new SqlError(SqlOutcome.Failed, "3D000", $"The region {scope.Region} has no database \"{Quoted.Of(name)}\"."));
        }

        var statement = new SqlStatement(sql, parameters, access);
        var patience = SqlPatience.For(context.Remaining, context.Cancellation);
        var answer = scope.Find<SqlSession>() is { Transaction: var transaction } && transaction.Database.Name == database.Name
            ? transaction.Run(statement, patience)
            : database.Run(statement, patience);
        if (answer.Error is { } error)
        {
            return Failed(context, error);
        }

        context.FindState<LastSqlError>()?.Error = null;
        return output.Give(memory, answer.Json.Span);
    }

    private static int Failed(SandboxContext context, SqlError error)
    {
        context.StateOf<LastSqlError>().Error = error;
        if (error.Outcome is SqlOutcome.DiskFull or SqlOutcome.Unavailable)
        {
            // The silo tells of it once; each function would tell of it with each call.
            return HostResult.Failed;
        }

        context.Explain($"The statement was not carried out: {error.Message} (SQLSTATE {error.State}{(error.Position is { } position ? $", at {position}" : "")})");
        return error.Outcome switch
        {
            SqlOutcome.Cancelled => HostResult.Deadline,
            SqlOutcome.Busy => HostResult.TooManyRequests,
            _ => HostResult.Failed,
        };
    }

    private static int LastError(SandboxContext context, GuestMemory memory, ReadOnlySpan<long> arguments)
    {
        var output = new GuestOutput((uint)arguments[0], (uint)arguments[1]);
        if (output.Check(memory) is var refused && refused != HostResult.Success)
        {
            return refused;
        }

        return output.Give(
            memory, context.FindState<LastSqlError>()?.Error is { } error ? JsonSerializer.SerializeToUtf8Bytes(error, SqlJsonContext.Default.SqlError) : "null"u8);
    }
}
