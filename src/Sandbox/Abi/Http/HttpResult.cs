namespace HeliosEdge.Sandbox.Abi.Http;

/// <summary>How a guest answered an HTTP request.</summary>
/// <param name="Head">The head.</param>
/// <param name="Body">The body; empty where it went to what <see cref="HttpExchange.Begin"/> gave.</param>
public readonly record struct HttpResult(GuestResponse Head, ReadOnlyMemory<byte> Body);
