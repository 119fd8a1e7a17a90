using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Procedures;

namespace HeliosEdge.Silo.Procedures;

/// <summary>A procedure as the API describes it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Database">The database in which each call is a transaction.</param>
/// <param name="Mode">read_only or read_write.</param>
/// <param name="Isolation">What a transaction sees of others.</param>
/// <param name="Retries">How often it is run again after a conflict.</param>
/// <param name="Sql">What makes it a function of SQL as well; not there where it is none.</param>
/// <param name="Warnings">What whoever registered it should know; not there where it is nothing.</param>
/// <param name="Function">The function that it is.</param>
internal sealed record ProcedureView(
    string Name, string Database, string Mode, string Isolation, int Retries, SqlFunctionTerms? Sql, ImmutableArray<string>? Warnings, FunctionDescription Function)
{
    public static ProcedureView Of(FunctionDescription function)
    {
        var terms = function.Procedure!;
        var warnings = ProcedureCheck.Warnings(function);
        return new ProcedureView(
            function.Name, terms.Database, terms.Mode, terms.Isolation, terms.Retries, terms.Sql, warnings.IsEmpty ? null : warnings, function with { Procedure = null });
    }
}

/// <summary>Procedures, sorted by name.</summary>
/// <param name="Procedures">The procedures.</param>
/// <param name="Next">What <c>after</c> is for the next page; null where this is the last one.</param>
internal sealed record ProcedureList(ImmutableArray<ProcedureView> Procedures, string? Next)
{
    public static ProcedureList Of(FunctionPage page) => new([.. page.Functions.Select(ProcedureView.Of)], page.Next);
}
