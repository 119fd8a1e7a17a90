using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HeliosEdge.Federation;
using HeliosEdge.Grains.Regions;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Settings;
using HeliosEdge.Silo.Hosting;
using Microsoft.Extensions.Configuration;

namespace HeliosEdge.Silo.Tests.Running;

/// <summary>The real silo on a free loopback port.</summary>
internal sealed class TestSilo : IAsyncDisposable
{
    private readonly TemporaryFolder? _folder;
    private readonly SiloHost _host;

    private TestSilo(SiloHost host, TemporaryFolder? folder)
    {
        _host = host;
        _folder = folder;
        Http = new HttpClient { BaseAddress = host.Addresses[0] };
    }

    public HttpClient Http { get; }

    public IServiceProvider Services => _host.Services;

    public static byte[] Guest(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "guests", $"{name}.wasm"));

    public static async Task<TestSilo> StartAsync(
        string? dataFolder = null,
        SandboxPolicy? policy = null,
        GuestThreadOptions? guests = null,
        EngineKind engine = EngineKind.Wasmtime,
        bool allowPrivateNetworks = false,
        string? postgres = null,
        string[]? regions = null,
        FederationOptions? federation = null,
        string url = "http://127.0.0.1:0",
        Func<SiloOptions, SiloOptions>? configure = null)
    {
        var folder = dataFolder is null ? new TemporaryFolder() : null;
        var options = new SiloOptions
        {
            Urls = [url],
            DataFolder = dataFolder ?? folder!.Path,
            Regions = new ServedRegions(regions ?? ["eu-west", "us-east", "ap-south"]),
            Federation = federation ?? new FederationOptions(),
            Policy = policy ?? new SandboxPolicy(),
            Guests = guests ?? new GuestThreadOptions(),
            Engine = engine,
            Postgres = postgres is null ? null : PostgresUrl.Parse(postgres),
            AllowPrivateNetworks = allowPrivateNetworks,

            // On a busy machine none of the silos in this process is to be voted out: it would end the process.
            Cluster = new ClusterOptions { SiloPort = 0, ProbeTimeout = TimeSpan.FromMinutes(1) },
        };
        var quiet = new ConfigurationBuilder().AddInMemoryCollection([new("Logging:LogLevel:Default", "None")]).Build();
        return new TestSilo(await SiloHost.StartAsync(configure?.Invoke(options) ?? options, quiet), folder);
    }

    public Task<HttpResponseMessage> UploadAsync(byte[] wasm, string? statedHash = null)
    {
        // A refusal of what is too large may come before all of it is sent.
        var request = new HttpRequestMessage(HttpMethod.Put, "/v1/modules") { Content = new ByteArrayContent(wasm) };
        request.Headers.ExpectContinue = wasm.Length > 1 << 20;
        if (statedHash is not null)
        {
            request.Headers.Add("X-Helios-Module-Hash", statedHash);
        }

        return Http.SendAsync(request);
    }

    public Task<HttpResponseMessage> RegisterAsync(string name, string json) =>
        Http.PutAsync($"/v1/functions/{name}", new StringContent(json, Encoding.UTF8, "application/json"));

    public Task<HttpResponseMessage> InvokeAsync(string name, byte[]? payload = null, string? region = null, CancellationToken cancellationToken = default) => Http.PostAsync(
        $"/v1/functions/{name}/invoke{(region is null ? "" : $"?region={region}")}", new ByteArrayContent(payload ?? []), cancellationToken);

    /// <summary>Uploads a guest and registers it.</summary>
    public async Task<JsonNode> DeployAsync(string name, string guest, string entry = "handle", JsonObject? limits = null, string[]? regions = null)
    {
        var module = await Answer.JsonAsync(await UploadAsync(Guest(guest)));
        var body = new JsonObject { ["module"] = module["hash"]!.GetValue<string>(), ["entry"] = entry };
        if (limits is not null)
        {
            body["limits"] = limits;
        }

        if (regions is not null)
        {
            body["regions"] = JsonSerializer.SerializeToNode(regions);
        }

        return await Answer.JsonAsync(await RegisterAsync(name, body.ToJsonString()));
    }

    /// <summary>Calls a function that must answer.</summary>
    public async Task<byte[]> CallAsync(string name, byte[] payload, string? region = null)
    {
        using var response = await InvokeAsync(name, payload, region);
        var body = await response.Content.ReadAsByteArrayAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.OK, Encoding.UTF8.GetString(body));
        return body;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _host.DisposeAsync();
        _folder?.Dispose();
    }
}
