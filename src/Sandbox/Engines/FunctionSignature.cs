using System.Collections.Immutable;

namespace HeliosEdge.Sandbox.Engines;

/// <summary>The type of a function, taken apart.</summary>
/// <param name="Parameters">The types of its parameters, first to last, as <see cref="GuestValue.Type"/> has them.</param>
/// <param name="Results">The types of its results.</param>
public sealed record FunctionSignature(ImmutableArray<string> Parameters, ImmutableArray<string> Results)
{
    private const string Arrow = ") -> (";

    /// <summary>Takes a function's <see cref="ModuleExport.Type"/> apart, such as <c>(i32, f64) -> (i64)</c>.</summary>
    /// <exception cref="ArgumentException">It is not the type of a function.</exception>
    public static FunctionSignature Parse(string type)
    {
        var arrow = type.IndexOf(Arrow, StringComparison.Ordinal);
        return arrow > 0 && type[0] == '(' && type[^1] == ')'
            ? new FunctionSignature(Split(type[1..arrow]), Split(type[(arrow + Arrow.Length)..^1]))
            : throw new ArgumentException($"\"{type}\" is not the type of a function.", nameof(type));
    }

    /// <summary>Refuses arguments that are not those of an export.</summary>
    /// <exception cref="ArgumentException">They are more or fewer, one is of another type, or is a reference that is not null.</exception>
    internal void Check(string export, ReadOnlySpan<GuestValue> arguments)
    {
        if (arguments.Length != Parameters.Length)
        {
            throw new ArgumentException($"\"{export}\" takes {Parameters.Length} arguments, not {arguments.Length}.", nameof(arguments));
        }

        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i].Type != Parameters[i])
            {
                throw new ArgumentException($"Argument {i + 1} of \"{export}\" is {Parameters[i]}, not {arguments[i].Type}.", nameof(arguments));
            }

            if (arguments[i].IsReference && arguments[i].Bits != 0)
            {
                throw new ArgumentException($"Argument {i + 1} of \"{export}\" is a reference; only null can be given.", nameof(arguments));
            }
        }
    }

    /// <summary>The type as text, as <see cref="Parse"/> reads it.</summary>
    public override string ToString() => $"({string.Join(", ", Parameters)}) -> ({string.Join(", ", Results)})";

    private static ImmutableArray<string> Split(string types) => types.Length == 0 ? [] : [.. types.Split(", ")];
}
