namespace HeliosEdge.Access.Tls;

/// <summary>Where the silo's certificate is.</summary>
/// <param name="Certificate">Its file.</param>
/// <param name="Key">The private key's file; null if the key is in the same one.</param>
/// <param name="PasswordFile">The file of the key's password, if it has one.</param>
internal sealed record TlsOptions(string Certificate, string? Key, string? PasswordFile);
