using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HeliosEdge.Silo.Hosting;

namespace HeliosEdge.Silo.Access;

/// <summary>The silo's certificate, read again when its file changes; while what is there can not be read, the last good one stays.</summary>
internal sealed class TlsCertificate
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly TlsOptions _options;
    private readonly TimeProvider _clock;
    private readonly Action<string> _report;
    private readonly string _setting;
    private readonly Lock _looking = new();
    private volatile SslStreamCertificateContext _current;
    private (DateTime Certificate, DateTime Key) _written;
    private long _lookedAt;

    /// <exception cref="SiloStartException">It can not be read.</exception>
    public TlsCertificate(TlsOptions options, TimeProvider clock, Action<string> report, string setting = "--tls-cert")
    {
        _options = options;
        _clock = clock;
        _report = report;
        _setting = setting;
        _written = WrittenAt();
        _lookedAt = clock.GetTimestamp();
        try
        {
            _current = Load();
        }
        catch (Exception e) when (IsBadFile(e))
        {
            throw new SiloStartException($"{_setting}: {Describe(e)}", e);
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

    private string Describe(Exception e) => $"{_options.Certificate} can not be used: {e.Message}";

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

    private (DateTime Certificate, DateTime Key) WrittenAt() =>
        (File.GetLastWriteTimeUtc(_options.Certificate), _options.Key is { } key ? File.GetLastWriteTimeUtc(key) : default);

    private SslStreamCertificateContext Load()
    {
        var password = _options.PasswordFile is { } file ? File.ReadAllText(file).TrimEnd('\r', '\n') : null;
        var chain = new X509Certificate2Collection();
        X509Certificate2 certificate;
        if (Path.GetExtension(_options.Certificate).ToLowerInvariant() is ".pfx" or ".p12")
        {
            chain = X509CertificateLoader.LoadPkcs12CollectionFromFile(_options.Certificate, password);
            certificate = chain.FirstOrDefault(candidate => candidate.HasPrivateKey)
                ?? throw new CryptographicException("There is no certificate with a private key in it.");
        }
        else
        {
            var key = _options.Key ?? _options.Certificate;
            certificate = password is null
                ? X509Certificate2.CreateFromPemFile(_options.Certificate, key)
                : X509Certificate2.CreateFromEncryptedPemFile(_options.Certificate, password, key);
            chain.ImportFromPemFile(_options.Certificate);
        }

        // Offline: a start or a handshake does not wait for somebody else's server.
        return SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }
}
