namespace HeliosEdge.Access.Keys;

/// <summary>A key cannot be made or revoked as asked; the message says why.</summary>
internal sealed class KeyRefusedException(string message) : Exception(message);
