using System.Security.Cryptography;
using System.Text;
using HeliosEdge.Settings;

namespace HeliosEdge.Access.Keys;

/// <summary>The secret that silos share, from a file.</summary>
internal sealed class PeerKey
{
    private const int MinLength = 32;
    private const int MaxLength = 1024;

    private readonly byte[] _hash;

    private PeerKey(string text)
    {
        Text = text;
        _hash = SHA256.HashData(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>What this silo shows others.</summary>
    public string Text { get; }

    /// <exception cref="SiloStartException">The file cannot be read, or what is in it is no such secret.</exception>
    public static PeerKey Read(string file)
    {
        string text;
        try
        {
            text = File.ReadAllText(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SiloStartException($"--peer-key-file: {file} cannot be read: {e.Message}", e);
        }

        return text.Length is >= MinLength and <= MaxLength && text.All(c => c is > ' ' and <= '~')
            ? new PeerKey(text)
            : throw new SiloStartException(
                $"--peer-key-file: {file} must hold one line of {MinLength} to {MaxLength} ASCII characters without spaces, such as from: openssl rand -base64 32");
    }

    /// <summary>Compares hashes in constant time, so that neither the length nor a common beginning shows.</summary>
    public bool Matches(string shown) => CryptographicOperations.FixedTimeEquals(_hash, SHA256.HashData(Encoding.UTF8.GetBytes(shown)));
}
