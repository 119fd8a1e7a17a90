using System.Buffers;

namespace HeliosEdge.Sandbox.Abi;

/// <summary>
/// A guest that is called again and again. Its memory and its globals may be as the call before left them, or new: a guest must not rely on
/// either. Its limits hold for all calls together. One thread at a time.
/// </summary>
public interface IGuestSession : IDisposable
{
    /// <summary>Calls the guest once more.</summary>
    /// <param name="payload">What it gets.</param>
    /// <param name="response">Gets what it answers, in one piece; untouched when the call fails.</param>
    /// <exception cref="SandboxException">The call failed, and the session is of no more use.</exception>
    void Call(ReadOnlySpan<byte> payload, IBufferWriter<byte> response);
}
