using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace HeliosEdge.Silo.Tests.Pipelines;

/// <summary>A server that takes what pipelines send.</summary>
internal sealed class Webhook : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly SemaphoreSlim _came = new(0);

    private Webhook(WebApplication app)
    {
        _app = app;
    }

    /// <summary>The address that it is sent to.</summary>
    public string Address => $"{_app.Urls.Single()}/changes";

    /// <summary>Host and port, as registrations state them.</summary>
    public string Host => new Uri(Address).Authority;

    /// <summary>The statuses that the next requests get; 200 after them.</summary>
    public ConcurrentQueue<int> Statuses { get; } = [];

    /// <summary>The pipelines that the requests named.</summary>
    public ConcurrentQueue<string> Pipelines { get; } = [];

    /// <summary>The events that were taken, in the order in which they came.</summary>
    public ConcurrentQueue<JsonNode> Events { get; } = [];

    public static async Task<Webhook> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var webhook = new Webhook(builder.Build());
        webhook._app.Run(webhook.AnswerAsync);
        await webhook._app.StartAsync();
        return webhook;
    }

    /// <summary>Waits for another request, whatever it was answered.</summary>
    /// <returns>False if none came for long.</returns>
    public Task<bool> WaitForRequestAsync() => _came.WaitAsync(TimeSpan.FromSeconds(60));

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _came.Dispose();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var body = JsonNode.Parse(await reader.ReadToEndAsync())!;
        Pipelines.Enqueue(http.Request.Headers["x-helios-pipeline"].ToString());
        if (Statuses.TryDequeue(out var status))
        {
            http.Response.StatusCode = status;
        }
        else
        {
            foreach (var change in body["events"]!.AsArray())
            {
                Events.Enqueue(change!.DeepClone());
            }
        }

        _came.Release();
    }
}
