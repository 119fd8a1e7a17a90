using System.Text.Json;

namespace HeliosEdge.Benchmarks.Engine;

/// <summary>A benchmark module and the size of the work that one timed call does.</summary>
internal sealed record Kernel(string Name, string Path, int N)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    /// <summary>All kernels beside the program, in the order of kernels.json.</summary>
    public static IReadOnlyList<Kernel> ReadAll()
    {
        string folder = System.IO.Path.Combine(AppContext.BaseDirectory, "kernels");
        string list = System.IO.Path.Combine(folder, "kernels.json");
        Entry[] entries = JsonSerializer.Deserialize<Entry[]>(File.ReadAllText(list), s_json)
            ?? throw new InvalidDataException($"{list} holds no list of kernels.");
        return [.. entries.Select(entry => new Kernel(entry.Name, System.IO.Path.Combine(folder, entry.Name + ".wasm"), entry.N))];
    }

    private sealed record Entry(string Name, int N);
}
