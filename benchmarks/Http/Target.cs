namespace HeliosEdge.Benchmarks.Http;

/// <summary>Something that answers a POST with its body.</summary>
/// <param name="Name">What it is called in the table.</param>
/// <param name="Url">Where.</param>
/// <param name="Script">The script of wrk, in the folder <c>wrk</c>.</param>
/// <param name="Arguments">What the script is given.</param>
internal sealed record Target(string Name, Uri Url, string Script, params string[] Arguments);
