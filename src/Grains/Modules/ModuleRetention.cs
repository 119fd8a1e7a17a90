namespace HeliosEdge.Grains.Modules;

/// <summary>How long modules are kept that no version of a function names.</summary>
public sealed record ModuleRetention
{
    /// <summary>Time from when a module was uploaded, the last time.</summary>
    public TimeSpan Unnamed { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How often somebody looks.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromHours(1);
}
