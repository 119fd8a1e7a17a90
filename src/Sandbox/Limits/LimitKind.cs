namespace HeliosEdge.Sandbox.Limits;

/// <summary>One of the <see cref="ResourceLimits"/>: its name in a registration, its range, and how it is read and set.</summary>
public sealed class LimitKind
{
    private readonly Func<ResourceLimits, long?> _get;
    private readonly Func<ResourceLimits, long?, ResourceLimits> _with;

    internal LimitKind(
        string name, long least, long most, Func<ResourceLimits, long?> get, Func<ResourceLimits, long?, ResourceLimits> with)
    {
        Name = name;
        Least = least;
        Most = most;
        _get = get;
        _with = with;
    }

    /// <summary>The member of a registration's <c>limits</c>, such as <c>memoryMiB</c>.</summary>
    public string Name { get; }

    /// <summary>The least value that makes sense.</summary>
    public long Least { get; }

    /// <summary>The greatest value that this version can keep to, whatever the policy says.</summary>
    public long Most { get; }

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
