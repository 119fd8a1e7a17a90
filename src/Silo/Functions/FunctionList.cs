using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.Functions;

namespace HeliosEdge.Silo.Functions;

/// <summary>Functions, sorted by name.</summary>
/// <param name="Functions">The functions.</param>
/// <param name="Next">What <c>after</c> is for the next page; null where this is the last one.</param>
internal sealed record FunctionList(ImmutableArray<FunctionDescription> Functions, string? Next)
{
    public static FunctionList Of(FunctionPage page) => new(page.Functions, page.Next);
}
