using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace HeliosEdge.Cluster.Tests;

/// <summary>A silo process of a cluster whose members are listed in PostgreSQL.</summary>
internal sealed class ClusterSilo : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _cluster;
    private readonly string _regions;
    private string[] _settings;
    private readonly int _httpPort = FreePorts.Take();
    private SiloProcess _process;

    private ClusterSilo(string cluster, string regions, string[] settings)
    {
        _settings = settings;
        _cluster = cluster;
        _regions = regions;
        _process = Launch();
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_httpPort}"), Timeout = TimeSpan.FromSeconds(15) };
    }

    public HttpClient Http { get; }

    /// <summary>Where the other silos reach it.</summary>
    public int SiloPort { get; } = FreePorts.Take();

    public static async Task<ClusterSilo> StartAsync(string cluster, string regions, params string[] settings)
    {
        var silo = new ClusterSilo(cluster, regions, settings);
        await silo._process.AddressAsync();
        return silo;
    }

    /// <summary>Starts one that is to end by itself, and waits for that.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(string cluster, params string[] settings)
    {
        using var folder = new TemporaryFolder();
        return await SiloProcess.RunAsync(Arguments("http://127.0.0.1:0", folder.Path, "eu", cluster, 0, settings));
    }

    /// <summary>Waits until it knows a region that only another silo serves.</summary>
    public Task WaitForRegionAsync(string region) => _process.WaitForAsync($"serves the region {region}");

    /// <summary>Waits until it knows that another silo serves a region.</summary>
    public Task WaitForSiloAsync(ClusterSilo other, string region) => _process.WaitForAsync($"The silo at 127.0.0.1:{other.SiloPort} serves the region {region}.");

    /// <summary>Waits until it knows that another silo serves a region no longer.</summary>
    public Task WaitForEndAsync(ClusterSilo other, string region) => _process.WaitForAsync($"The silo at 127.0.0.1:{other.SiloPort} no longer serves the region {region}.");

    /// <summary>Waits until it logs a line with a text in it.</summary>
    public Task WaitForLineAsync(string text) => _process.WaitForAsync(text);

    /// <summary>The lines so far that have a text in them.</summary>
    public string[] LinesWith(string text) => [.. _process.Output.Split('\n').Where(line => line.Contains(text, StringComparison.Ordinal))];

    /// <summary>Deploys echo under a name.</summary>
    public Task DeployAsync(string name, params string[] regions) => DeployAsync(name, timeoutMs: 10_000, regions);

    /// <summary>Deploys echo under a name, with a limit that makes it another version; the version's number.</summary>
    public Task<int> DeployAsync(string name, int timeoutMs, params string[] regions) => DeployAsync(name, "echo", "handle", new { timeoutMs }, regions);

    /// <summary>Deploys a guest under a name; the version's number.</summary>
    public async Task<int> DeployAsync(string name, string guest, string entry, object limits, params string[] regions)
    {
        using var module = new ByteArrayContent(await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "guests", $"{guest}.wasm")));
        using var uploaded = await Http.PutAsync("/v1/modules", module);
        uploaded.EnsureSuccessStatusCode();
        var hash = (await uploaded.Content.ReadFromJsonAsync<Dictionary<string, object>>())!["hash"].ToString();
        using var registered = await Http.PutAsJsonAsync($"/v1/functions/{name}", new { module = hash, entry, regions, limits });
        return await VersionOfAsync(registered);
    }

    /// <summary>Changes which versions take calls; the number of the newest that does.</summary>
    public async Task<int> ChangeAsync(HttpMethod method, string path, string json)
    {
        using var request = new HttpRequestMessage(method, $"/v1/functions/{path}") { Content = new StringContent(json, null, "application/json") };
        using var response = await Http.SendAsync(request);
        return await VersionOfAsync(response);
    }

    /// <summary>Calls a function that must answer; the version that did.</summary>
    public async Task<int> CallVersionAsync(string name, string region)
    {
        using var body = new StringContent(name);
        using var response = await Http.PostAsync($"/v1/functions/{name}/invoke?region={region}", body);
        response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync());
        return int.Parse(response.Headers.GetValues("X-Helios-Version").Single(), CultureInfo.InvariantCulture);
    }

    /// <summary>Calls a function; null if it answered as it must, else what went wrong.</summary>
    public async Task<string?> TryCallAsync(string name, string region)
    {
        try
        {
            using var body = new StringContent(name);
            using var response = await Http.PostAsync($"/v1/functions/{name}/invoke?region={region}", body);
            var text = await response.Content.ReadAsStringAsync();
            return response.IsSuccessStatusCode && text == name ? null : text.Length == 0 ? $"{(int)response.StatusCode}" : text;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return e.Message;
        }
    }

    /// <summary>Queues a call of a function; the id that it was accepted with.</summary>
    public async Task<string> QueueAsync(string name, string region, string payload)
    {
        using var body = new StringContent(payload);
        using var accepted = await Http.PostAsync($"/v1/functions/{name}/invoke-async?region={region}", body);
        var text = await accepted.Content.ReadAsStringAsync();
        accepted.StatusCode.ShouldBe(System.Net.HttpStatusCode.Accepted, text);
        return JsonNode.Parse(text)!["id"]!.GetValue<string>();
    }

    /// <summary>What became of a queued call, once it has ended. A look that fails is repeated: whoever waited for it on another silo may be gone with that.</summary>
    public async Task<JsonNode> EndAsync(string id)
    {
        for (var looks = 0; ; looks++)
        {
            using var response = await Http.GetAsync($"/v1/invocations/{id}?wait=10s");
            var text = await response.Content.ReadAsStringAsync();
            if (response.IsSuccessStatusCode && JsonNode.Parse(text)!.AsObject() is { } invocation && invocation["state"]!.GetValue<string>() is not ("queued" or "running"))
            {
                return invocation;
            }

            looks.ShouldBeLessThan(60, text);
            await Task.Delay(TimeSpan.FromMilliseconds(500));
        }
    }

    /// <summary>Stops the process in its tracks, with its connections open.</summary>
    public Task FreezeAsync() => _process.FreezeAsync();

    public Task KillAsync() => _process.KillAsync();

    /// <summary>Stops it as an operator would, and starts it again with other settings.</summary>
    public Task RestartWithAsync(params string[] settings)
    {
        _settings = settings;
        return RestartAsync();
    }

    /// <summary>Stops it as an operator would, and starts it again.</summary>
    public async Task RestartAsync()
    {
        (await _process.TerminateAsync()).ShouldBe(0, _process.Output);
        await _process.DisposeAsync();
        _process = Launch();
        await _process.AddressAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task<int> VersionOfAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        response.IsSuccessStatusCode.ShouldBeTrue(text);
        return JsonNode.Parse(text)!["version"]!.GetValue<int>();
    }

    private static string[] Arguments(string url, string folder, string regions, string cluster, int siloPort, string[] settings) =>
    [
        "--urls", url,
        "--data", folder,
        "--regions", regions,
        "--engine", "managed",
        "--store", cluster,
        "--silo-port", siloPort.ToString(CultureInfo.InvariantCulture),
        .. settings,
    ];

    private SiloProcess Launch() => SiloProcess.Start(Arguments($"http://127.0.0.1:{_httpPort}", _folder.Path, _regions, _cluster, SiloPort, _settings));
}
