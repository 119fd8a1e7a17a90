using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Grains.Tests.Functions;

public sealed class VersionTests
{
    [Fact]
    public async Task What_is_registered_again_unchanged_is_no_new_version()
    {
        await using var deployment = await Deployment.StartAsync();

        (await deployment.RegisterAsync("f", "echo")).Version.ShouldBe(1);
        (await deployment.RegisterAsync("f", "echo")).Version.ShouldBe(1);
        (await deployment.RegisterAsync("f", "echo", limits: RequestedLimits.None.With("timeoutMs", 7))).Version.ShouldBe(2);
        (await deployment.RegisterAsync("f", "echo", limits: RequestedLimits.None.With("timeoutMs", 7))).Version.ShouldBe(2);
        (await deployment.RegisterAsync("f", "echo")).Version.ShouldBe(3);
        deployment.Functions.Versions.Count().ShouldBe(3);
    }

    [Fact]
    public async Task Every_part_of_a_registration_makes_a_version()
    {
        await using var deployment = await Deployment.StartAsync();
        var request = new FunctionRequest(await deployment.UploadAsync("echo"), "helios-1", "handle", [], RequestedLimits.None);
        FunctionRequest[] changes =
        [
            request with { Module = await deployment.UploadAsync("counter") },
            request with { Regions = ["eu"] },
            request with { Limits = RequestedLimits.None.With("memoryMiB", 3) },
            request with { Profile = "compute" },
            request with { Capabilities = ["log"] },
            request with { Env = new Dictionary<string, string> { ["A"] = "1" } },
            request with { Env = new Dictionary<string, string> { ["A"] = "2" } },
            request with { Args = ["a"] },
            request with { Config = new Dictionary<string, string> { ["A"] = "1" } },
            request with { AllowedHosts = ["example.com"] },
        ];

        var version = 0;
        foreach (var change in changes.Prepend(request))
        {
            version++;
            (await deployment.Registrar.RegisterAsync("f", change)).Function.Version.ShouldBe(version);
            (await deployment.Registrar.RegisterAsync("f", change)).Function.Version.ShouldBe(version);
        }
    }

    [Fact]
    public async Task A_rollback_is_in_force_once_it_is_acknowledged()
    {
        await using var deployment = await Deployment.StartAsync();
        await deployment.RegisterAsync("f", "echo");
        await deployment.RegisterAsync("f", "counter");
        await deployment.RegisterAsync("f", "echo", limits: RequestedLimits.None.With("timeoutMs", 1_000));
        (await deployment.InvokeAsync("f", [9])).Version.ShouldBe(3);

        var back = await deployment.Registrar.RollbackAsync("f", version: null);
        var result = await deployment.InvokeAsync("f", [9]);

        (back.Version, back.Traffic!.ShouldHaveSingleItem().Key).ShouldBe((2, 2));
        (result.Version, result.Response.Length).ShouldBe((2, 2));
        (await deployment.Registrar.RollbackAsync("f", version: null)).Version.ShouldBe(1);
        (await deployment.InvokeAsync("f", [9])).Version.ShouldBe(1);
        (await Should.ThrowAsync<SandboxException>(deployment.Registrar.RollbackAsync("f", version: null))).Code.ShouldBe(ErrorCodes.VersionNotFound);
        (await deployment.Registrar.RollbackAsync("f", version: 3)).Version.ShouldBe(3);
        (await Should.ThrowAsync<SandboxException>(deployment.Registrar.RollbackAsync("f", version: 4))).Code.ShouldBe(ErrorCodes.VersionNotFound);
        (await Should.ThrowAsync<SandboxException>(deployment.Registrar.RollbackAsync("g", version: 1))).Code.ShouldBe(ErrorCodes.FunctionNotFound);
        (await deployment.InvokeAsync("f", [9])).Version.ShouldBe(3);
    }

    [Fact]
    public async Task Calls_are_divided_by_weight()
    {
        await using var deployment = await Deployment.StartAsync();
        await deployment.RegisterAsync("f", "echo");
        await deployment.RegisterAsync("f", "counter");
        await deployment.RegisterAsync("f", "echo", regions: ["us"]);

        await deployment.Registrar.SetTrafficAsync("f", new Dictionary<int, int> { [1] = 3, [2] = 1, [3] = 0 });
        var counts = new int[4];
        for (var i = 0; i < 400; i++)
        {
            var result = await deployment.InvokeAsync("f", [7]);
            result.Response.Length.ShouldBe(result.Version);
            counts[result.Version]++;
        }

        // Off by more than this once in many millions of runs.
        counts[1].ShouldBeInRange(240, 360);
        (counts[1] + counts[2]).ShouldBe(400);

        await deployment.Registrar.SetTrafficAsync("f", new Dictionary<int, int> { [1] = 1, [3] = 1_000_000 });
        (await deployment.InvokeAsync("f", [7], "eu")).Version.ShouldBe(1);
    }

