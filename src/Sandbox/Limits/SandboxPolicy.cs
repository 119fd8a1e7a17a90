using System.Collections.Immutable;
using HeliosEdge.Sandbox.Security;
using HeliosEdge.Sandbox.Wasi.Files.Bundles;

namespace HeliosEdge.Sandbox.Limits;

/// <summary>What the operator lets guests have: the limits of a function that asks for none, the most that one may ask for, and what is different in single regions.</summary>
public sealed record SandboxPolicy
{
    /// <summary>The limits of a function whose registration states none.</summary>
    public ResourceLimits Defaults { get; init; } = new();

    /// <summary>
    /// The most that a registration may ask for; by default <see cref="LimitKind.Ceiling"/> of each. A ceiling for fuel makes every function's
    /// instructions count.
    /// </summary>
    public ResourceLimits Ceiling { get; init; } = LimitKinds.All.Aggregate(new ResourceLimits(), (limits, kind) => kind.Set(limits, kind.Ceiling));

    /// <summary>What is different in single regions, by the region's name.</summary>
    public ImmutableDictionary<string, RegionPolicy> Regions { get; init; } = ImmutableDictionary<string, RegionPolicy>.Empty;

    /// <summary>
    /// The regions whose functions may use SQL; null for all. Where several silos share their state, a region's SQL database is still a file of one of them.
    /// </summary>
    public ImmutableHashSet<string>? SqlRegions { get; init; }

    /// <summary>What a bundle of files may be at most, in all regions.</summary>
    public BundleLimits Bundles { get; init; } = new();

    /// <summary>Size of an uploaded module in bytes.</summary>
    public int MaxModuleBytes => Ceiling.MaxModuleBytes;

    private const string WithoutSql = " (its silos share their state, but for SQL databases, which would be one of each silo; a region that has one silo may be named in --sql-regions)";

    /// <summary>Checks the policy itself.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>: a value is out of range, or a default is above its ceiling.</exception>
    public void Validate()
    {
        foreach (var kind in BundleLimitKind.All)
        {
            kind.Check(kind.Of(Bundles), $"bundles.{kind.Name}");
        }

        foreach (var kind in LimitKinds.All)
        {
            kind.Check($"ceiling {kind.Name}", kind.Of(Ceiling), null);
            kind.Check($"default {kind.Name}", kind.Of(Defaults), kind.Of(Ceiling));
            foreach (var (region, policy) in Regions)
            {
                kind.Check($"ceiling {kind.Name} of {region}", policy.Ceiling.Of(kind), kind.Of(Ceiling));
            }
        }
    }

    /// <summary>The most that a function may ask for in a region.</summary>
    public ResourceLimits CeilingOf(string region)
    {
        var ceiling = Ceiling;
        if (Regions.TryGetValue(region, out var policy))
        {
            foreach (var kind in LimitKinds.All)
            {
                ceiling = policy.Ceiling.Of(kind) is { } value ? kind.Set(ceiling, value) : ceiling;
            }
        }

        return ceiling;
    }

    /// <summary>
    /// Fills what a registration leaves open from <see cref="Defaults"/> and refuses what is above the ceiling of one of its regions.
    /// A default above a region's ceiling is no mistake of the registration's: <see cref="Clamp"/> lowers it there.
    /// </summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>, naming the limit, its range, the region and the value.</exception>
    public ResourceLimits Resolve(RequestedLimits requested, params IEnumerable<string> regions)
    {
        var limits = Defaults;
        foreach (var kind in LimitKinds.All)
        {
            if (requested.Of(kind) is not { } value)
            {
                continue;
            }

            var name = $"limits.{kind.Name}";
            kind.Check(name, value, kind.Of(Ceiling));
            foreach (var region in regions)
            {
                kind.Check(name, value, kind.Of(CeilingOf(region)), $" in {region}");
            }

            limits = kind.Set(limits, value);
        }

        return limits;
    }

    /// <summary>
    /// What holds in a region for limits that were accepted, perhaps under an earlier and more generous policy: none above the region's ceiling.
    /// </summary>
    public ResourceLimits Clamp(ResourceLimits limits, string region) => LimitKinds.Lower(limits, CeilingOf(region));

    /// <summary>Refuses a profile that a region does not allow.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.CapabilityDenied"/>, listing regions and capabilities.</exception>
    public void CheckProfile(SecurityProfile profile, params IEnumerable<string> regions)
    {
        var denied = new List<string>();
        foreach (var region in regions)
        {
            var missing = (profile.Capabilities & ~CapabilitiesOf(region))
                | profile.Databases.Values.Aggregate(Capability.None, (all, granted) => all | granted) & ~CapabilitiesOnDatabases(region);
            if (missing != Capability.None)
            {
                denied.Add($"{region} does not allow {string.Join(", ", CapabilityNames.Of(missing))}{(OffersSql(region) || (missing & CapabilityNames.Sql) == Capability.None ? "" : WithoutSql)}");
            }
        }

        if (denied.Count > 0)
        {
            throw new SandboxException(
                ErrorCodes.CapabilityDenied, $"The function asks for what the policy does not allow: {string.Join("; ", denied)}.");
        }
    }

    /// <summary>The capabilities that functions may have in a region.</summary>
    public Capability CapabilitiesOf(string region) => CapabilitiesOnDatabases(region) & (OffersSql(region) ? CapabilityNames.Every : ~CapabilityNames.Sql);

    /// <summary>The same on databases other than <c>main</c>, which silos can share.</summary>
    public Capability CapabilitiesOnDatabases(string region) => Regions.TryGetValue(region, out var policy) ? policy.Capabilities : CapabilityNames.Every;

    /// <summary>A profile without what a region does not allow.</summary>
    public SecurityProfile Within(SecurityProfile profile, string region) => profile.Within(CapabilitiesOf(region), CapabilitiesOnDatabases(region));

    /// <summary>Refuses a function with a capability for SQL, which was registered while the region offered that.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.CapabilityDenied"/>.</exception>
    public void CheckSql(SecurityProfile profile, string region)
    {
        if (!OffersSql(region) && (profile.Capabilities & CapabilityNames.Sql) != Capability.None)
        {
            CheckProfile(profile, region);
        }
    }

    /// <summary>Why a region does not have the database <c>main</c>, in brackets and for the end of a sentence; null where it has.</summary>
    public string? WhyNoSql(string region) => OffersSql(region) ? null : WithoutSql;

    private bool OffersSql(string region) => SqlRegions?.Contains(region) != false;
}
