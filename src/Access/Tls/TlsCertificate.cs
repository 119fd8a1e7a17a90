using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HeliosEdge.Settings;

namespace HeliosEdge.Access.Tls;

/// <summary>The silo's certificate, read again when its file changes; while what is there cannot be read, the last good one stays.</summary>
internal sealed class TlsCertificate
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly TlsOptions _options;
    private readonly TimeProvider _clock;
    private readonly Action<string> _report;
    private readonly TlsSettings _settings;
    private readonly Lock _looking = new();
    private volatile SslStreamCertificateContext _current;
    private (DateTime Certificate, DateTime Key, DateTime Password) _written;
    private long _lookedAt;

    /// <exception cref="SiloStartException">It cannot be read.</exception>
    public TlsCertificate(TlsOptions options, TimeProvider clock, Action<string> report, TlsSettings settings)
    {
        _options = options;
        _clock = clock;
        _report = report;
        _settings = settings;
        _written = WrittenAt();
        _lookedAt = clock.GetTimestamp();
        try
        {
            _current = Load();
        }
        catch (Exception e) when (IsBadFile(e))
        {
            throw new SiloStartException($"--{_settings.Certificate}: {Describe(e)}", e);
        }
    }

    /// <summary>The certificate with its chain.</summary>
    public SslStreamCertificateContext Current
    {
        get
        {
            if (_clock.GetElapsedTime(Interlocked.Read(ref _lookedAt)) >= LookInterval && _looking.TryEnter())
            {
                try
                {
                    Look();
                }
                finally
                {
                    _looking.Exit();
                }
            }

            return _current;
        }
    }

    private static bool IsBadFile(Exception e) => e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException;

    private string Describe(Exception e) => $"{_options.Certificate} cannot be used: {e.Message}";

    private void Look()
    {
        Interlocked.Exchange(ref _lookedAt, _clock.GetTimestamp());
        var written = WrittenAt();
        if (written == _written)
        {
            return;
        }

        try
        {
            _current = Load();
            _report($"The certificate {_options.Certificate} was read again: {_current.TargetCertificate.Subject}, good until {_current.TargetCertificate.NotAfter:u}.");
        }
        catch (Exception e) when (IsBadFile(e))
        {
            _report($"{Describe(e)} The one from before stays in use.");
        }

        // A file that is half written has another time once it is whole.
        _written = written;
    }

    private (DateTime Certificate, DateTime Key, DateTime Password) WrittenAt() =>
        (File.GetLastWriteTimeUtc(_options.Certificate), WrittenAt(_options.Key), WrittenAt(_options.PasswordFile));

    private static DateTime WrittenAt(string? file) => file is null ? default : File.GetLastWriteTimeUtc(file);

    private SslStreamCertificateContext Load()
    {
        var password = _options.PasswordFile is { } file ? PrivateKeyPassword.Read(file, _settings.PasswordFile) : null;
        var (certificate, chain) = Path.GetExtension(_options.Certificate).ToLowerInvariant() is ".pfx" or ".p12"
            ? LoadPkcs12(password)
            : LoadPem(password);

        // Offline: a start or a handshake does not wait for somebody else's server.
        return SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }

    private (X509Certificate2 Certificate, X509Certificate2Collection Chain) LoadPkcs12(string? password)
    {
        X509Certificate2Collection chain;
        try
        {
            chain = X509CertificateLoader.LoadPkcs12CollectionFromFile(_options.Certificate, password);
        }
        catch (CryptographicException e)
        {
            var hint = password is null
                ? $"If it has a password, --{_settings.PasswordFile} names the file of it."
                : $"The password is the one in {_options.PasswordFile}.";
            throw new CryptographicException($"{e.Message} {hint}", e);
        }

        return (
            chain.FirstOrDefault(candidate => candidate.HasPrivateKey) ?? throw new CryptographicException("There is no certificate with a private key in it."),
            chain);
    }

    private (X509Certificate2 Certificate, X509Certificate2Collection Chain) LoadPem(string? password)
    {
        var key = _options.Key ?? _options.Certificate;
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(_options.Certificate);
        switch (ProtectionOf(File.ReadAllText(key)))
        {
            case PrivateKeyProtection.OldPassword:
                throw new CryptographicException(
                    $"The private key in {key} is encrypted in a form that is not supported; \"openssl pkcs8 -topk8\" makes one that is (BEGIN ENCRYPTED PRIVATE KEY).");
            case PrivateKeyProtection.Password when password is null:
                throw new CryptographicException($"The private key in {key} has a password; --{_settings.PasswordFile} names the file of it.");
            case PrivateKeyProtection.None when password is not null:
                throw new CryptographicException($"There is no private key with a password in {key}, and --{_settings.PasswordFile} names the file of one.");
        }

        try
        {
            return (
                password is null
                    ? X509Certificate2.CreateFromPemFile(_options.Certificate, key)
                    : X509Certificate2.CreateFromEncryptedPemFile(_options.Certificate, password, key),
                chain);
        }
        catch (CryptographicException e) when (password is not null)
        {
            throw new CryptographicException($"{e.Message} The private key is the one in {key}, the password the one in {_options.PasswordFile}.", e);
        }
    }

    private static PrivateKeyProtection ProtectionOf(string pem) =>
        pem.Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal) ? PrivateKeyProtection.Password
        : pem.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal) ? PrivateKeyProtection.OldPassword
        : PrivateKeyProtection.None;
}
