using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace HeliosEdge.Testing;

/// <summary>Makes certificates.</summary>
public static class Certificates
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    public static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
    }

    public static X509Certificate2 Server(X509Certificate2 authority) => Issue(authority, "silo", ServerAuthentication);

    public static X509Certificate2 Client(X509Certificate2 authority, string name) => Issue(authority, name, ClientAuthentication);

    /// <summary>One that a silo both serves with and shows.</summary>
    public static X509Certificate2 Silo(X509Certificate2 authority, string name) => Issue(authority, name, ServerAuthentication, ClientAuthentication);

    /// <summary>A client's that was good until yesterday.</summary>
    public static X509Certificate2 Expired(X509Certificate2 authority, string name) =>
        Issue(authority, name, DateTimeOffset.UtcNow.AddHours(-23), DateTimeOffset.UtcNow.AddHours(-1), ClientAuthentication);

    /// <summary>A client's that says where its issuer and its revocation are to be had.</summary>
    public static X509Certificate2 ClientWithIssuerAt(X509Certificate2 authority, string name, string url)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ClientAuthentication)], false));
        request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(ocspUris: [url], caIssuersUris: [url]));
        using var issued = request.Create(
            authority, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1), RandomNumberGenerator.GetBytes(8));
        return issued.CopyWithPrivateKey(key);
    }

    /// <summary>Writes a certificate and its key as PEM.</summary>
    public static void Write(X509Certificate2 certificate, string certificateFile, string? keyFile = null, string? password = null)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        var keyText = password is null
            ? key.ExportPkcs8PrivateKeyPem()
            : key.ExportEncryptedPkcs8PrivateKeyPem(password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1_000));
        File.WriteAllText(certificateFile, keyFile is null ? $"{certificate.ExportCertificatePem()}\n{keyText}\n" : certificate.ExportCertificatePem());
        if (keyFile is not null)
        {
            File.WriteAllText(keyFile, keyText);
        }
    }

    private static X509Certificate2 Issue(X509Certificate2 authority, string name, params string[] purposes) =>
        Issue(authority, name, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1), purposes);

    private static X509Certificate2 Issue(
        X509Certificate2 authority, string name, DateTimeOffset from, DateTimeOffset until, params string[] purposes)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. purposes.Select(purpose => new Oid(purpose))], false));
        using var issued = request.Create(
            authority, from, until, RandomNumberGenerator.GetBytes(8));
        return issued.CopyWithPrivateKey(key);
    }
}
