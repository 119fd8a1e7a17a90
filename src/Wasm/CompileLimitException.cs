namespace HeliosEdge.Wasm;

/// <summary>A module asks more of the compiler than <see cref="ModuleLimits"/> allow; nothing of it is kept.</summary>
public sealed class CompileLimitException : InvalidModuleException
{
    /// <summary>Makes the exception; the message says all that the properties do.</summary>
    /// <param name="limit">The name of the limit: a property of <see cref="ModuleLimits"/>.</param>
    /// <param name="what">What is counted and where, as in "function 3 has … locals": the text before the value.</param>
    /// <param name="value">What the module asks for; where counting stopped at the limit, the first value above it.</param>
    /// <param name="unit">What is counted: the text after the value.</param>
    /// <param name="maximum">What is allowed.</param>
    /// <param name="offset">Where in the module's bytes, counted from 0.</param>
    public CompileLimitException(string limit, string what, long value, string unit, long maximum, long offset)
        : base(ModuleFault.LimitExceeded, $"{what} {value} {unit}, {limit} is {maximum}", offset)
    {
        Limit = limit;
        Value = value;
        Maximum = maximum;
    }

    /// <summary>The name of the limit: a property of <see cref="ModuleLimits"/>.</summary>
    public string Limit { get; }

    /// <summary>What the module asks for, in the limit's unit; where counting stopped at the limit, the first value above it.</summary>
    public long Value { get; }

    /// <summary>What is allowed, in the limit's unit.</summary>
    public long Maximum { get; }
}
