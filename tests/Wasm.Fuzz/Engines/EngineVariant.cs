namespace HeliosEdge.Wasm.Fuzz.Engines;

/// <summary>A way in which our engine is run.</summary>
internal sealed record EngineVariant(string Name, bool MeterFuel, IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>All there are; the first three are what a session takes if it is not told.</summary>
    public static IReadOnlyList<EngineVariant> All { get; } =
    [
        new("plain", false, new Dictionary<string, string>()),
        new("metered", true, new Dictionary<string, string>()),
        new("noavx", false, new Dictionary<string, string> { ["DOTNET_EnableAVX"] = "0" }),
        new("noavx2", false, new Dictionary<string, string> { ["DOTNET_EnableAVX2"] = "0" }),
        new("noavx-metered", true, new Dictionary<string, string> { ["DOTNET_EnableAVX"] = "0" }),
    ];

    public static EngineVariant Named(string name) => All.First(variant => variant.Name == name);
}
