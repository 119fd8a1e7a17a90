using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Engines.Managed;

namespace HeliosEdge.Sandbox.Tests.Engines.Wasmtime;

/// <summary>What is new in WebAssembly 3.0 runs on libwasmtime within the same limits, and is refused by its name on the managed engine.</summary>
public sealed class WebAssembly3GuestTests
{
    private const long Page = 65_536;

    private static readonly InstanceLimits Ample = new(8 * Page, 1_000, TimeSpan.FromSeconds(30));

    public static TheoryData<string> Features => [.. WebAssembly3Guests.ByFeature.Keys];

    [WasmtimeTheory]
    [MemberData(nameof(Features))]
    public void Libwasmtime_takes_it(string feature)
    {
        using var module = Libwasmtime.Engine.Compile(WebAssembly3Guests.ByFeature[feature]);

        module.Exports.ShouldBe([new ModuleExport("handle", ExternalKind.Function, "(i32, i32) -> (i64)")]);
    }

    [Theory]
    [MemberData(nameof(Features))]
    public void The_managed_engine_refuses_it_by_its_name(string feature)
    {
        var refusal = Should.Throw<SandboxException>(() => new ManagedEngine().Compile(WebAssembly3Guests.ByFeature[feature]));

        refusal.Code.ShouldBe(ErrorCodes.InvalidModule);
        refusal.Message.ShouldContain(feature);
    }

    [WasmtimeFact]
    public void Constants_may_be_sums()
    {
        using var module = Libwasmtime.Engine.Compile(WebAssembly3Guests.ByFeature["extended constant expressions"]);
        using var instance = module.Instantiate(Ample);

        instance.Call("handle", 0, 0).ShouldBe(42);
    }

    [WasmtimeFact]
    public void An_exception_that_nobody_catches_is_a_trap()
    {
        using var module = Libwasmtime.Engine.Compile(WebAssembly3Guests.Throwing);
        using var instance = module.Instantiate(Ample);

        var trap = Should.Throw<GuestTrapException>(() => instance.Call("handle", 0, 0));

        (trap.Trap, trap.Message).ShouldBe((GuestTrap.Fault, "uncaught exception"));
        trap.Backtrace.ShouldBe(["handle"]);
    }

    [WasmtimeFact]
    public void Objects_count_as_memory()
    {
        using var module = Libwasmtime.Engine.Compile(WebAssembly3Guests.Chain);
        using var instance = module.Instantiate(Ample);

        Should.Throw<GuestTrapException>(() => instance.Call("handle", 0, 0)).Trap.ShouldBe(GuestTrap.Fault);
        instance.MemoryGrowthRefused.ShouldBeTrue();
    }

    [WasmtimeFact]
    public void Two_memories_share_the_limit()
    {
        using var module = Libwasmtime.Engine.Compile(WebAssembly3Guests.TwoMemories);
        using var instance = module.Instantiate(Ample);

        instance.Call("handle", 3, 0).ShouldBe(1);
        instance.MemoryGrowthRefused.ShouldBeFalse();
        instance.Call("handle", 1, 0).ShouldBe(-1);
        instance.MemoryGrowthRefused.ShouldBeTrue();
        Should.Throw<SandboxException>(() => module.Instantiate(Ample with { MaxMemoryBytes = Page })).Code.ShouldBe(ErrorCodes.MemoryLimitExceeded);
    }

    [WasmtimeFact]
    public void A_growth_of_64_bit_memory_that_the_limit_refuses_is_told_from_one_that_the_module_forbids()
    {
        using var module = Libwasmtime.Engine.Compile(WebAssembly3Guests.Memory64);
        using var forbidden = module.Instantiate(Ample);
        using var refused = module.Instantiate(Ample with { MaxMemoryBytes = 2 * Page });

        forbidden.Call("handle", 8, 0).ShouldBe(-1);
        forbidden.Call("handle", -1, 0).ShouldBe(-1);
        forbidden.MemoryGrowthRefused.ShouldBeFalse();
        refused.Call("handle", 2, 0).ShouldBe(-1);
        refused.MemoryGrowthRefused.ShouldBeTrue();
    }

    [WasmtimeTheory]
    [InlineData("threads", new byte[] { 5, 4, 1, 3, 1, 1 })]
    [InlineData("custom page sizes", new byte[] { 5, 4, 1, 8, 1, 0 })]
    public void What_is_beyond_it_is_refused_by_its_name(string feature, byte[] section)
    {
        var refusal = Should.Throw<SandboxException>(() => Libwasmtime.Engine.Compile([.. "\0asm\u0001\0\0\0"u8, .. section]));

        refusal.Code.ShouldBe(ErrorCodes.InvalidModule);
        refusal.Message.ShouldContain(feature);
        refusal.Offset.ShouldNotBeNull();
    }
}
