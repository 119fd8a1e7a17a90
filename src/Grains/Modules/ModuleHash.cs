using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using HeliosEdge.Sandbox;

namespace HeliosEdge.Grains.Modules;

/// <summary>The identity of a module: SHA-256 of its bytes as 64 lower-case hexadecimal digits.</summary>
public static class ModuleHash
{
    private const int Digits = 2 * SHA256.HashSizeInBytes;

    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    /// <summary>Hashes bytes.</summary>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return Convert.ToHexStringLower(hash);
    }

    /// <summary>Tells whether a text has the form of a hash.</summary>
    public static bool IsWellFormed(string text) => text.Length == Digits && !text.AsSpan().ContainsAnyExcept(LowerHex);

    /// <summary>Refuses what has not the form of a hash.</summary>
    /// <param name="what">What the text is, for the message.</param>
    /// <param name="text">The text.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>.</exception>
    public static void Require(string what, string text)
    {
        if (!IsWellFormed(text))
        {
            throw new SandboxException(
                ErrorCodes.InvalidParameter, $"{what} must be a SHA-256 of {Digits} lower-case hexadecimal digits, not \"{Names.Shorten(text)}\".");
        }
    }

    /// <summary>
    /// Compares the hash that somebody stated with the one that was computed, in a time that does not tell where they differ.
    /// </summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.UntrustedModule"/>: they differ.</exception>
    public static void RequireStated(string stated, string computed)
    {
        if (!CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(stated), Encoding.ASCII.GetBytes(computed)))
        {
            throw new SandboxException(
                ErrorCodes.UntrustedModule, $"The module's SHA-256 is {computed}, not {stated} as was stated; it is not accepted.");
        }
    }
}
