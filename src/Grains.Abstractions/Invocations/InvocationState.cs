using Orleans;

namespace HeliosEdge.Grains.Abstractions.Invocations;

/// <summary>Where an asynchronous invocation is. The numbers are stored and never change.</summary>
[GenerateSerializer]
[Alias("HeliosEdge.InvocationState")]
public enum InvocationState
{
    /// <summary>It waits until it is due, for its first attempt or for the next one.</summary>
    Queued = 0,

    /// <summary>Somebody runs it, for as long as the lease lasts; a lease that has run out makes it due again.</summary>
    Running = 1,

    /// <summary>It has a response.</summary>
    Succeeded = 2,

    /// <summary>It has a fault that another attempt would not mend.</summary>
    Failed = 3,

    /// <summary>Every attempt that it may have has failed; it can be queued again by hand.</summary>
    Dead = 4,

    /// <summary>Its caller took it back before it had ended.</summary>
    Cancelled = 5,
}
