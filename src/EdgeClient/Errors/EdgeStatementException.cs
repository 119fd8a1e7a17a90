using System.Net;

namespace HeliosEdge.Client;

/// <summary>
/// A statement failed in its database, and nothing was changed. Codes <c>statement_failed</c> and <c>statement_conflict</c>; after the second the same may succeed when it is sent again.
/// </summary>
public sealed class EdgeStatementException : EdgeException
{
    internal const string FailedCode = "statement_failed";
    internal const string ConflictCode = "statement_conflict";

    /// <summary>Makes the exception.</summary>
    /// <param name="code">One of the codes.</param>
    /// <param name="status">The HTTP status of the silo's answer.</param>
    /// <param name="detail">What the database says.</param>
    public EdgeStatementException(string code, HttpStatusCode? status, string detail)
        : base(code, status, detail)
    {
    }

    /// <summary>The SQLSTATE of PostgreSQL, or the one that comes nearest; null where the silo states none.</summary>
    public string? SqlState { get; init; }

    /// <summary>Where in the statement, in characters (Unicode code points) from 1; null where nobody knows.</summary>
    public int? Position { get; init; }

    /// <summary>Which statement of a batch, counted from 0; null for no single one.</summary>
    public int? Statement { get; init; }
}
