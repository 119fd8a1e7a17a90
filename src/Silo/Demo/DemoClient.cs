using System.Text;
using System.Text.Json.Nodes;
using HeliosEdge.Federation;
using HeliosEdge.Settings;

namespace HeliosEdge.Silo.Demo;

/// <summary>What the demonstration asks the silo for, over HTTP as anybody would.</summary>
internal sealed class DemoClient(Uri address) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = address };

    public void Dispose() => _http.Dispose();

    /// <summary>The address of a path, for somebody to try.</summary>
    public string Url(string path) => new Uri(address, path).AbsoluteUri;

    /// <summary>The bytes of a file that is beside the program.</summary>
    /// <exception cref="SiloStartException">It cannot be read.</exception>
    public static async Task<byte[]> ReadSampleAsync(string name)
    {
        var file = Path.Combine(AppContext.BaseDirectory, "samples", name);
        try
        {
            return await File.ReadAllBytesAsync(file);
        }
        catch (IOException e)
        {
            throw new SiloStartException($"The sample {file} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Uploads the module of a sample and gives its hash.</summary>
    public async Task<string> UploadAsync(string sample)
    {
        using var content = new ByteArrayContent(await ReadSampleAsync($"{sample}.wasm"));
        using var answer = await _http.PutAsync("/v1/modules", content);
        return JsonNode.Parse(await SucceedAsync(answer))!["hash"]!.GetValue<string>();
    }

    public async Task PutAsync(string path, JsonObject body)
    {
        using var answer = await _http.PutAsJsonAsync(path, body);
        await SucceedAsync(answer);
    }

    public async Task PostAsync(string path, JsonNode body)
    {
        using var answer = await _http.PostAsJsonAsync(path, body);
        await SucceedAsync(answer);
    }

    public async Task<JsonNode> GetAsync(string path)
    {
        using var answer = await _http.GetAsync(path);
        return JsonNode.Parse(await SucceedAsync(answer))!;
    }

    /// <summary>Calls a function and gives its answer and the microseconds in the guest.</summary>
    public async Task<(byte[] Body, string Microseconds)> CallAsync(string path, byte[] payload)
    {
        using var content = new ByteArrayContent(payload);
        using var answer = await _http.PostAsync(path, content);
        return (await SucceedAsync(answer), answer.Headers.GetValues(HeliosHeaders.Duration).Single());
    }

    private static async Task<byte[]> SucceedAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsByteArrayAsync();
        return response.IsSuccessStatusCode
            ? body
            : throw new SiloStartException(
                $"{response.RequestMessage!.Method} {response.RequestMessage.RequestUri} failed: {Encoding.UTF8.GetString(body)}");
    }
}
