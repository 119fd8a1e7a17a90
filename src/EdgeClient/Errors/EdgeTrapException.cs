using System.Net;

namespace HeliosEdge.Client;

/// <summary>The guest trapped. Code <c>trap</c>.</summary>
public sealed class EdgeTrapException : EdgeException
{
    internal const string StableCode = "trap";

    /// <summary>Makes the exception.</summary>
    /// <param name="status">The HTTP status of the silo's answer.</param>
    /// <param name="detail">Why the guest trapped, for people.</param>
    /// <param name="backtrace">The guest's calls, innermost first.</param>
    public EdgeTrapException(HttpStatusCode? status, string detail, IReadOnlyList<string> backtrace)
        : base(StableCode, status, detail)
    {
        Backtrace = backtrace;
    }

    /// <summary>The guest's functions that were running, innermost first, by name or as <c>func[index]</c>; empty where the silo states none.</summary>
    public IReadOnlyList<string> Backtrace { get; }
}
