using System.Collections.Immutable;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Security;

namespace HeliosEdge.Sandbox.Tests.Limits;

public sealed class SandboxPolicyTests
{
    private static readonly SandboxPolicy Policy = new();

    private static readonly SandboxPolicy Regional = Policy with
    {
        Regions = ImmutableDictionary<string, RegionPolicy>.Empty.Add("strict", new RegionPolicy
        {
            Ceiling = Ask("memoryMiB", 32).With("fuel", 1_000),
            Capabilities = Capability.Log | Capability.Clock,
        }),
    };

    public static TheoryData<string> Limits => new(LimitKinds.Names);

    [Fact]
    public void What_is_not_requested_is_the_default() => Policy.Resolve(RequestedLimits.None).ShouldBe(new ResourceLimits());

    [Theory]
    [MemberData(nameof(Limits))]
    public void What_is_requested_within_the_ceiling_is_granted(string name)
    {
        var kind = LimitKinds.All.Single(kind => kind.Name == name);
        var most = kind.Of(Policy.Ceiling) ?? kind.Most;

        kind.Of(Policy.Resolve(Ask(name, kind.Least))).ShouldBe(kind.Least);
        kind.Of(Policy.Resolve(Ask(name, most))).ShouldBe(most);
    }

    [Theory]
    [MemberData(nameof(Limits))]
    public void What_is_out_of_range_is_refused_with_range_and_value(string name)
    {
        var kind = LimitKinds.All.Single(kind => kind.Name == name);
        var most = kind.Of(Policy.Ceiling) ?? kind.Most;
        foreach (var value in new[] { long.MinValue, -1, kind.Least - 1, most == long.MaxValue ? 0 : most + 1 })
        {
            var refused = Should.Throw<SandboxException>(() => Policy.Resolve(Ask(name, value)));

            refused.Code.ShouldBe(ErrorCodes.InvalidParameter);
            refused.Message.ShouldBe($"limits.{name} must be from {kind.Least} to {most}, not {value}.");
            refused.Value.ShouldBe(value);
        }
    }

    [Fact]
    public void A_ceiling_below_what_was_granted_lowers_it()
    {
        var strict = Policy with { Ceiling = Policy.Ceiling with { MemoryMiB = 32, TimeoutMs = 100 } };

        strict.Clamp(new ResourceLimits(), "eu").ShouldBe(new ResourceLimits { MemoryMiB = 32, TimeoutMs = 100 });
    }

    [Fact]
    public void A_regions_own_ceiling_is_checked_and_named()
    {
        var refused = Should.Throw<SandboxException>(() => Regional.Resolve(Ask("memoryMiB", 33), "eu", "strict"));

        refused.Message.ShouldBe("limits.memoryMiB must be from 1 to 32 in strict, not 33.");
        (refused.Limit, refused.Value).ShouldBe((32, 33));
        Regional.Resolve(Ask("memoryMiB", 33), "eu").MemoryMiB.ShouldBe(33);
        Regional.Resolve(Ask("memoryMiB", 32), "eu", "strict").MemoryMiB.ShouldBe(32);
    }

    [Fact]
    public void A_default_above_a_regions_ceiling_is_lowered_there_and_only_there()
    {
        var limits = Regional.Resolve(RequestedLimits.None, "eu", "strict");

        (limits.MemoryMiB, limits.Fuel).ShouldBe((64, null));
        Regional.Clamp(limits, "strict").ShouldBe(limits with { MemoryMiB = 32, Fuel = 1_000 });
        Regional.Clamp(limits, "eu").ShouldBe(limits);
    }

    [Fact]
    public void A_region_may_allow_fewer_capabilities()
    {
        var refused = Should.Throw<SandboxException>(() => Regional.CheckProfile(SecurityProfile.Resolve("compute", ["kv.read"]), "eu", "strict"));

        refused.Code.ShouldBe(ErrorCodes.CapabilityDenied);
        refused.Message.ShouldEndWith("strict does not allow env, kv.read, random.");
        Should.NotThrow(() => Regional.CheckProfile(SecurityProfile.Resolve("minimal", ["log"]), "eu", "strict"));
    }

    [Fact]
    public void A_policy_that_makes_no_sense_is_refused()
    {
        Policy.Validate();
        Regional.Validate();
        Refused(Policy with { Ceiling = Policy.Ceiling with { MemoryMiB = 4_097 } }).ShouldContain("ceiling memoryMiB");
        Refused(Policy with { Ceiling = Policy.Ceiling with { MemoryMiB = 32 } }).ShouldContain("default memoryMiB");
        Refused(Policy with { Defaults = Policy.Defaults with { TimeoutMs = 0 } }).ShouldContain("default timeoutMs");
        Refused(Policy with { Regions = Policy.Regions.Add("eu", new RegionPolicy { Ceiling = Ask("timeoutMs", 60_001) }) })
            .ShouldContain("ceiling timeoutMs of eu must be from 1 to 60000, not 60001");

        static string Refused(SandboxPolicy policy) => Should.Throw<SandboxException>(policy.Validate).Message;
    }

    private static RequestedLimits Ask(string name, long value) => RequestedLimits.None.With(name, value);
}
