using System.ComponentModel;

namespace HeliosEdge.Silo.Invocations;

/// <summary>A page of asynchronous invocations, without their results.</summary>
/// <param name="Invocations">The invocations.</param>
/// <param name="Next">What to state as after for the next page.</param>
internal sealed record InvocationPage(
    [property: Description("The earliest accepted first; without their results.")] IReadOnlyList<InvocationBody> Invocations,
    [property: Description("What to state as after for the next page; absent on the last one.")] Guid? Next);
