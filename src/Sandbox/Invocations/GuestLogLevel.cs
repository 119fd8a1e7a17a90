namespace HeliosEdge.Sandbox.Invocations;

/// <summary>How much a line of a function's log matters.</summary>
public enum GuestLogLevel
{
    /// <summary>Every step.</summary>
    Trace = 0,

    /// <summary>For whoever looks for a mistake.</summary>
    Debug = 1,

    /// <summary>What happened.</summary>
    Information = 2,

    /// <summary>What should not have happened.</summary>
    Warning = 3,

    /// <summary>What failed.</summary>
    Error = 4,
}
