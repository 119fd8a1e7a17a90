namespace HeliosEdge.Access.Tokens;

/// <summary>Whose tokens are good.</summary>
/// <param name="Authority">Where discovery begins; null with a file of keys.</param>
/// <param name="Issuer">The issuer in tokens; null for what discovery says.</param>
/// <param name="Audience">The audience in tokens.</param>
/// <param name="KeyFile">The issuer's public keys; null with discovery.</param>
/// <param name="Rate">Requests a second of each subject; null for no limit.</param>
internal sealed record JwtOptions(Uri? Authority, string? Issuer, string Audience, string? KeyFile, int? Rate);
