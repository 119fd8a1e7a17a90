namespace HeliosEdge.Federation.Deployments;

/// <summary>How far a deployment to another silo is. The numbers are stored.</summary>
internal enum DeploymentState
{
    /// <summary>It is still to be delivered.</summary>
    Pending = 0,

    /// <summary>The other silo has taken it.</summary>
    Deployed = 1,

    /// <summary>The other silo refused it, and would again.</summary>
    Failed = 2,
}
