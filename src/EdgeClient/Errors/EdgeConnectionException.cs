namespace HeliosEdge.Client;

/// <summary>
/// The silo could not be reached, or the connection broke or timed out before its answer was complete.
/// Code <c>connection_failed</c>; there is no HTTP status.
/// </summary>
public sealed class EdgeConnectionException : EdgeException
{
    internal const string StableCode = "connection_failed";

    /// <summary>Makes the exception.</summary>
    /// <param name="address">The silo's address.</param>
    /// <param name="detail">What went wrong, for people.</param>
    /// <param name="cause">The error underneath, if any.</param>
    public EdgeConnectionException(Uri address, string detail, Exception? cause = null)
        : base(StableCode, null, detail, cause)
    {
        Address = address;
    }

    /// <summary>The address of the silo that was called.</summary>
    public Uri Address { get; }
}
