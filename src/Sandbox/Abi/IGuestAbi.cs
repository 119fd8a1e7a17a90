using System.Buffers;
using HeliosEdge.Sandbox.Abi.Http;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Security;

namespace HeliosEdge.Sandbox.Abi;

/// <summary>The convention by which bytes get into a guest and back out. Implementations have no state and are safe for all threads.</summary>
public interface IGuestAbi
{
    /// <summary>The name that a registration states, such as <c>helios-1</c>.</summary>
    string Name { get; }

    /// <summary>Whether a module looks as if it was made for this ABI; <see cref="CheckModule"/> says whether it fits.</summary>
    bool IsMadeFor(ICompiledModule module);

    /// <summary>The export that is called where a registration states none.</summary>
    /// <param name="module">The module.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>: the module leaves a choice; the message lists what there is.</exception>
    string DefaultEntryOf(ICompiledModule module);

    /// <summary>The preset of capabilities of a function whose registration states none.</summary>
    string DefaultProfile { get; }

    /// <summary>Whether <see cref="Answer"/> takes a request's body while it comes, and gives the answer's while the guest writes it; else both are whole.</summary>
    bool StreamsHttp { get; }

    /// <summary>Checks, when a function is registered, that a module can be called by this ABI within these limits.</summary>
    /// <param name="module">The module.</param>
    /// <param name="entry">The export to call.</param>
    /// <param name="limits">What each invocation may use.</param>
    /// <param name="profile">What the function may do; null for <see cref="DefaultProfile"/>.</param>
    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.InvalidModule"/>, listing everything that is missing or of the wrong type;
    /// <see cref="ErrorCodes.CapabilityDenied"/>, listing every import that <paramref name="profile"/> does not grant;
    /// <see cref="ErrorCodes.MemoryLimitExceeded"/>: the module starts with more memory than <paramref name="limits"/> allow.
    /// </exception>
    void CheckModule(ICompiledModule module, string entry, ResourceLimits limits, SecurityProfile? profile = null);

    /// <summary>The most memory that an invocation can come to have of its own, inside the guest and beside it, in bytes.</summary>
    /// <param name="linear">Linear memory.</param>
    /// <param name="limits">What the invocation may use.</param>
    long MostMemoryBytes(long linear, ResourceLimits limits);

    /// <summary>Runs one invocation on a fresh instance of a module that passed <see cref="CheckModule"/>; the instance is gone when this returns.</summary>
    /// <param name="module">The module.</param>
    /// <param name="entry">The export to call.</param>
    /// <param name="payload">What the guest gets.</param>
    /// <param name="limits">What the invocation may use.</param>
    /// <param name="response">Gets what the guest answers, in one piece; untouched when the invocation fails.</param>
    /// <param name="scope">The function that runs, for its host functions; null where the module imports none.</param>
    /// <param name="cancellation">Ends the invocation with <see cref="ErrorCodes.Timeout"/> before its deadline, as soon as the engine can.</param>
    /// <exception cref="SandboxException">The invocation failed; the code says how.</exception>
    void Invoke(
        ICompiledModule module,
        string entry,
        ReadOnlySpan<byte> payload,
        ResourceLimits limits,
        IBufferWriter<byte> response,
        SandboxScope? scope = null,
        CancellationToken cancellation = default);

    /// <summary>Makes a guest ready for many calls, of a module that passed <see cref="CheckModule"/>.</summary>
    /// <param name="module">The module.</param>
    /// <param name="entry">The export to call.</param>
    /// <param name="scope">The function that runs, with what all calls together may use.</param>
    /// <param name="cancellation">As for <see cref="Invoke"/>.</param>
    IGuestSession Open(ICompiledModule module, string entry, SandboxScope scope, CancellationToken cancellation = default) =>
        new FreshSession(this, module, entry, scope, cancellation);

    /// <summary>Has a fresh instance answer an HTTP request, in the form that this ABI has for it; the instance is gone when this returns.</summary>
    /// <param name="module">The module.</param>
    /// <param name="entry">The export to call.</param>
    /// <param name="exchange">The request, and where the answer may go.</param>
    /// <param name="scope">The function that runs, with what the invocation may use.</param>
    /// <param name="cancellation">As for <see cref="Invoke"/>.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidHttpResponse"/>, or what <see cref="Invoke"/> throws.</exception>
    HttpResult Answer(ICompiledModule module, string entry, HttpExchange exchange, SandboxScope scope, CancellationToken cancellation = default);
}
