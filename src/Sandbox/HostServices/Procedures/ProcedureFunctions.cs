using System.Collections.Immutable;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Memory;
using HeliosEdge.Sandbox.Security;
using static HeliosEdge.Sandbox.Engines.HostValueKind;

namespace HeliosEdge.Sandbox.HostServices.Procedures;

/// <summary>The host functions for procedures: how one calls another, and how it gives up.</summary>
internal static class ProcedureFunctions
{
    /// <summary>Procedures that call each other, at most.</summary>
    public const int MaxDepth = 8;

    private const int MaxReasonBytes = 4_096;

    public static ImmutableArray<HostServiceFunction> All { get; } =
    [
        HostServiceFunction.Of("proc_call", [I32, I32, I32, I32, I32, I32], Capability.ProcCall, Call),
        HostServiceFunction.Of("proc_fail", [I32, I32], Capability.None, Fail),
    ];

    private static int Call(SandboxContext context, GuestMemory memory, ReadOnlySpan<long> arguments)
    {
        var output = new GuestOutput((uint)arguments[4], (uint)arguments[5]);
        if (output.Check(memory) is var refused && refused != HostResult.Success)
        {
            return refused;
        }

        var name = memory.ReadString((uint)arguments[0], (uint)arguments[1]);
        memory.Check((uint)arguments[2], (uint)arguments[3]);
        var scope = context.Scope;
        if ((uint)arguments[3] > (uint)scope.Limits.MaxQueryBytes)
        {
            return HostResult.TooLong;
        }

        var json = memory.ReadBytes((uint)arguments[2], (uint)arguments[3]);
        var within = scope.Find<SqlSession>();
        if (within?.Depth >= MaxDepth)
        {
            return Failed(context, ErrorCodes.ProcedureDepthExceeded, $"{MaxDepth} procedures have called each other already, which is the limit.");
        }

        if (scope.Find<IProcedures>() is not { } procedures)
        {
            return Failed(context, ErrorCodes.ProcedureNotFound, "There are no procedures here.");
        }

        var answer = procedures.Call(scope.Region, name, json, within, SqlPatience.For(context.Remaining, context.Cancellation));
        if (answer.Code is { } code)
        {
            return Failed(context, code, answer.Message ?? "");
        }

        context.FindState<LastSqlError>()?.Error = null;
        return output.Give(memory, answer.Json.Span);
    }

    private static int Failed(SandboxContext context, string code, string message)
    {
        var outcome = code switch
        {
            ErrorCodes.Timeout or ErrorCodes.Cancelled => SqlOutcome.Cancelled,
            ErrorCodes.ProcedureConflict => SqlOutcome.Conflict,
            _ => SqlOutcome.Failed,
        };
        context.StateOf<LastSqlError>().Error = new SqlError(outcome, "38000", message) { Code = code };
        context.Explain($"proc_call failed: {message} ({code})");
        return code == ErrorCodes.Overloaded ? HostResult.TooManyRequests : HostResult.Failed;
    }

    private static int Fail(SandboxContext context, GuestMemory memory, ReadOnlySpan<long> arguments) => throw new SandboxException(
        ErrorCodes.ProcedureFailed, memory.ReadString((uint)arguments[0], (uint)arguments[1], MaxReasonBytes));
}
