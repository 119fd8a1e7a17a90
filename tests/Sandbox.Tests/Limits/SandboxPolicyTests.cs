using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Sandbox.Tests.Limits;

public sealed class SandboxPolicyTests
{
    private static readonly SandboxPolicy Policy = new();

    [Fact]
    public void What_is_not_requested_is_the_default() => Policy.Resolve(new RequestedLimits()).ShouldBe(new ResourceLimits());

    [Fact]
    public void What_is_requested_within_the_ceiling_is_granted()
    {
        var limits = Policy.Resolve(new RequestedLimits(512, 60_000, 1, 16 << 20));

        limits.MemoryMiB.ShouldBe(512);
        limits.TimeoutMs.ShouldBe(60_000);
        limits.MaxPayloadBytes.ShouldBe(1);
        limits.MaxResponseBytes.ShouldBe(16 << 20);
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(-1L)]
    [InlineData(513L)]
    [InlineData(long.MaxValue)]
    [InlineData(1L << 32)]
    public void What_is_out_of_range_is_refused_with_range_and_value(long memoryMiB)
    {
        var refused = Should.Throw<SandboxException>(() => Policy.Resolve(new RequestedLimits(MemoryMiB: memoryMiB)));

        refused.Code.ShouldBe(ErrorCodes.InvalidParameter);
        refused.Message.ShouldBe($"limits.memoryMiB must be from 1 to 512, not {memoryMiB}.");
        (refused.Limit, refused.Value).ShouldBe((512, memoryMiB));
    }

    [Fact]
    public void Every_limit_is_checked()
    {
        Names(new RequestedLimits(TimeoutMs: 60_001)).ShouldContain("limits.timeoutMs");
        Names(new RequestedLimits(MaxPayloadBytes: (16 << 20) + 1)).ShouldContain("limits.maxPayloadBytes");
        Names(new RequestedLimits(MaxResponseBytes: 0)).ShouldContain("limits.maxResponseBytes");

        static string Names(RequestedLimits requested) => Should.Throw<SandboxException>(() => Policy.Resolve(requested)).Message;
    }

    [Fact]
    public void A_ceiling_below_what_was_granted_lowers_it()
    {
        var strict = Policy with { Ceiling = Policy.Ceiling with { MemoryMiB = 32, TimeoutMs = 100 } };

        strict.Clamp(new ResourceLimits()).ShouldBe(new ResourceLimits { MemoryMiB = 32, TimeoutMs = 100 });
    }

    [Fact]
    public void A_policy_that_makes_no_sense_is_refused()
    {
        Policy.Validate();
        Refused(Policy with { Ceiling = Policy.Ceiling with { MemoryMiB = 4_097 } }).ShouldContain("ceiling memoryMiB");
        Refused(Policy with { Ceiling = Policy.Ceiling with { MemoryMiB = 32 } }).ShouldContain("default memoryMiB");
        Refused(Policy with { Defaults = Policy.Defaults with { TimeoutMs = 0 } }).ShouldContain("default timeoutMs");
        Refused(Policy with { MaxModuleBytes = 0 }).ShouldContain("maxModuleBytes");

        static string Refused(SandboxPolicy policy) => Should.Throw<SandboxException>(policy.Validate).Message;
    }
}