    [Theory]
    [InlineData("no version", ErrorCodes.InvalidParameter)]
    [InlineData("zero", ErrorCodes.InvalidParameter)]
    [InlineData("negative", ErrorCodes.InvalidParameter)]
    [InlineData("huge", ErrorCodes.InvalidParameter)]
    [InlineData("many", ErrorCodes.InvalidParameter)]
    [InlineData("absent", ErrorCodes.VersionNotFound)]
    public async Task Weights_that_make_no_sense_are_refused_and_change_nothing(string what, string code)
    {
        await using var deployment = await Deployment.StartAsync();
        await deployment.RegisterAsync("f", "echo");
        var weights = what switch
        {
            "zero" => new() { [1] = 0 },
            "negative" => new() { [1] = 5, [2] = -1 },
            "huge" => new() { [1] = 1_000_001 },
            "many" => Enumerable.Range(1, 11).ToDictionary(i => i, _ => 1),
            "absent" => new() { [1] = 1, [2] = 1 },
            _ => new Dictionary<int, int>(),
        };

        (await Should.ThrowAsync<SandboxException>(deployment.Registrar.SetTrafficAsync("f", weights))).Code.ShouldBe(code);

        (await deployment.InvokeAsync("f", [7])).Version.ShouldBe(1);
    }

    [Fact]
    public async Task A_version_that_does_not_load_gets_no_calls()
    {
        await using var deployment = await Deployment.StartAsync(idleAge: Deployment.ShortestIdleAge);
        var first = await deployment.RegisterAsync("f", "counter");
        await deployment.RegisterAsync("f", "echo");
        await Eventually.HoldsAsync("the modules to go", () => deployment.Cache.Count == 0);
        deployment.Modules.Stored.TryRemove(first.Module, out _);

        (await Should.ThrowAsync<SandboxException>(deployment.Registrar.RollbackAsync("f", 1))).Code.ShouldBe(ErrorCodes.ModuleNotFound);

        (await deployment.InvokeAsync("f", [7])).Version.ShouldBe(2);
    }

    [Fact]
    public async Task While_a_function_is_switched_200_callers_see_whole_versions_only()
    {
        await using var deployment = await Deployment.StartAsync();
        var echo = (await deployment.RegisterAsync("f", "echo")).Module;
        var counter = (await deployment.RegisterAsync("f", "counter")).Module;
        using var done = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 200).Select(_ => Task.Run(async () =>
        {
            do
            {
                var result = await deployment.InvokeAsync("f", [7, 7, 7]);
                result.Fault.ShouldBeNull();
                (result.Version, result.Module, Convert.ToHexString(result.Response.Span)).ShouldBeOneOf((1, echo, "070707"), (2, counter, "0101"));
            }
            while (!done.IsCancellationRequested);
        })).ToArray();

        for (var i = 0; i < 15; i++)
        {
            var version = (await deployment.Registrar.RollbackAsync("f", 1 + (i % 2))).Version;
            (await deployment.InvokeAsync("f", [7])).Version.ShouldBe(version);
            await deployment.Registrar.SetTrafficAsync("f", new Dictionary<int, int> { [1] = 1, [2] = 1 });
        }

        await done.CancelAsync();
        await Task.WhenAll(callers);
    }

    [Fact]
    public async Task Functions_are_listed_in_pages_that_follow_each_other()
    {
        await using var deployment = await Deployment.StartAsync();
        foreach (var name in (string[])["b2", "a", "b1", "c", "b3", "b"])
        {
            await deployment.RegisterAsync(name, "echo", regions: name == "b2" ? ["us"] : []);
        }

        await deployment.Registrar.DeleteAsync("c");
        List(new FunctionQuery()).ShouldBe((["a", "b", "b1", "b2", "b3"], null));
        List(new FunctionQuery { Limit = 2 }).ShouldBe((["a", "b"], "b"));
        List(new FunctionQuery { Limit = 3, After = "b" }).ShouldBe((["b1", "b2", "b3"], null));
        List(new FunctionQuery { Limit = 2, After = "b0" }).ShouldBe((["b1", "b2"], "b2"));
        List(new FunctionQuery { Prefix = "b", Limit = 3 }).ShouldBe((["b", "b1", "b2"], "b2"));
        List(new FunctionQuery { Prefix = "b", After = "a" }).ShouldBe((["b", "b1", "b2", "b3"], null));
        List(new FunctionQuery { Prefix = "b", After = "c" }).ShouldBe(([], null));
        List(new FunctionQuery { Prefix = "x" }).ShouldBe(([], null));
        List(new FunctionQuery { Prefix = "b", Limit = 2, After = "b" }, "eu").ShouldBe((["b1", "b3"], null));

        Listed List(FunctionQuery query, string? region = null)
        {
            var page = deployment.Catalog.List(query, region);
            return new([.. page.Functions.Select(function => function.Name)], page.Next);
        }
    }

    private sealed record Listed(string[] Names, string? Next)
    {
        public void ShouldBe((string[] Names, string? Next) expected)
        {
            Names.ShouldBe(expected.Names);
            Next.ShouldBe(expected.Next);
        }
    }
}
