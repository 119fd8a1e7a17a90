namespace Orleans;

/// <summary>The kinds of reasons for which an activation ends; the values are those of Orleans.</summary>
public enum DeactivationReasonCode : byte
{
    /// <summary>No reason was given.</summary>
    None = 0,

    /// <summary>The process is shutting down.</summary>
    ShuttingDown = 1,

    /// <summary><see cref="Grain.OnActivateAsync"/> failed.</summary>
    ActivationFailed = 2,

    /// <summary>No request came for longer than the idle age.</summary>
    ActivationIdle = 4,

    /// <summary>The grain asked for it.</summary>
    ApplicationRequested = 9,
}
