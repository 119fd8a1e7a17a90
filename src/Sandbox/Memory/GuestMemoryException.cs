namespace HeliosEdge.Sandbox.Memory;

/// <summary>An access to a guest's memory was refused; nothing was read or written.</summary>
public sealed class GuestMemoryException : SandboxException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="code">
    /// <see cref="ErrorCodes.OutOfBounds"/>, <see cref="ErrorCodes.NullPointer"/>, <see cref="ErrorCodes.Misaligned"/>,
    /// <see cref="ErrorCodes.StringTooLarge"/>, <see cref="ErrorCodes.InvalidUtf8"/>, <see cref="ErrorCodes.MemoryNotFound"/>,
    /// <see cref="ErrorCodes.AllocatorNotFound"/>, <see cref="ErrorCodes.DeallocatorNotFound"/> or <see cref="ErrorCodes.AllocationFailed"/>.
    /// </param>
    /// <param name="message">What was wrong.</param>
    /// <param name="cause">What was thrown below, if anything.</param>
    public GuestMemoryException(string code, string message, Exception? cause = null)
        : base(code, message, cause)
    {
    }

    /// <summary>True if the guest pointed to where it has nothing: what the <see cref="EscapeDetector"/> counts.</summary>
    public bool IsEscape => Code is ErrorCodes.OutOfBounds or ErrorCodes.NullPointer or ErrorCodes.Misaligned;
}
