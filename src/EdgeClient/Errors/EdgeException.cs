using System.Net;

namespace HeliosEdge.Client;

/// <summary>
/// A call to a silo failed. <see cref="Code"/> is stable and meant for programs, <see cref="Exception.Message"/> says
/// what was wrong, which limit and which value. Errors that callers tell apart have exceptions of their own.
/// </summary>
public class EdgeException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="code">The stable code, such as <c>invalid_parameter</c>.</param>
    /// <param name="status">The HTTP status of the silo's answer; null when there was none.</param>
    /// <param name="detail">What was wrong, for people.</param>
    /// <param name="cause">The error underneath, if any.</param>
    public EdgeException(string code, HttpStatusCode? status, string detail, Exception? cause = null)
        : base(detail, cause)
    {
        Code = code;
        Status = status;
    }

    /// <summary>The stable code of the error, such as <c>function_not_found</c>.</summary>
    public string Code { get; }

    /// <summary>The HTTP status of the silo's answer; null when no answer came.</summary>
    public HttpStatusCode? Status { get; }

    /// <summary>What was wrong, for people; the same as <see cref="Exception.Message"/>.</summary>
    public string Detail => Message;
}
