using System.Collections.Immutable;
using HeliosEdge.Grains;
using HeliosEdge.Grains.Regions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Memory;
using HeliosEdge.Sandbox.Security;
using HeliosEdge.Sandbox.Wasi.Files.Bundles;
using HeliosEdge.Settings;
using HeliosEdge.Silo.Http;

namespace HeliosEdge.Silo.Hosting;

/// <summary>The operator's policy as a file in JSON states it; every value checked.</summary>
internal sealed record PolicyFile
{
    /// <summary>Bytes of a policy file.</summary>
    public const int MaxBytes = 64 << 10;

    private const int MostViolations = 1_000_000;

    private static readonly string[] Members = ["defaults", "ceiling", "maxViolations", "allowPrivateNetworks", "bundles", "regions"];
    private static readonly string[] BundleMembers = [.. BundleLimitKind.All.Select(kind => kind.Name)];
    private static readonly string[] RegionMembers = ["ceiling", "capabilities"];

    public SandboxPolicy Policy { get; private init; } = new();

    /// <summary>The refused access that ends an invocation, counted from 1.</summary>
    public int MaxViolations { get; private init; } = EscapeDetector.DefaultMaxViolations;

    /// <summary>Whether guests' requests may reach addresses that are not public.</summary>
    public bool AllowPrivateNetworks { get; private init; }

    /// <summary>Whether the file states the default for the size of modules itself.</summary>
    public bool StatesModuleBytes { get; private init; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="served">The regions that it may name.</param>
    /// <exception cref="InvalidSettingException">It cannot be read or is not accepted; the message names file and member.</exception>
    public static PolicyFile Read(string path, ServedRegions served)
    {
        try
        {
            return Parse(ReadBytes(path), served);
        }
        catch (SandboxException e)
        {
            throw new InvalidSettingException($"--policy {path}: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new InvalidSettingException($"--policy {path} cannot be read: {e.Message}");
        }
    }

    /// <summary>Reads a file's bytes.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>, naming the member.</exception>
    internal static PolicyFile Parse(ReadOnlyMemory<byte> json, ServedRegions served) =>
        JsonMembers.Parse(json, Members, file => Take(file, served), "The policy");

    private static byte[] ReadBytes(string path)
    {
        using var file = File.OpenRead(path);
        var bytes = new byte[MaxBytes + 1];
        var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return length <= MaxBytes
            ? bytes[..length]
            : throw new SandboxException(ErrorCodes.InvalidParameter, $"The policy has more than {MaxBytes} bytes, which is the limit.");
    }

    private static PolicyFile Take(JsonMembers file, ServedRegions served)
    {
        var standard = new SandboxPolicy();
        var ceiling = LimitMembers.Read(file, "ceiling");
        var defaults = LimitMembers.Read(file, "defaults");
        var policy = new SandboxPolicy { Ceiling = Apply(ceiling, "ceiling", standard.Ceiling, most: null) };

        // A ceiling below the usual default is a default, too; one above the usual size of modules raises that.
        var usual = LimitKinds.Lower(standard.Defaults with { MaxModuleBytes = policy.Ceiling.MaxModuleBytes }, policy.Ceiling);
        var violations = file.OptionalInteger("maxViolations") ?? EscapeDetector.DefaultMaxViolations;
        Require(file.Name("maxViolations"), violations, 1, MostViolations);
        return new PolicyFile
        {
            Policy = policy with
            {
                Bundles = file.OptionalObject("bundles", BundleMembers) is { } bundles ? TakeBundles(bundles) : policy.Bundles,
                Defaults = Apply(defaults, "defaults", usual, policy.Ceiling),
                Regions = file.OptionalObjects("regions", RegionMembers).ToImmutableDictionary(
                    region => RequireServed(region.Name, served), region => TakeRegion(region.Members, policy.Ceiling)),
            },
            MaxViolations = (int)violations,
            AllowPrivateNetworks = file.OptionalBoolean("allowPrivateNetworks") ?? false,
            StatesModuleBytes = defaults.Values.ContainsKey("maxModuleBytes"),
        };
    }

    private static BundleLimits TakeBundles(JsonMembers bundles) => BundleLimitKind.All.Aggregate(
        new BundleLimits(),
        (limits, kind) => bundles.OptionalInteger(kind.Name) is { } value ? kind.Set(limits, value, bundles.Name(kind.Name)) : limits);

    private static RegionPolicy TakeRegion(JsonMembers region, ResourceLimits most)
    {
        var ceiling = LimitMembers.Read(region, "ceiling");
        Apply(ceiling, region.Name("ceiling"), most, most);
        var capabilities = CapabilityNames.Every;
        if (region.Has("capabilities"))
        {
            capabilities = region.OptionalStrings("capabilities").Aggregate(Capability.None, (all, name) => all | TakeCapability(region, name));
        }

        return new RegionPolicy { Ceiling = ceiling, Capabilities = capabilities };
    }

    private static Capability TakeCapability(JsonMembers region, string name) => CapabilityNames.TryParse(name, out var capability)
        ? capability
        : throw new SandboxException(
            ErrorCodes.InvalidParameter,
            $"\"{Names.Shorten(name)}\" in {region.Name("capabilities")} is not a capability; capabilities are {string.Join(", ", CapabilityNames.All)}.");

    /// <summary>Puts stated limits over others.</summary>
    private static ResourceLimits Apply(RequestedLimits stated, string member, ResourceLimits limits, ResourceLimits? most)
    {
        foreach (var kind in LimitKinds.All)
        {
            if (stated.Values.TryGetValue(kind.Name, out var value))
            {
                Require($"{member}.{kind.Name}", value, kind.Least, most is null ? kind.Most : kind.Of(most) ?? kind.Most);
                limits = kind.Set(limits, value);
            }
        }

        return limits;
    }

    // A region that is misspelt would go without its policy, and nobody would notice.
    private static string RequireServed(string region, ServedRegions served) => served.Contains(region)
        ? region
        : throw new SandboxException(
            ErrorCodes.InvalidParameter,
            $"regions names \"{Names.Shorten(region)}\", which this silo does not serve; it serves {string.Join(", ", served.Names)}.");

    private static void Require(string what, long value, long least, long most)
    {
        if (value < least || value > most)
        {
            throw new SandboxException(ErrorCodes.InvalidParameter, $"{what} must be from {least} to {most}, not {value}.");
        }
    }
}
