namespace HeliosEdge.Access.Tls;

/// <summary>How the private key in a PEM file is protected.</summary>
internal enum PrivateKeyProtection
{
    /// <summary>Not at all, or there is no key.</summary>
    None,

    /// <summary>By a password (PKCS #8; RFC 7468, section 11).</summary>
    Password,

    /// <summary>By a password, in OpenSSL's form from before PKCS #8 (RFC 1421, <c>Proc-Type: 4,ENCRYPTED</c>), which .NET does not read.</summary>
    OldPassword,
}
