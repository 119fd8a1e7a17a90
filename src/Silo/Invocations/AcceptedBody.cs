namespace HeliosEdge.Silo.Invocations;

/// <summary>What was accepted.</summary>
/// <param name="Id">The id to ask for it by.</param>
internal sealed record AcceptedBody(Guid Id);
