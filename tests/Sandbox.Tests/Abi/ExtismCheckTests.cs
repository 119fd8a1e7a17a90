using HeliosEdge.Sandbox.Abi;
using HeliosEdge.Sandbox.Abi.Extism;
using HeliosEdge.Sandbox.Security;
using HeliosEdge.Sandbox.Tests.Extism;

namespace HeliosEdge.Sandbox.Tests.Abi;

public sealed class ExtismCheckTests
{
    private static readonly ExtismAbi Abi = new();

    [Fact]
    public void A_plugin_is_detected_by_its_imports_even_when_it_imports_WASI()
    {
        foreach (var guest in new[] { "extism_echo", "extism_kernel", "extism_services", "extism_reactor" })
        {
            using var module = Guests.Compile(guest);
            GuestAbis.Detect(module).Name.ShouldBe("extism");
        }

        GuestAbis.TryFind("extism", out var abi).ShouldBeTrue();
        abi.ShouldBeOfType<ExtismAbi>();
    }

    [Fact]
    public void The_only_entry_is_the_default_and_several_must_be_chosen_from()
    {
        using var echo = Guests.Compile("extism_echo");
        using var reactor = Guests.Compile("extism_reactor");
        using var command = Guests.Compile("wasi_upper");
        using var handler = Guests.Compile("echo");

        Abi.DefaultEntryOf(echo).ShouldBe("echo");
        var refused = Should.Throw<SandboxException>(() => Abi.DefaultEntryOf(reactor));
        refused.Code.ShouldBe(ErrorCodes.InvalidParameter);
        refused.Message.ShouldContain("3 functions that could be it, greet, leave, environment");
        Abi.DefaultEntryOf(command).ShouldBe("_start");
        Abi.DefaultEntryOf(handler).ShouldBe("handle");
    }

    [Fact]
    public void The_memory_needs_no_capability()
    {
        using var module = Guests.Compile("extism_kernel");

        Abi.CheckModule(module, "blocks", Plugin.Limits, SecurityProfile.Minimal);
        Abi.CheckModule(module, "no_result", Plugin.Limits, SecurityProfile.Minimal);
        using var reactor = Guests.Compile("extism_reactor");
        Should.Throw<SandboxException>(() => Abi.CheckModule(reactor, "greet", Plugin.Limits, SecurityProfile.Minimal))
            .Message.ShouldContain("wasi_snapshot_preview1.environ_get needs env");
    }

    [Fact]
    public void Imports_that_the_profile_does_not_grant_are_refused_and_all_of_them_named()
    {
        using var module = Guests.Compile("extism_services");

        var refused = Should.Throw<SandboxException>(() => Abi.CheckModule(module, "config", Plugin.Limits, SecurityProfile.Resolve("compute", [])));
        refused.Code.ShouldBe(ErrorCodes.CapabilityDenied);
        refused.Message.ShouldContain("extism:host/env.var_get needs kv.read");
        refused.Message.ShouldContain("extism:host/env.var_set needs kv.write");
        refused.Message.ShouldContain("extism:host/env.http_request needs http.outbound");
        refused.Message.ShouldNotContain("config_get");
        refused.Message.ShouldNotContain("log_info");
        Should.Throw<SandboxException>(() => Abi.CheckModule(module, "config", Plugin.Limits, SecurityProfile.Minimal)).Message.ShouldContain("config_get needs env");
        Abi.CheckModule(module, "config", Plugin.Limits, SecurityProfile.Resolve("compute", ["kv.read", "kv.write", "http.outbound"]));
    }

    [Fact]
    public void Everything_that_does_not_fit_is_named_at_once()
    {
        using var echo = Guests.Compile("echo");
        using var imports = Guests.Compile("imports");
        using var large = Guests.Compile("large");

        Should.Throw<SandboxException>(() => Abi.CheckModule(echo, "handle", Plugin.Limits))
            .Message.ShouldContain("\"handle\" is (i32, i32) -> (i64), not () -> (i32) or () -> ()");
        var refused = Should.Throw<SandboxException>(() => Abi.CheckModule(imports, "main", Plugin.Limits));
        refused.Code.ShouldBe(ErrorCodes.InvalidModule);
        refused.Message.ShouldContain("extism does not offer all that the module imports; it wants env.now () -> (i64), env.limit global i32");
        refused.Message.ShouldContain("no function \"main\" () -> (i32)");
    }
}
