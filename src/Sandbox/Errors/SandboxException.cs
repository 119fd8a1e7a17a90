using System.Collections.Immutable;

namespace HeliosEdge.Sandbox;

/// <summary>A module, a function or an invocation was refused or ended; <see cref="Code"/> says why in one stable word.</summary>
public class SandboxException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="code">One of <see cref="ErrorCodes"/>.</param>
    /// <param name="message">What was wrong, for people; names limit and value where there are any.</param>
    /// <param name="cause">What was thrown below, if anything.</param>
    public SandboxException(string code, string message, Exception? cause = null)
        : base(message, cause)
    {
        Code = code;
    }

    /// <summary>One of <see cref="ErrorCodes"/>.</summary>
    public string Code { get; }

    /// <summary>The limit that was broken, in the unit that the message names; null where no limit is concerned.</summary>
    public long? Limit { get; init; }

    /// <summary>The value that broke <see cref="Limit"/>; null where it is not known.</summary>
    public long? Value { get; init; }

    /// <summary>Where in a refused module's bytes, counted from 0; null where no byte is to blame.</summary>
    public long? Offset { get; init; }

    /// <summary>The guest's calls when it trapped, innermost first; empty where it did not trap.</summary>
    public ImmutableArray<string> Backtrace { get; init; } = [];

    /// <summary>A breach of a limit whose message states both numbers.</summary>
    internal static SandboxException Breach(string code, string what, long limit, long value, string unit) =>
        new(code, $"{what} {value} {unit}; the limit is {limit} {unit}.") { Limit = limit, Value = value };
}
