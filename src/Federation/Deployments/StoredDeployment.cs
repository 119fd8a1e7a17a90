using System.Collections.Immutable;

namespace HeliosEdge.Federation.Deployments;

/// <summary>The newest thing that another silo is to do, or has done, with a function.</summary>
internal sealed record StoredDeployment
{
    public required string Function { get; init; }

    /// <summary>The silo's address when it was ordered.</summary>
    public required string Peer { get; init; }

    /// <summary>The silo's regions that are meant.</summary>
    public required ImmutableArray<string> Regions { get; init; }

    /// <summary>The registration to send, as JSON; null to remove the function.</summary>
    public string? Registration { get; init; }

    /// <summary>The hash of the module that the registration needs; empty for none.</summary>
    public string Module { get; init; } = "";

    /// <summary>The hashes of the bundles that it needs.</summary>
    public ImmutableArray<string> Bundles { get; init; } = [];

    public DeploymentState State { get; init; }

    /// <summary>How often delivery has failed.</summary>
    public int Attempts { get; init; }

    public DeploymentProblem? Problem { get; init; }

    /// <summary>Counts the orders for this function and silo; what is learnt of an older one no longer matters.</summary>
    public long Revision { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }
}
