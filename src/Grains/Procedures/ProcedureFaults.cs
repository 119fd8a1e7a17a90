using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.HostServices.Sql;

namespace HeliosEdge.Grains.Procedures;

/// <summary>Calls that no procedure takes.</summary>
internal static class ProcedureFaults
{
    /// <summary>What is wrong with a call; null where nothing is.</summary>
    /// <param name="name">The procedure.</param>
    /// <param name="terms">Its terms.</param>
    /// <param name="call">The call.</param>
    /// <param name="within">The transaction of the procedure that calls; null for none.</param>
    public static InvocationFault? Of(string name, ProcedureTerms terms, FunctionCall call, SqlSession? within)
    {
        if (call.Http is not null)
        {
            return Refused($"\"{name}\" is a procedure, which answers no HTTP requests; it is called at /v1/procedures/{name}/call.");
        }

        if (within is null)
        {
            return null;
        }

        if (within.Transaction.Database.Name != terms.Database)
        {
            return Refused(
                $"\"{name}\" is a procedure of the database {terms.Database}; the one that calls it is in a transaction of {within.Transaction.Database.Name}, and a transaction is in one database.");
        }

        return within.Transaction.Terms.Access == SqlAccess.Read && terms.ToSqlTerms().Access == SqlAccess.Write
            ? Refused($"\"{name}\" is {ProcedureWords.ReadWrite}; the procedure that calls it is {ProcedureWords.ReadOnly}.")
            : null;
    }

    private static InvocationFault Refused(string message) => new() { Code = ErrorCodes.InvalidParameter, Message = message };
}
