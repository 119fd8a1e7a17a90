using System.Collections.Immutable;

namespace HeliosEdge.Wasm;

/// <summary>The parameters and results of a function (core spec 2.3.6). Two types are equal when their lists are.</summary>
public sealed class FunctionType : IEquatable<FunctionType>
{
    private readonly int _hash;

    /// <summary>Makes a type from its lists; either may be empty.</summary>
    public FunctionType(ImmutableArray<ValueKind> parameters, ImmutableArray<ValueKind> results)
    {
        Parameters = parameters.IsDefault ? [] : parameters;
        Results = results.IsDefault ? [] : results;
        var hash = new HashCode();
        foreach (var kind in Parameters)
        {
            hash.Add(kind);
        }

        hash.Add(Parameters.Length);
        foreach (var kind in Results)
        {
            hash.Add(kind);
        }

        _hash = hash.ToHashCode();
    }

    /// <summary>The parameter types, first to last.</summary>
    public ImmutableArray<ValueKind> Parameters { get; }

    /// <summary>The result types, first to last.</summary>
    public ImmutableArray<ValueKind> Results { get; }

    /// <summary>The process-wide number of an interned type; 0 before interning.</summary>
    internal int Id { get; set; }

    /// <inheritdoc/>
    public bool Equals(FunctionType? other) =>
        other is not null
        && (ReferenceEquals(this, other)
            || (_hash == other._hash
                && Parameters.AsSpan().SequenceEqual(other.Parameters.AsSpan())
                && Results.AsSpan().SequenceEqual(other.Results.AsSpan())));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FunctionType);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;

    /// <summary>The type as it is written in error messages: <c>(i32, i64) -&gt; (f32)</c>.</summary>
    public override string ToString() => $"({Join(Parameters)}) -> ({Join(Results)})";

    private static string Join(ImmutableArray<ValueKind> kinds) =>
        string.Join(", ", kinds.Select(k => k.ToString().ToLowerInvariant()));
}
