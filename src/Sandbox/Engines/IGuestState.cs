namespace HeliosEdge.Sandbox.Engines;

/// <summary>What the host functions of an instance work with, where it has a clock of its own.</summary>
internal interface IGuestState
{
    /// <summary>Guest code runs from now on, and its time with it; all that was made for it before is not on its clock.</summary>
    /// <param name="timestamp">Now, by <see cref="System.Diagnostics.Stopwatch"/>.</param>
    void Enter(long timestamp);
}
