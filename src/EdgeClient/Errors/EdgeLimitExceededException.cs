using System.Net;

namespace HeliosEdge.Client;

/// <summary>
/// The guest did more of something than its function's limits allow, and was ended. Code <c>fuel_exhausted</c>, <c>host_calls_exceeded</c>,
/// <c>http_requests_exceeded</c> or <c>log_limit_exceeded</c>. Limits on time, memory, payload and response have exceptions of their own.
/// </summary>
public sealed class EdgeLimitExceededException : EdgeException
{
    internal const string FuelCode = "fuel_exhausted";
    internal const string HostCallsCode = "host_calls_exceeded";
    internal const string HttpRequestsCode = "http_requests_exceeded";
    internal const string LogCode = "log_limit_exceeded";

    /// <summary>Makes the exception.</summary>
    /// <param name="code">Which limit, as the stable code.</param>
    /// <param name="status">The HTTP status of the silo's answer.</param>
    /// <param name="detail">What was wrong, for people.</param>
    /// <param name="limit">The limit.</param>
    /// <param name="value">What the guest came to.</param>
    public EdgeLimitExceededException(string code, HttpStatusCode? status, string detail, long? limit = null, long? value = null)
        : base(code, status, detail)
    {
        Limit = limit;
        Value = value;
    }

    /// <summary>The limit, in its own unit; null where the silo states none.</summary>
    public long? Limit { get; }

    /// <summary>What the guest came to; null where the silo states none.</summary>
    public long? Value { get; }
}
