using System.ComponentModel;

namespace HeliosEdge.Silo.Invocations;

/// <summary>What was accepted.</summary>
/// <param name="Id">Its id.</param>
internal sealed record AcceptedBody([property: Description("The id to ask for it by.")] Guid Id);
