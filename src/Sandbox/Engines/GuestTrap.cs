namespace HeliosEdge.Sandbox.Engines;

/// <summary>Why a guest was stopped, as far as the sandbox needs to tell.</summary>
public enum GuestTrap
{
    /// <summary>The guest did something that traps; the exception's message has the specification's words for it.</summary>
    Fault,

    /// <summary>Calls went deeper than the stack limit.</summary>
    StackExhausted,

    /// <summary>The instance's deadline passed.</summary>
    Interrupted,

    /// <summary>The instance's <see cref="InstanceLimits.Fuel"/> ran out.</summary>
    OutOfFuel,
}
