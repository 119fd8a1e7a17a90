namespace HeliosEdge.Sandbox.Execution;

/// <summary>Something that needs memory for a guest before it starts.</summary>
public interface IMemoryClaim
{
    /// <summary>The most that the guest may come to have, in bytes.</summary>
    long MemoryBytes { get; }

    /// <summary>How much longer it waits.</summary>
    TimeSpan Patience { get; }

    /// <summary>Called once what it needs is its own, to be given back with <see cref="GuestMemory.Leave"/>.</summary>
    void Begin();

    /// <summary>Called instead where its patience ended first.</summary>
    /// <param name="used">What all others had then, in bytes.</param>
    void GiveUp(long used);
}
