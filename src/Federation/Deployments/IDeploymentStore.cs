namespace HeliosEdge.Federation.Deployments;

/// <summary>Keeps what other silos are to be told. What a method has acknowledged survives the process.</summary>
internal interface IDeploymentStore
{
    /// <summary>Stores an order, due now, in place of the one for the same function and silo, if there is one.</summary>
    Task PutAsync(IReadOnlyCollection<StoredDeployment> deployments);

    /// <summary>The order for a function and silo; null if there is none.</summary>
    Task<StoredDeployment?> FindAsync(string function, string peer);

    /// <summary>The orders for a function, sorted by silo.</summary>
    Task<IReadOnlyList<StoredDeployment>> ListAsync(string function);

    /// <summary>Orders in a state, or in any, sorted by function and silo.</summary>
    Task<IReadOnlyList<StoredDeployment>> ListAsync(DeploymentState? state, int count);

    /// <summary>Pending orders that are due, those that have waited longest first.</summary>
    Task<IReadOnlyList<StoredDeployment>> ListDueAsync(int count);

    /// <summary>Notes how an order ended, unless there is a newer one. A function that was removed is forgotten.</summary>
    Task EndAsync(StoredDeployment deployment, DeploymentState state, DeploymentProblem? problem);

    /// <summary>Notes a failed delivery that is to be tried again, unless there is a newer order.</summary>
    Task DeferAsync(StoredDeployment deployment, DeploymentProblem problem, TimeSpan delay);

    /// <summary>Makes all pending orders for a silo due now.</summary>
    Task WakeAsync(string peer);
}
