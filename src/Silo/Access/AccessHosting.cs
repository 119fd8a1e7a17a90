using System.Security.Authentication;
using HeliosEdge.Access.Audit;
using HeliosEdge.Access.Keys;
using HeliosEdge.Access.Stores;
using HeliosEdge.Access.Tls;
using HeliosEdge.Access.Tokens;
using HeliosEdge.Settings;
using HeliosEdge.Silo.Hosting;
using HeliosEdge.Storage.Watching;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace HeliosEdge.Silo.Access;

/// <summary>Puts all of this into a silo.</summary>
internal static partial class AccessHosting
{
    /// <summary>Adds keys, tokens, peers, the log of changes, TLS and the limits of connections.</summary>
    /// <exception cref="SiloStartException">A file that is named in the options cannot be used.</exception>
    public static void AddAccess(this WebApplicationBuilder builder, SiloOptions silo, string dataFolder)
    {
        var options = silo.Access;
        var issuer = options.Jwt is { } jwt ? new JwtIssuer(jwt) : null;
        var store = silo.Postgres is { } database ? new PostgresAccessStore(database) : Open(dataFolder);
        var peerKey = options.PeerKeyFile is { } file ? PeerKey.Read(file) : null;
        builder.Services
            .AddSingleton(options)
            .AddSingleton<IAccessStore>(provider => new WatchedAccessStore(
                store,
                silo.Postgres is not null
                    ? StateServices.Watch(provider)
                    : provider.GetRequiredService<StorageHealth>().WatchFile("What callers' keys and the log of changes are in", store.Location)))
            .AddSingleton<IKeyStore>(provider => provider.GetRequiredService<IAccessStore>())
            .AddSingleton<IAuditLog>(provider => provider.GetRequiredService<IAccessStore>())
            .AddSingleton<KeyRing>()
            .AddSingleton<CallerRates>()
            .AddSingleton<AuditTrail>()
            .AddSingleton(provider => new Authenticator(provider.GetRequiredService<KeyRing>(), issuer, peerKey))
            .AddSingleton<AccessMiddleware>();
        if (options.AuditKept is { } kept)
        {
            builder.Services.AddHostedService(provider => new AuditRetention(
                provider.GetRequiredService<IAuditLog>(),
                kept,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<AuditRetention>>()));
        }

        var hasPeers = peerKey is not null || options.PeerCa is not null || !silo.Federation.Peers.IsEmpty;
        var limits = hasPeers ? options.Connections.ForPeers() : options.Connections;
        builder.WebHost.ConfigureKestrel(kestrel => limits.Apply(kestrel.Limits));
        if (options.Tls is { } tls)
        {
            AddTls(builder, tls, options);
        }
    }

    /// <summary>Guards the endpoints that are mapped after it, and maps those of keys and of the log.</summary>
    public static void UseAccess(this WebApplication app)
    {
        var access = app.Services.GetRequiredService<AccessMiddleware>();
        app.Use(next => http => access.RunAsync(http, next));
        app.MapKeys();
        app.MapAudit();
    }

    /// <summary>Reads the keys, and refuses to serve the network without any.</summary>
    /// <exception cref="SiloStartException">Anybody could do anything, or what is asked for cannot be done with keys.</exception>
    public static async Task CheckAccessAsync(this WebApplication app, SiloOptions options)
    {
        if (app.Services.GetRequiredService<IAccessStore>() is WatchedAccessStore { Inner: PostgresAccessStore shared })
        {
            await PrepareAsync(shared);
        }

        var ring = app.Services.GetRequiredService<KeyRing>();
        await ring.RefreshAsync();
        if (options.Postgres is not null && !ring.IsLocked)
        {
            await RefuseKeysLeftBehindAsync(options);
        }

        var isOpen = !ring.IsLocked && options.Access.Jwt is null;
        if (isOpen && options.Urls.FirstOrDefault(url => !LocalAddress.ListensLocally(url)) is { } exposed)
        {
            throw new SiloStartException(
                $"{exposed} can be reached from other machines, and this silo has no keys: anybody could do anything. Make one with: helios keys create NAME --scope admin {(options.Postgres is null ? $"--data {options.DataFolder}" : "--store ADDRESS")}");
        }

        if (options.Demo && (!isOpen || options.Access.Tls is not null))
        {
            throw new SiloStartException(
                "--demo shows a silo that is open to its own machine, without keys, tokens and TLS; this one is not. Another --data is a silo without keys.");
        }

        if (options.Urls.FirstOrDefault(url => !LocalAddress.ListensLocally(url) && url.StartsWith("http:", StringComparison.OrdinalIgnoreCase)) is { } cleartext)
        {
            LogCleartext(app.Logger, cleartext);
        }
    }

    private static async Task PrepareAsync(PostgresAccessStore store)
    {
        try
        {
            await store.PrepareAsync();
        }
        catch (IOException e)
        {
            throw new SiloStartException(e.Message, e);
        }
    }

    // Its operator locked this silo. It must not open because it is told to keep its state elsewhere.
    private static async Task RefuseKeysLeftBehindAsync(SiloOptions options)
    {
        var file = Path.Combine(options.DataFolder, SqliteAccessStore.FileName);
        if (!File.Exists(file))
        {
            return;
        }

        await using var left = Open(options.DataFolder);
        if ((await left.ReadAllAsync()).Count > 0)
        {
            throw new SiloStartException(
                $"{file} holds keys, but with this --store keys are in its database, which has none: the silo would no longer ask for any. Make one there with: helios keys create NAME --scope admin --store ADDRESS");
        }
    }

    private static IAccessStore Open(string folder)
    {
        try
        {
            return new SqliteAccessStore(folder);
        }
        catch (IOException e)
        {
            throw new SiloStartException(e.Message, e);
        }
    }

    private static void AddTls(WebApplicationBuilder builder, TlsOptions tls, AccessOptions options)
    {
        ILogger? log = null;
        var certificate = new TlsCertificate(tls, TimeProvider.System, report => LogCertificate(log!, report), TlsSettings.Server);
        var peers = options.PeerCa is { } file ? new PeerAuthority(file) : null;
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            log = kestrel.ApplicationServices.GetRequiredService<ILogger<TlsCertificate>>();
            kestrel.ConfigureHttpsDefaults(https =>
            {
                https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
                https.HandshakeTimeout = options.Connections.HeaderTimeout;

                // Kestrel wants to have one; what is used is set for each handshake.
                https.ServerCertificate = certificate.Current.TargetCertificate;
                https.OnAuthenticate = (_, handshake) =>
                {
                    handshake.ServerCertificateContext = certificate.Current;
                    handshake.CertificateChainPolicy = OfflineChain.Policy();
                };
                if (peers is not null)
                {
                    https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                    https.ClientCertificateValidation = (shown, chain, _) =>
                    {
                        var fault = peers.FaultOfClient(shown, chain);
                        if (fault is not null)
                        {
                            LogRefused(log!, fault);
                        }

                        return fault is null;
                    };
                }
            });
        });
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Report}")]
    private static partial void LogCertificate(ILogger log, string report);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A TLS connection was refused: {Fault}.")]
    private static partial void LogRefused(ILogger log, string fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Url} can be reached from other machines without TLS: keys and payloads can be read on the way unless a proxy in front of it ends TLS.")]
    private static partial void LogCleartext(ILogger log, string url);
}
