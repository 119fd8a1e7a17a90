using System.Security.Cryptography;
using System.Text;

namespace HeliosEdge.Access.Tls;

/// <summary>The password of a private key, in a file of its own: others can see a command line.</summary>
internal static class PrivateKeyPassword
{
    /// <summary>Bytes of such a file.</summary>
    public const int MaxBytes = 4_096;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a file; line ends after the password are not part of it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="setting">The setting that names it, for messages.</param>
    /// <exception cref="CryptographicException">It cannot be read, is empty, too long or no text.</exception>
    public static string Read(string path, string setting)
    {
        try
        {
            using var file = File.OpenRead(path);
            var bytes = new byte[MaxBytes + 1];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > MaxBytes)
            {
                throw new CryptographicException($"The password's file {path} of --{setting} has more than {MaxBytes} bytes, which is the limit.");
            }

            var password = Strict.GetString(bytes, 0, length).TrimEnd('\r', '\n');
            return password.Length > 0
                ? password
                : throw new CryptographicException($"The password's file {path} of --{setting} is empty.");
        }
        catch (DecoderFallbackException e)
        {
            throw new CryptographicException($"The password's file {path} of --{setting} is no UTF-8.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CryptographicException($"The password's file of --{setting} cannot be read: {e.Message}", e);
        }
    }
}
