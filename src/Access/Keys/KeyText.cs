using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace HeliosEdge.Access.Keys;

/// <summary>
/// How a key looks: <c>hk_</c>, the public id, <c>_</c>, the secret: 32 random bytes in base64url. The id has a fixed length,
/// since the secret's alphabet has the separator in it.
/// </summary>
internal static class KeyText
{
    public const string Prefix = "hk_";

    /// <summary>60 random bits: ids are public, and never taken twice.</summary>
    public const int IdLength = 12;

    /// <summary>32 bytes in base64url without padding.</summary>
    public const int SecretLength = 43;

    public const int Length = 3 + IdLength + 1 + SecretLength;

    private const int SecretBytes = 32;

    private const string IdAlphabet = "abcdefghijklmnopqrstuvwxyz234567";

    private static readonly SearchValues<char> IdCharacters = SearchValues.Create(IdAlphabet);

    private static readonly SearchValues<char> SecretCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    public static string NewId() => RandomNumberGenerator.GetString(IdAlphabet, IdLength);

    public static string NewSecret()
    {
        Span<byte> bytes = stackalloc byte[SecretBytes];
        RandomNumberGenerator.Fill(bytes);
        var secret = Base64Url.EncodeToString(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return secret;
    }

    public static string Format(string id, string secret) => $"{Prefix}{id}_{secret}";

    public static bool IsId(ReadOnlySpan<char> text) => text.Length == IdLength && !text.ContainsAnyExcept(IdCharacters);

    /// <summary>Takes a key apart; no text but a well-formed key has parts.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ReadOnlySpan<char> id, out ReadOnlySpan<char> secret)
    {
        id = default;
        secret = default;
        if (text.Length != Length || !text.StartsWith(Prefix, StringComparison.Ordinal) || text[Prefix.Length + IdLength] != '_')
        {
            return false;
        }

        var first = text.Slice(Prefix.Length, IdLength);
        var second = text[(Prefix.Length + IdLength + 1)..];
        if (!IsId(first) || second.ContainsAnyExcept(SecretCharacters))
        {
            return false;
        }

        id = first;
        secret = second;
        return true;
    }
}
