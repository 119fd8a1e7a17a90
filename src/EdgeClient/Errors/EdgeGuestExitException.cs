using System.Net;

namespace HeliosEdge.Client;

/// <summary>The guest, a command, ended with an exit code other than 0; the detail has the code and the last line of its standard error. Code <c>guest_exit</c>.</summary>
public sealed class EdgeGuestExitException : EdgeException
{
    internal const string StableCode = "guest_exit";

    /// <summary>Makes the exception.</summary>
    /// <param name="status">The HTTP status of the silo's answer.</param>
    /// <param name="detail">What was wrong, for people.</param>
    public EdgeGuestExitException(HttpStatusCode? status, string detail)
        : base(StableCode, status, detail)
    {
    }
}
