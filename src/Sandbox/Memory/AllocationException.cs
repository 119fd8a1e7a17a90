namespace HeliosEdge.Sandbox.Memory;

/// <summary>A block was not accepted by an <see cref="AllocationTracker"/>; nothing changed.</summary>
public sealed class AllocationException : SandboxException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="code">
    /// <see cref="ErrorCodes.AllocationTooLarge"/>, <see cref="ErrorCodes.AllocationTotalExceeded"/>,
    /// <see cref="ErrorCodes.OverlappingAllocation"/>, <see cref="ErrorCodes.UnknownAllocation"/>, <see cref="ErrorCodes.DoubleFree"/>
    /// or <see cref="ErrorCodes.AllocationSizeMismatch"/>.
    /// </param>
    /// <param name="message">What was wrong.</param>
    public AllocationException(string code, string message)
        : base(code, message)
    {
    }
}
