using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace HeliosEdge.Silo.Tests.Federation;

/// <summary>What another silo sees: it says that it serves west, and answers each call as the test says.</summary>
internal sealed class FakePeer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakePeer(WebApplication app, int port)
    {
        _app = app;
        Address = new Uri($"http://127.0.0.1:{port}");
    }

    public Uri Address { get; }

    public static async Task<FakePeer> StartAsync(RequestDelegate call, int? at = null)
    {
        var port = at ?? FreePorts.Take();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        app.Run(http => http.Request.Path == "/v1/peer/hello" ? http.Response.WriteAsync("""{"regions":{"west":1}}""") : call(http));
        await app.StartAsync();
        return new FakePeer(app, port);
    }

    public async ValueTask DisposeAsync()
    {
        // What a test left unanswered is not waited for.
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
