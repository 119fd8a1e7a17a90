using System.Security.Authentication;

namespace HeliosEdge.Sandbox.HostServices.Http;

/// <summary>A server did not prove that it is the one that a guest asked for.</summary>
/// <param name="message">Why not; fit for the function's log.</param>
internal sealed class UntrustedServerException(string message) : AuthenticationException(message);
