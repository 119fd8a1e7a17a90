using System.Collections.Concurrent;
using HeliosEdge.Federation;
using HeliosEdge.Silo.Tests.Running;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace HeliosEdge.Silo.Tests.Invocations;

/// <summary>A peer that serves the region west, answers every call with its payload and remembers its headers.</summary>
internal sealed class ListeningPeer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ListeningPeer(WebApplication app)
    {
        _app = app;
    }

    /// <summary>What the calls so far said of themselves.</summary>
    public ConcurrentQueue<(string TraceParent, string Hops)> Calls { get; } = [];

    /// <summary>The names of all headers of the calls so far.</summary>
    public ConcurrentQueue<string[]> Headers { get; } = [];

    public static async Task<ListeningPeer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel =>
            kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http2));
        var peer = new ListeningPeer(builder.Build());
        peer._app.Run(peer.AnswerAsync);
        await peer._app.StartAsync();
        return peer;
    }

    /// <summary>A silo that serves east and knows this peer.</summary>
    public async Task<TestSilo> StartSiloAsync()
    {
        var silo = await TestSilo.StartAsync(
            regions: ["east"], federation: new FederationOptions { Peers = [("west", new Uri(_app.Urls.Single()))], ProbeInterval = TimeSpan.FromMilliseconds(200) });
        await Federation.Silos.WaitForStatesAsync(silo, "up");
        return silo;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private Task AnswerAsync(HttpContext http)
    {
        if (http.Request.Path == "/v1/peer/hello")
        {
            http.Response.ContentType = "application/json";
            return http.Response.WriteAsync("""{"regions": {"west": 1}}""");
        }

        Headers.Enqueue([.. http.Request.Headers.Keys]);
        Calls.Enqueue((http.Request.Headers.TraceParent.ToString(), http.Request.Headers["X-Helios-Hops"].ToString()));
        http.Response.ContentType = "application/octet-stream";
        return http.Request.Body.CopyToAsync(http.Response.Body);
    }
}
