using System.Collections.Immutable;

namespace HeliosEdge.Sandbox.Security;

/// <summary>The capabilities of a function: those of a preset, and what its registration adds.</summary>
public sealed record SecurityProfile
{
    private static readonly SecurityProfile[] Presets =
    [
        new("minimal", Capability.None),
        new("compute", Capability.Log | Capability.Clock | Capability.Random | Capability.Env),
        new("database_only", Capability.Log | Capability.DbQuery | Capability.DbExecute),
        new(
            "edge",
            Capability.Log | Capability.Clock | Capability.Random | Capability.Env | Capability.KvRead | Capability.KvWrite
            | Capability.DbQuery | Capability.DbExecute | Capability.HttpOutbound | Capability.FsRead),
    ];

    private const Capability Waiting =
        Capability.KvRead | Capability.KvWrite | Capability.DbQuery | Capability.DbExecute | Capability.HttpOutbound;

    private SecurityProfile(string name, Capability capabilities)
    {
        Name = name;
        Capabilities = capabilities;
    }

    /// <summary>The profile of a registration that states none: it may compute, no more.</summary>
    public static SecurityProfile Minimal => Presets[0];

    /// <summary>The names of the presets.</summary>
    public static ImmutableArray<string> PresetNames { get; } = [.. Presets.Select(preset => preset.Name)];

    /// <summary>The preset's name.</summary>
    public string Name { get; }

    /// <summary>What is granted, the preset's and what was added.</summary>
    public Capability Capabilities { get; private init; }

    /// <summary>The profile that a registration asks for.</summary>
    /// <param name="preset">A preset's name; null for <c>minimal</c>.</param>
    /// <param name="added">The names of capabilities to grant beyond the preset's.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>: there is no such preset or capability.</exception>
    public static SecurityProfile Resolve(string? preset, IEnumerable<string> added)
    {
        var found = preset is null ? Minimal : Array.Find(Presets, candidate => candidate.Name == preset);
        if (found is null)
        {
            throw new SandboxException(
                ErrorCodes.InvalidParameter, $"profile must be one of {string.Join(", ", PresetNames)}, not \"{Shorten(preset!)}\".");
        }

        var capabilities = found.Capabilities;
        foreach (var name in added)
        {
            capabilities |= CapabilityNames.TryParse(name, out var capability)
                ? capability
                : throw new SandboxException(
                    ErrorCodes.InvalidParameter,
                    $"capabilities names \"{Shorten(name)}\", which is none; there are {string.Join(", ", CapabilityNames.All)}.");
        }

        return found with { Capabilities = capabilities };
    }

    /// <summary>This profile, without what is not among <paramref name="allowed"/>.</summary>
    public SecurityProfile Within(Capability allowed) => this with { Capabilities = Capabilities & allowed };

    /// <summary>Whether a guest may call what waits for something outside of the process, or for a disk.</summary>
    public bool MayWait => (Capabilities & Waiting) != 0;

    /// <summary>True if all of <paramref name="capabilities"/> are granted.</summary>
    public bool Grants(Capability capabilities) => (Capabilities & capabilities) == capabilities;

    private static string Shorten(string text) => text.Length <= 64 ? text : $"{text[..64]}…";
}
