using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HeliosEdge.Settings;

namespace HeliosEdge.Access.Tls;

/// <summary>Files of the certificates of authorities, as PEM.</summary>
internal static class AuthorityFile
{
    /// <param name="path">The file.</param>
    /// <param name="setting">The setting that names it, for messages.</param>
    /// <exception cref="SiloStartException">It cannot be read, or has no certificate.</exception>
    public static X509Certificate2Collection Read(string path, string setting)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPemFile(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new SiloStartException($"{setting}: {path} cannot be read: {e.Message}", e);
        }

        return certificates.Count > 0 ? certificates : throw new SiloStartException($"{setting}: {path} holds no certificate.");
    }
}
