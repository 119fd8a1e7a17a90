using System.Net.Http.Json;
using System.Text.Json.Nodes;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Silo.Hosting;
using HeliosEdge.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace HeliosEdge.Benchmarks.Data;

/// <summary>A silo in this process, with one region.</summary>
internal sealed class BenchmarkSilo : IAsyncDisposable
{
    private const string Region = "here";

    private readonly TemporaryFolder _folder;
    private readonly SiloHost _host;
    private readonly HttpClient _http;
    private readonly FunctionHosts _functions;

    private BenchmarkSilo(SiloHost host, TemporaryFolder folder)
    {
        (_host, _folder) = (host, folder);
        _http = new HttpClient { BaseAddress = host.Addresses[0] };
        _functions = host.Services.GetRequiredService<FunctionHosts>();
    }

    /// <summary>Starts it.</summary>
    /// <param name="databases">As <c>--database</c> has it; null for none but main.</param>
    public static async Task<BenchmarkSilo> StartAsync(string? databases)
    {
        var folder = new TemporaryFolder();
        var quiet = new ConfigurationBuilder().AddInMemoryCollection([new("Logging:LogLevel:Default", "None")]).Build();
        string[] arguments = ["--urls", "http://127.0.0.1:0", "--data", folder.Path, "--regions", Region, .. databases is null ? [] : (string[])["--database", databases]];
        var options = new SettingSources().Read(arguments, quiet, out var exitCode) ?? throw new InvalidOperationException($"A silo would end with {exitCode}.");
        return new BenchmarkSilo(await SiloHost.StartAsync(options, quiet), folder);
    }

    /// <summary>A file beside the silo's own databases.</summary>
    public string FileBeside(string name) => Path.Combine(_folder.Path, name);

    /// <summary>Uploads a module and gives its hash.</summary>
    public async Task<string> UploadAsync(string file)
    {
        using var content = new ByteArrayContent(await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, file)));
        return (await AnswerAsync(await _http.PutAsync("/v1/modules", content)))!["hash"]!.GetValue<string>();
    }

    /// <summary>The file of the region's database.</summary>
    public string RegionFile => Directory.EnumerateFiles(_folder.Path, $"{Region}*.db", SearchOption.AllDirectories).Single();

    public async Task<JsonNode> GetAsync(string path) => (await AnswerAsync(await _http.GetAsync(path)))!;

    public async Task PostAsync(string path) => await AnswerAsync(await _http.PostAsync(path, content: null));

    public async Task DeleteAsync(string path) => await AnswerAsync(await _http.DeleteAsync(path));

    public async Task PutAsync(string path, JsonObject body) => await AnswerAsync(await _http.PutAsJsonAsync(path, body));

    /// <summary>Runs a statement over HTTP.</summary>
    public async Task<JsonNode> SqlAsync(string verb, string sql, string database = "main")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/databases/{database}/{verb}") { Content = JsonContent.Create(new JsonObject { ["sql"] = sql }) };
        request.Headers.Add("X-Helios-Deadline-Ms", "60000");
        return (await AnswerAsync(await _http.SendAsync(request)))!;
    }

    /// <summary>Calls a function in this process.</summary>
    public async Task CallAsync(string name, FunctionCall call, CancellationToken cancellationToken)
    {
        var result = await _functions.InvokeAsync(Region, name, call, stream: null, cancellationToken);
        if (result.Fault is { } fault)
        {
            throw new InvalidOperationException($"{name} failed: {fault.Code}: {fault.Message}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task<JsonNode?> AnswerAsync(HttpResponseMessage response)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync();
            return response.IsSuccessStatusCode
                ? text.Length == 0 ? null : JsonNode.Parse(text)
                : throw new InvalidOperationException($"{response.RequestMessage!.RequestUri} answered {text}");
        }
    }
}
