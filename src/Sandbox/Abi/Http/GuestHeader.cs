namespace HeliosEdge.Sandbox.Abi.Http;

/// <summary>A header field of HTTP.</summary>
/// <param name="Name">Its name, in lower case.</param>
/// <param name="Value">Its value, without space around it.</param>
public readonly record struct GuestHeader(string Name, string Value);
