using System.Text;

namespace HeliosEdge.Sandbox.Limits;

/// <summary>One of the <see cref="ResourceLimits"/>: what it is called, its range, what holds where nothing is said, and how it is read and set.</summary>
public sealed class LimitKind
{
    private readonly Func<ResourceLimits, long?> _get;
    private readonly Func<ResourceLimits, long?, ResourceLimits> _with;

    internal LimitKind(
        string name,
        string what,
        string unit,
        long? usual,
        long? ceiling,
        long least,
        long most,
        Func<ResourceLimits, long?> get,
        Func<ResourceLimits, long?, ResourceLimits> with)
    {
        Name = name;
        What = what;
        Unit = unit;
        Usual = usual;
        Ceiling = ceiling;
        Least = least;
        Most = most;
        _get = get;
        _with = with;
    }

    /// <summary>The member of a registration's <c>limits</c>, such as <c>memoryMiB</c>.</summary>
    public string Name { get; }

    /// <summary>What is limited, at the beginning of a sentence.</summary>
    public string What { get; }

    /// <summary>What it is counted in: <c>bytes</c>, <c>KiB</c>, <c>MiB</c> or <c>ms</c>; empty for things that are counted one by one.</summary>
    public string Unit { get; }

    /// <summary>What holds where neither registration nor policy says anything; null for no limit.</summary>
    public long? Usual { get; }

    /// <summary>The most that a registration may ask for where the operator says nothing; null for no ceiling.</summary>
    public long? Ceiling { get; }

    /// <summary>The least value that makes sense.</summary>
    public long Least { get; }

    /// <summary>The greatest value that this version can keep to, whatever the policy says.</summary>
    public long Most { get; }

    /// <summary>The property of types that have one for each limit, such as <c>MemoryMiB</c>.</summary>
    public string Property => string.Concat(Name[..1].ToUpperInvariant(), Name.AsSpan(1));

    /// <summary>The command-line option that states it, without the dashes, such as <c>memory-mib</c>.</summary>
    public string Option
    {
        get
        {
            var option = new StringBuilder();
            foreach (var c in Name.Replace("iB", "ib", StringComparison.Ordinal))
            {
                option.Append(char.IsUpper(c) ? "-" : "").Append(char.ToLowerInvariant(c));
            }

            return option.ToString();
        }
    }

    /// <summary>The command-line option that states its ceiling, such as <c>max-memory-mib</c>.</summary>
    public string CeilingOption => Option.StartsWith("max-", StringComparison.Ordinal) ? Option : $"max-{Option}";

    /// <summary>The value among some limits; null for none.</summary>
    public long? Of(ResourceLimits limits) => _get(limits);

    /// <summary>Some limits with another value of this one.</summary>
    public ResourceLimits Set(ResourceLimits limits, long? value) => _with(limits, value);

    /// <summary>Refuses a value out of range.</summary>
    /// <param name="what">What the value is, for the message.</param>
    /// <param name="value">The value; null for no limit.</param>
    /// <param name="ceiling">The most that the policy lets it be; null for <see cref="Most"/>.</param>
    /// <param name="where">Whose policy that is, for the message.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>, naming the limit, its range and the value.</exception>
    internal void Check(string what, long? value, long? ceiling, string where = "")
    {
        var most = ceiling ?? Most;
        if (value is { } number && (number < Least || number > most))
        {
            throw new SandboxException(ErrorCodes.InvalidParameter, $"{what} must be from {Least} to {most}{where}, not {number}.")
            {
                Limit = number < Least ? Least : most,
                Value = number,
            };
        }
    }
}
