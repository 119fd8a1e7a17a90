using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Engines.Managed;
using HeliosEdge.Wasm;

namespace HeliosEdge.Sandbox.Tests.Engines;

public sealed class ManagedEngineTests
{
    [Fact]
    public void Limits_of_the_compiler_are_kept()
    {
        var refusal = Should.Throw<SandboxException>(() => new ManagedEngine(new ModuleLimits { MaxFunctions = 2 }).Compile(Guests.Bytes("echo")));

        (refusal.Code, refusal.Limit).ShouldBe((ErrorCodes.CompileLimitExceeded, 2));
    }

    [Fact]
    public void The_engine_says_who_it_is()
    {
        IWasmEngine engine = new ManagedEngine();

        engine.Name.ShouldBe("managed");
        Version.TryParse(engine.Version, out _).ShouldBeTrue();
    }
}
