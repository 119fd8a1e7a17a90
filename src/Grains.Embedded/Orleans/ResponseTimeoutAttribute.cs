using System.Globalization;

namespace Orleans;

/// <summary>How long a caller waits for this method, or for the methods of this interface, in place of the host's default.</summary>
/// <param name="timeout">The time as <c>hh:mm:ss</c>.</param>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method)]
public sealed class ResponseTimeoutAttribute(string timeout) : Attribute
{
    /// <summary>The time.</summary>
    public TimeSpan? Timeout { get; init; } = TimeSpan.Parse(timeout, CultureInfo.InvariantCulture);
}
