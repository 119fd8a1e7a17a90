using System.Security.Cryptography;
using System.Text;

namespace HeliosEdge.Access.Keys;

/// <summary>A key as it is stored: everything but the secret.</summary>
internal sealed record ApiKey
{
    public const int SaltLength = 16;

    // Stands in for a key that does not exist, so that its look-up costs what one that exists does.
    private static readonly byte[] NoSalt = RandomNumberGenerator.GetBytes(SaltLength);
    private static readonly byte[] NoHash = RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes);

    /// <summary>The public part, by which it is named in lists and in the log of changes.</summary>
    public required string Id { get; init; }

    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    public required Scopes Scopes { get; init; }

    /// <summary>Of this key alone, so that equal secrets, if there were any, would not show.</summary>
    public required byte[] Salt { get; init; }

    /// <summary>HMAC-SHA256 of the secret's characters under the salt.</summary>
    public required byte[] Hash { get; init; }

    /// <summary>Requests a second, on average; null for no limit.</summary>
    public int? Rate { get; init; }

    /// <summary>Requests that may come at once after a quiet time; null for as many as <see cref="Rate"/>.</summary>
    public int? Burst { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    public bool IsActive(DateTimeOffset now) => RevokedAt is null && !(ExpiresAt <= now);

    /// <summary>Tells whether a secret is that of a key; takes as long for a key that does not exist, whatever the secret.</summary>
    public static bool Verify(ApiKey? key, ReadOnlySpan<char> secret)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HashOf(secret, key?.Salt ?? NoSalt, hash);
        return CryptographicOperations.FixedTimeEquals(hash, key?.Hash ?? NoHash) & key is not null;
    }

    public static byte[] HashOf(ReadOnlySpan<char> secret, ReadOnlySpan<byte> salt)
    {
        var hash = new byte[HMACSHA256.HashSizeInBytes];
        HashOf(secret, salt, hash);
        return hash;
    }

    private static void HashOf(ReadOnlySpan<char> secret, ReadOnlySpan<byte> salt, Span<byte> hash)
    {
        Span<byte> bytes = stackalloc byte[KeyText.SecretLength];
        var length = Encoding.ASCII.GetBytes(secret, bytes);
        HMACSHA256.HashData(salt, bytes[..length], hash);
        CryptographicOperations.ZeroMemory(bytes);
    }
}
