namespace HeliosEdge.Silo.Invocations;

/// <summary>A page of asynchronous invocations, without their results.</summary>
/// <param name="Invocations">The earliest accepted first; without their results.</param>
/// <param name="Next">What to state as after for the next page; absent on the last one.</param>
internal sealed record InvocationPage(
    IReadOnlyList<InvocationBody> Invocations,
    Guid? Next);
