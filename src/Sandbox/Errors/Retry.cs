namespace HeliosEdge.Sandbox.Errors;

/// <summary>What becomes of a call that failed, when it is made again.</summary>
public enum Retry
{
    /// <summary>It may succeed; but the first one may have begun, or may have run to its end.</summary>
    MayPass,

    /// <summary>It may succeed, and the first one has not begun: the region cannot be reached, has no room, or is still compiling the module.</summary>
    NothingHasBegun,

    /// <summary>It meets the same again.</summary>
    Never,
}
