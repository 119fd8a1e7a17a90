using System.Collections.Immutable;
using System.Text;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Memory;
using HeliosEdge.Sandbox.Security;
using static HeliosEdge.Sandbox.Engines.HostValueKind;

namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>The host functions for the region's database.</summary>
internal static class DatabaseFunctions
{
    public static ImmutableArray<HostServiceFunction> All { get; } =
    [
        HostServiceFunction.Of("db_query", [I32, I32, I32, I32, I32, I32], Capability.DbQuery, Query),
        HostServiceFunction.Of("db_execute", [I32, I32, I32, I32, I32, I32], Capability.DbExecute, Execute),
    ];

    private static int Query(SandboxContext context, GuestMemory memory, ReadOnlySpan<long> arguments) =>
        Run(context, memory, arguments, isQuery: true);

    private static int Execute(SandboxContext context, GuestMemory memory, ReadOnlySpan<long> arguments) =>
        Run(context, memory, arguments, isQuery: false);

    private static int Run(SandboxContext context, GuestMemory memory, ReadOnlySpan<long> arguments, bool isQuery)
    {
        var output = new GuestOutput((uint)arguments[4], (uint)arguments[5]);
        if (output.Check(memory) is var refused && refused != HostResult.Success)
        {
            return refused;
        }

        var most = context.Scope.Limits.MaxQueryBytes;
        var sql = memory.ReadString((uint)arguments[0], (uint)arguments[1], most);
        var parameters = Encoding.UTF8.GetBytes(memory.ReadString((uint)arguments[2], (uint)arguments[3], most));
        var scope = context.Scope;
        if (scope.Services.Find<ISqlDatabase>() is not { } databases)
        {
            return HostResult.Failed;
        }

        var answer = isQuery
            ? databases.Query(scope.Region, sql, parameters, context.Remaining)
            : databases.Execute(scope.Region, sql, parameters, context.Remaining);
        if (answer.Outcome == SqlOutcome.Success)
        {
            return output.Give(memory, answer.Json.Span);
        }

        if (answer.Outcome is SqlOutcome.DiskFull or SqlOutcome.Unavailable)
        {
            // The silo tells of it once; each function would tell of it with each call.
            return HostResult.Failed;
        }

        context.Explain($"The statement was not carried out: {answer.Message}");
        return answer.Outcome == SqlOutcome.Cancelled ? HostResult.Deadline : HostResult.Failed;
    }
}
