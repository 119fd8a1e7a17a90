using HeliosEdge.Grains.Functions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Grains.Tests.Functions;

public sealed class FunctionRegistrarTests
{
    [Theory]
    [InlineData("")]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData("A")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("ä")]
    [InlineData("a\n")]
    [InlineData("a123456789b123456789c123456789d123456789e123456789f123456789g123")]
    public async Task A_name_that_is_no_label_is_refused(string name) =>
        (await RefusedAsync(name, ErrorCodes.InvalidParameter)).Message.ShouldContain("The function name");

    [Theory]
    [InlineData("a")]
    [InlineData("0")]
    [InlineData("a-b-9")]
    [InlineData("a123456789b123456789c123456789d123456789e123456789f123456789g12")]
    public async Task A_label_is_a_name(string name)
    {
        await using var deployment = await Deployment.StartAsync();

        (await deployment.RegisterAsync(name, "echo")).Name.ShouldBe(name);
    }

    [Fact]
    public async Task Everything_in_a_request_is_checked_and_named()
    {
        await RefusedAsync("f", ErrorCodes.InvalidParameter, request => request with { Module = "abc" }, "module");
        await RefusedAsync("f", ErrorCodes.ModuleNotFound, request => request with { Module = new string('a', 64) }, new string('a', 64));
        await RefusedAsync("f", ErrorCodes.InvalidParameter, request => request with { Abi = "helios-9" }, "helios-9");
        await RefusedAsync("f", ErrorCodes.InvalidParameter, request => request with { Entry = "" }, "entry");
        await RefusedAsync("f", ErrorCodes.InvalidModule, request => request with { Entry = "missing" }, "missing");
        await RefusedAsync("f", ErrorCodes.RegionNotFound, request => request with { Regions = ["eu", "mars"] }, "mars");
        await RefusedAsync("f", ErrorCodes.InvalidParameter, request => request with { Regions = ["EU"] }, "EU");
        await RefusedAsync("f", ErrorCodes.InvalidParameter, request => request with { Regions = ["eu", "eu"] }, "twice");
        await RefusedAsync("f", ErrorCodes.InvalidParameter, request => request with { Limits = RequestedLimits.None.With("timeoutMs", 0) }, "limits.timeoutMs");
    }

    [Fact]
    public async Task A_wasi_command_is_told_from_its_module_and_runs()
    {
        await using var deployment = await Deployment.StartAsync();
        var upper = new FunctionRequest(await deployment.UploadAsync("wasi_upper"), Abi: null, Entry: null, [], RequestedLimits.None);
        var exit = upper with { Module = await deployment.UploadAsync("wasi_exit") };

        var function = (await deployment.Registrar.RegisterAsync("upper", upper)).Function;
        await deployment.Registrar.RegisterAsync("exit", exit);
        var answered = await deployment.InvokeAsync("upper", "hello"u8.ToArray());
        var failed = await deployment.InvokeAsync("exit", "7"u8.ToArray());

        (function.Abi, function.Entry).ShouldBe(("wasi", "_start"));
        answered.Fault.ShouldBeNull();
        answered.Response.ToArray().ShouldBe("HELLO"u8.ToArray());
        failed.Fault.ShouldNotBeNull().Code.ShouldBe(ErrorCodes.GuestExit);
    }

    [Fact]
    public async Task No_regions_means_all_and_limits_not_asked_for_are_the_defaults()
    {
        await using var deployment = await Deployment.StartAsync();

        var function = await deployment.RegisterAsync("f", "echo", limits: RequestedLimits.None.With("timeoutMs", 1_234));

        function.Regions.ShouldBe(["eu", "us"]);
        (function.Limits.TimeoutMs, function.Limits.MemoryMiB).ShouldBe((1_234, 64));
        deployment.Functions.Versions.ShouldHaveSingleItem().Function.IsSameAs(function with { Engine = null }).ShouldBeTrue();
    }

    [Fact]
    public async Task What_is_refused_changes_nothing()
    {
        await using var deployment = await Deployment.StartAsync();
        var function = await deployment.RegisterAsync("f", "echo");

        await Should.ThrowAsync<SandboxException>(deployment.RegisterAsync("f", "imports"));

        deployment.Functions.Versions.ShouldHaveSingleItem().Function.IsSameAs(function with { Engine = null }).ShouldBeTrue();
        (await deployment.InvokeAsync("f", [1])).Response.ToArray().ShouldBe([1]);
    }

    [Fact]
    public async Task A_function_that_is_not_there_can_not_be_deleted()
    {
        await using var deployment = await Deployment.StartAsync();

        (await Should.ThrowAsync<SandboxException>(deployment.Registrar.DeleteAsync("f"))).Code.ShouldBe(ErrorCodes.FunctionNotFound);
    }

    private static async Task<SandboxException> RefusedAsync(
        string name, string code, Func<FunctionRequest, FunctionRequest>? change = null, string named = "")
    {
        await using var deployment = await Deployment.StartAsync();
        var request = new FunctionRequest(await deployment.UploadAsync("echo"), "helios-1", "handle", [], RequestedLimits.None);

        var refused = await Should.ThrowAsync<SandboxException>(deployment.Registrar.RegisterAsync(name, change?.Invoke(request) ?? request));

        refused.Code.ShouldBe(code);
        refused.Message.ShouldContain(named);
        deployment.Functions.Versions.ShouldBeEmpty();
        return refused;
    }
}
