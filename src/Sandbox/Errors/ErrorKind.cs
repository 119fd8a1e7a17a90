using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Reflection;

namespace HeliosEdge.Sandbox.Errors;

/// <summary>What all errors with one code have in common.</summary>
/// <param name="Code">The code, one of <see cref="ErrorCodes"/>.</param>
/// <param name="Status">The HTTP status of an answer that has it.</param>
/// <param name="Title">The same words every time.</param>
/// <param name="Again">What another try would meet.</param>
/// <param name="RetryAfterSeconds">After how many seconds another try is worth it; null where nobody can say.</param>
public sealed record ErrorKind(string Code, int Status, string Title, Retry Again, int? RetryAfterSeconds)
{
    private static readonly FrozenDictionary<string, ErrorKind> Kinds = typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => Of((string)field.GetRawConstantValue()!, field.GetCustomAttribute<ErrorAttribute>()!))
        .ToFrozenDictionary(kind => kind.Code, StringComparer.Ordinal);

    /// <summary>All of them, by code.</summary>
    public static ImmutableArray<ErrorKind> All { get; } = [.. Kinds.Values.OrderBy(kind => kind.Code, StringComparer.Ordinal)];

    /// <summary>The one with this code.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public static ErrorKind Of(string code) => Kinds[code];

    /// <summary>The one with this code; null where it is none of this release.</summary>
    public static ErrorKind? Find(string code) => Kinds.GetValueOrDefault(code);

    private static ErrorKind Of(string code, ErrorAttribute row) =>
        new(code, row.Status, row.Title, row.Again, row.RetryAfterSeconds > 0 ? row.RetryAfterSeconds : null);
}
