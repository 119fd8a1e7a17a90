using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace HeliosEdge.Sandbox.Tests.Http;

/// <summary>Kestrel on loopback, over https: answers with the body that it was sent, and at /to/… with a redirect.</summary>
internal sealed class HttpsServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private HttpsServer(WebApplication app, ConcurrentQueue<string> names)
    {
        _app = app;
        Names = names;
    }

    public int Port => new Uri(_app.Urls.Single()).Port;

    /// <summary>The names that connections were opened for, by TLS (RFC 6066, section 3).</summary>
    public ConcurrentQueue<string> Names { get; }

    /// <summary>Host and path of each request.</summary>
    public ConcurrentQueue<(string Host, string Path)> Requests { get; } = [];

    public static async Task<HttpsServer> StartAsync(X509Certificate2 certificate, params X509Certificate2[] chain)
    {
        // Offline: what this server looks for is not what the tests are about.
        var context = SslStreamCertificateContext.Create(certificate, [.. chain], offline: true);
        var names = new ConcurrentQueue<string>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(
                (_, hello, _, _) =>
                {
                    names.Enqueue(hello.ServerName);
                    return ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificateContext = context });
                },
                state: null!);
        }));
        var server = new HttpsServer(builder.Build(), names);
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        Requests.Enqueue((http.Request.Host.Value!, http.Request.Path));
        if (http.Request.Path.StartsWithSegments("/to", out var host))
        {
            http.Response.Redirect($"https:/{host}:{Port}/");
            return;
        }

        http.Response.Headers["X-Protocol"] = http.Request.Protocol;
        await http.Request.Body.CopyToAsync(http.Response.Body);
    }
}
