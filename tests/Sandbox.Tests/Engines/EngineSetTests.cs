using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Engines.Managed;
using HeliosEdge.Sandbox.Tests.Engines.Compilation;

namespace HeliosEdge.Sandbox.Tests.Engines;

public sealed class EngineSetTests
{
    private readonly ManagedEngine _managed = new();

    [Fact]
    public void Who_names_no_engine_has_the_default_one()
    {
        var scripted = new ScriptedEngine();
        var engines = new EngineSet(_managed, scripted);

        engines.Require(null).ShouldBe(_managed);
        engines.Require("managed").ShouldBe(_managed);
        engines.Require("scripted").ShouldBe(scripted);
    }

    [Fact]
    public void An_engine_that_is_not_allowed_is_refused_with_those_that_are()
    {
        var refused = Should.Throw<SandboxException>(() => new EngineSet(_managed).Require("wasmtime"));

        refused.Code.ShouldBe(ErrorCodes.Forbidden);
        refused.Message.ShouldContain("wasmtime is not allowed here: functions run on managed, ");
    }

    [Fact]
    public void An_engine_that_there_is_not_is_no_matter_of_what_is_allowed()
    {
        var refused = Should.Throw<SandboxException>(() => new EngineSet(_managed).Require("Managed"));

        (refused.Code, refused.Message).ShouldBe((ErrorCodes.InvalidParameter, "engine \"Managed\" is not known; engines are wasmtime, managed."));
    }
}
