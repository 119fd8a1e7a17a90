using System.Security.Cryptography;
using System.Text.Json;
using Shouldly;
using Xunit;

namespace HeliosEdge.Cli.Tests;

/// <summary>The executable against a real silo that runs real guests.</summary>
[Trait("Category", "Process")]
public sealed class SiloTests(SharedSilo silo) : IClassFixture<SharedSilo>
{
    [Fact]
    public async Task ADeployedFunctionIsInvokedAndListed()
    {
        var deployed = await HeliosAsync("deploy", "greet", SharedSilo.Sample("greet"));
        var invoked = await HeliosAsync("invoke", "greet", "--data", "Ada");
        var functions = await HeliosAsync("functions");

        deployed.Error.ShouldBeEmpty();
        deployed.ExitCode.ShouldBe(0);
        deployed.Lines[0].ShouldStartWith("Deployed greet to ");
        deployed.Text.ShouldContain(HashOf(SharedSilo.Sample("greet")));
        deployed.Text.ShouldContain($"POST {silo.Address}v1/functions/greet/invoke");
        invoked.Error.ShouldBeEmpty();
        invoked.ExitCode.ShouldBe(0);
        invoked.Text.ShouldContain("Ada");
        functions.ExitCode.ShouldBe(0);
        functions.Lines[0].ShouldMatch(@"^NAME +MODULE +ENTRY +PROFILE +REGIONS +MEMORY +TIMEOUT$");
        functions.Lines.ShouldContain(l => l.StartsWith("greet ", StringComparison.Ordinal) && l.Contains("64 MiB", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AQueuedCallIsShownAndCancelledByItsId()
    {
        await HeliosAsync("deploy", "queued", SharedSilo.Sample("greet"));

        var queued = await HeliosAsync("invoke", "queued", "--data", "Ada", "--async", "--idempotency-key", "k1");
        var repeated = await HeliosAsync("invoke", "queued", "--data", "Ada", "--async", "--idempotency-key", "k1", "--json");
        var id = queued.Lines[0];
        var status = await HeliosAsync("status", id, "--wait");
        var cancelled = await HeliosAsync("cancel", id, "--json");

        queued.Error.ShouldBeEmpty();
        using var json = JsonDocument.Parse(repeated.Output);
        json.RootElement.GetProperty("id").GetString().ShouldBe(id);
        status.Lines[0].ShouldMatch("^ID +FUNCTION +REGION +STATE +ATTEMPT +ACCEPTED +FAULT$");
        status.Text.ShouldContain("succeeded");
        status.Text.ShouldContain("Ada");
        using var ended = JsonDocument.Parse(cancelled.Output);
        ended.RootElement.GetProperty("state").GetString().ShouldBe("succeeded");
        (await HeliosAsync("status", Guid.NewGuid().ToString())).ExitCode.ShouldBe(1);
        (await HeliosAsync("status", "x")).ExitCode.ShouldBe(2);
    }

    [Fact]
    public async Task DeadCallsAreListedAndQueuedAgain()
    {
        await HeliosAsync("deploy", "dying", SharedSilo.Guest("crash"), "--max-attempts", "1");
        var id = (await HeliosAsync("invoke", "dying", "--async")).Lines[0];
        await HeliosAsync("status", id, "--wait");

        var dead = await HeliosAsync("dead", "--function", "dying");
        var retried = await HeliosAsync("dead", "--function", "dying", "--retry", "--json");

        dead.Text.ShouldContain(id);
        dead.Text.ShouldContain("trap");
        using var json = JsonDocument.Parse(retried.Output);
        json.RootElement[0].GetProperty("id").GetString().ShouldBe(id);
    }

    [Fact]
    public async Task AFanOutShowsEveryRegion()
    {
        await HeliosAsync("deploy", "wide", SharedSilo.Sample("greet"));

        var shown = await HeliosAsync("fanout", "wide", "--data", "Ada");
        var lines = await HeliosAsync("fanout", "wide", "--data", "Ada", "--region", "eu-west", "--json");
        var queued = await HeliosAsync("fanout", "wide", "--async");
        var status = await HeliosAsync("status", queued.Lines[0], "--wait", "--json");

        shown.Error.ShouldBeEmpty();
        shown.ExitCode.ShouldBe(0);
        foreach (var region in new[] { "eu-west", "us-east", "ap-south" })
        {
            shown.Lines.ShouldContain(line => line.StartsWith(region, StringComparison.Ordinal) && line.Contains("Ada", StringComparison.Ordinal));
        }

        using var line = JsonDocument.Parse(lines.Lines.ShouldHaveSingleItem());
        line.RootElement.GetProperty("region").GetString().ShouldBe("eu-west");
        using var fanOut = JsonDocument.Parse(status.Output);
        fanOut.RootElement.GetProperty("regions").GetArrayLength().ShouldBe(3);
        (await HeliosAsync("fanout", "wide", "--mode", "quorum")).ExitCode.ShouldBe(2);
    }

    [Fact]
    public async Task VersionsAreListedRolledBackAndWeighted()
    {
        await HeliosAsync("deploy", "steps", SharedSilo.Sample("greet"));
        var second = await HeliosAsync("deploy", "steps", SharedSilo.Sample("greet"), "--timeout-ms", "1234");
        var back = await HeliosAsync("rollback", "steps");
        var divided = await HeliosAsync("traffic", "steps", "1=90", "2=10", "--json");
        var versions = await HeliosAsync("versions", "steps");
        var described = await HeliosAsync("describe", "steps");
        var none = await HeliosAsync("rollback", "steps", "--to", "3");
        var wrong = await HeliosAsync("traffic", "steps", "1=much");

        second.Text.ShouldContain("version 2");
        (back.ExitCode, back.Text.Trim()).ShouldBe((0, "steps: version 1: 100 %"));
        using var json = JsonDocument.Parse(divided.Output);
        json.RootElement.GetProperty("traffic").GetProperty("1").GetInt32().ShouldBe(90);
        versions.Lines[0].ShouldMatch("^VERSION +WEIGHT +MADE +MODULE +ENTRY +REGIONS$");
        versions.Lines[1].ShouldMatch("^2 +10 ");
        versions.Lines[2].ShouldMatch("^1 +90 ");
        described.Text.ShouldContain("version 1: 90 %, version 2: 10 %");
        none.ExitCode.ShouldBe(1);
        none.Error.ShouldContain("version_not_found");
        wrong.ExitCode.ShouldBe(2);
        wrong.Error.ShouldContain("'1=much' is not of the form VERSION=WEIGHT");
    }

    [Fact]
    public async Task OptionsOfDeployReachTheRegistration()
    {
        var deployed = await HeliosAsync(
            "deploy", "tuned", SharedSilo.Guest("liar"), "--region", "us-east", "--region", "eu-west",
            "--entry", "last", "--memory-mib", "7", "--timeout-ms", "123", "--json");

        deployed.Error.ShouldBeEmpty();
        deployed.ExitCode.ShouldBe(0);
        using var json = JsonDocument.Parse(deployed.Output);
        var function = json.RootElement.GetProperty("function");
        function.GetProperty("name").GetString().ShouldBe("tuned");
        function.GetProperty("entry").GetString().ShouldBe("last");
        function.GetProperty("regions").EnumerateArray().Select(r => r.GetString()).ShouldBe(["eu-west", "us-east"], ignoreOrder: true);
        function.GetProperty("limits").GetProperty("memoryMiB").GetInt32().ShouldBe(7);
        function.GetProperty("limits").GetProperty("timeoutMs").GetInt32().ShouldBe(123);
        json.RootElement.GetProperty("module").GetProperty("hash").GetString().ShouldBe(HashOf(SharedSilo.Guest("liar")));
        json.RootElement.GetProperty("invokeUrl").GetString().ShouldBe($"{silo.Address}v1/functions/tuned/invoke");
        (await HeliosAsync("invoke", "tuned", "--region", "eu-west")).Output.ShouldBe([42]);
    }

    [Fact]
    public async Task TheEngineIsThatOfTheOptionIfTheOperatorAllowsIt()
    {
        var deployed = await HeliosAsync("deploy", "engined", SharedSilo.Sample("greet"), "--engine", "wasmtime");
        var forbidden = await HeliosAsync("deploy", "engined", SharedSilo.Sample("greet"), "--engine", "managed");
        var unknown = await HeliosAsync("deploy", "engined", SharedSilo.Sample("greet"), "--engine", "v8");

        deployed.Error.ShouldBeEmpty();
        deployed.Lines.ShouldContain("  engine  wasmtime");
        (forbidden.ExitCode, unknown.ExitCode).ShouldBe((1, 1));
        forbidden.ErrorLines.ShouldHaveSingleItem().ShouldStartWith("error: forbidden: The engine managed is not allowed here: functions run on wasmtime");
        unknown.ErrorLines.ShouldHaveSingleItem().ShouldStartWith("error: invalid_parameter: engine \"v8\" is not known");
        (await HeliosAsync("describe", "engined")).Lines.ShouldContain("engine        wasmtime");
    }

    [Fact]
    public async Task ADirectoryIsDeployedAsABundleThatTheFunctionReads()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "pages", "more"));
        folder.Write("pages/index.html", "hello"u8);
        string[] deploy =
        [
            "deploy", "reader", SharedSilo.Guest("wasi_bundle"), "--bundle", $"{folder.Path}::/site", "--capability", "fs.read",
            "--arg", "/site/pages/index.html", "--arg", "/site/pages", "--json",
        ];

        var first = await HeliosAsync(deploy);
        File.SetLastWriteTimeUtc(Path.Combine(folder.Path, "pages", "index.html"), DateTime.UnixEpoch.AddYears(40));
        var second = await HeliosAsync(deploy);
        var invoked = await HeliosAsync("invoke", "reader");

        first.Error.ShouldBeEmpty();
        HashIn(first).ShouldBe(HashIn(second), "the same files are the same bundle");
        invoked.Text.ShouldStartWith("open: done\n5 hello\n");
        invoked.Text.ShouldContain("./ ../ index.html more/ ");

        static string? HashIn(Helios.Outcome outcome)
        {
            using var json = JsonDocument.Parse(outcome.Output);
            return json.RootElement.GetProperty("function").GetProperty("bundles").GetProperty("/site").GetString();
        }
    }

    [Fact]
    public async Task ABundleThatCanNotBePackedChangesNothing()
    {
        using var folder = new TemporaryFolder();
        File.CreateSymbolicLink(Path.Combine(folder.Path, "link"), "/etc/passwd");

        var linked = await HeliosAsync("deploy", "unpacked", SharedSilo.Guest("wasi_bundle"), "--bundle", $"{folder.Path}::/site");
        var missing = await HeliosAsync("deploy", "unpacked", SharedSilo.Guest("wasi_bundle"), "--bundle", $"{folder.Path}/none::/site");
        var malformed = await HeliosAsync("deploy", "unpacked", SharedSilo.Guest("wasi_bundle"), "--bundle", folder.Path);

        (linked.ExitCode, missing.ExitCode, malformed.ExitCode).ShouldBe((2, 2, 2));
        linked.Error.ShouldContain("is a link");
        missing.Error.ShouldContain("There is no directory");
        malformed.Error.ShouldContain("DIR::GUEST");
        (await HeliosAsync("invoke", "unpacked")).Error.ShouldContain("function_not_found");
    }

    [Fact]
    public async Task EverySettingIsDeployedAndDescribed()
    {
        await DeployAsync(
            "whole", SharedSilo.Sample("echo"), "--region", "eu-west", "--profile", "compute", "--capability", "kv.read", "--capability", "kv.write",
            "--limit", "maxInstances=7", "--limit", "fuel=5000000000", "--timeout-ms", "1234", "--env", "A=1=2", "--env", "B=",
            "--arg=-v", "--arg", "file", "--config", "k=ü", "--allow-host", "api.example.com");

        var described = await HeliosAsync("describe", "whole");
        var json = await HeliosAsync("describe", "whole", "--json");

        described.Error.ShouldBeEmpty();
        described.ExitCode.ShouldBe(0);
        string[] lines =
        [
            "name          whole", "abi           helios-1", "entry         handle", "regions       eu-west", "profile       compute",
            "engine        wasmtime", "capabilities  clock, env, kv.read, kv.write, log, random", "  memoryMiB           64", "  maxInstances        7", "  timeoutMs           1234",
            "  fuel                5000000000", "  A  1=2", "  B", "  0  -v", "  1  file", "  k  ü", "  api.example.com",
        ];
        foreach (var line in lines)
        {
            described.Lines.ShouldContain(line);
        }

        described.Lines.ShouldNotContain("bundles");
        using var document = JsonDocument.Parse(json.Output);
        document.RootElement.GetProperty("env").GetProperty("A").GetString().ShouldBe("1=2");
        document.RootElement.GetProperty("limits").EnumerateObject().Select(limit => limit.Name)
            .ShouldBe(described.Lines.SkipWhile(line => line != "limits").Skip(1).TakeWhile(line => line.StartsWith("  ", StringComparison.Ordinal)).Select(line => line.Split(' ', 4)[2]), ignoreOrder: true);
        (await HeliosAsync("functions")).Lines.ShouldContain(l => l.StartsWith("whole ", StringComparison.Ordinal) && l.Contains(" compute ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ThePayloadIsTheTextOrTheFileOrStandardInput()
    {
        await DeployAsync("echo-data", SharedSilo.Sample("echo"));
        using var folder = new TemporaryFolder();
        var bytes = RandomNumberGenerator.GetBytes(100_000);
        var file = folder.Write("payload.bin", bytes);

        (await HeliosAsync("invoke", "echo-data", "--data", "grüße, 世界")).Text.ShouldBe("grüße, 世界");
        (await HeliosAsync("invoke", "echo-data", "--data", "@" + file)).Output.ShouldBe(bytes);
        (await HeliosAsync(new Helios.Settings { Input = bytes }, "invoke", "echo-data", "--data", "-")).Output.ShouldBe(bytes);
        (await HeliosAsync(new Helios.Settings { KeepInputOpen = true }, "invoke", "echo-data")).Output.ShouldBeEmpty();
        (await HeliosAsync("invoke", "echo-data", "--data", "")).Output.ShouldBeEmpty();
    }

    [Fact]
    public async Task RegionsAreListedWithTheirFunctions()
    {
        await DeployAsync("one-region", SharedSilo.Sample("echo"), "--region", "ap-south");

        var table = await HeliosAsync("regions");
        var json = await HeliosAsync("regions", "--json");

        table.ExitCode.ShouldBe(0);
        table.Lines.Length.ShouldBe(4);
        table.Lines[0].ShouldMatch(@"^REGION +FUNCTIONS +STATE +LATENCY +LAST CONTACT$");
        table.Lines[1].ShouldMatch(@"^eu-west +\d+ +local +- +-$");
        using var document = JsonDocument.Parse(json.Output);
        document.RootElement.EnumerateArray().Select(r => r.GetProperty("name").GetString()).ShouldBe(["eu-west", "us-east", "ap-south"]);
        document.RootElement[2].GetProperty("functions").GetInt32().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task FunctionsAreListedByRegion()
    {
        await DeployAsync("only-us", SharedSilo.Sample("echo"), "--region", "us-east");

        var there = await HeliosAsync("functions", "--region", "us-east", "--json");
        var elsewhere = await HeliosAsync("functions", "--region", "ap-south", "--json");

        NamesIn(there).ShouldContain("only-us");
        NamesIn(elsewhere).ShouldNotContain("only-us");
    }

    [Fact]
    public async Task TheAddressAlsoComesFromTheEnvironment()
    {
        var outcome = await Helios.RunAsync(
            new Helios.Settings { Environment = { ["HELIOS_URL"] = silo.Address.ToString() } }, "regions");

        outcome.Error.ShouldBeEmpty();
        outcome.ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task RefusalsOfTheSiloAreOneLineWithTheirCode()
    {
        await DeployAsync("echo-refusals", SharedSilo.Sample("echo"));
        await DeployAsync("trapping", SharedSilo.Sample("trap"));
        await DeployAsync("corrupt", SharedSilo.Guest("liar"), "--entry", "wrap");
        using var folder = new TemporaryFolder();
        var text = folder.Write("text.wasm", "not wasm at all"u8);
        (string Code, string[] Arguments)[] cases =
        [
            ("function_not_found", ["invoke", "nosuch"]),
            ("region_not_found", ["invoke", "echo-refusals", "--region", "mars-1"]),
            ("region_not_found", ["functions", "--region", "mars-1"]),
            ("region_not_found", ["deploy", "x", SharedSilo.Sample("echo"), "--region", "mars-1"]),
            ("invalid_module", ["deploy", "x", text]),
            ("invalid_module", ["deploy", "x", SharedSilo.Guest("misfit")]),
            ("invalid_parameter", ["deploy", "Bad Name", SharedSilo.Sample("echo")]),
            ("invalid_parameter", ["deploy", "x", SharedSilo.Sample("echo"), "--profile", "root"]),
            ("invalid_parameter", ["deploy", "x", SharedSilo.Sample("echo"), "--limit", "memoryMiB=4096"]),
            ("capability_denied", ["deploy", "x", SharedSilo.Guest("host_functions"), "--entry", "clock"]),
            ("function_not_found", ["describe", "nosuch"]),
            ("trap", ["invoke", "trapping"]),
            ("corrupted_response", ["invoke", "corrupt"]),
        ];

        foreach (var (code, arguments) in cases)
        {
            var outcome = await HeliosAsync(arguments);

            outcome.ExitCode.ShouldBe(1, string.Join(' ', arguments));
            outcome.Output.ShouldBeEmpty();
            outcome.ErrorLines.ShouldHaveSingleItem().ShouldStartWith($"error: {code}: ");
        }
    }

    [Fact]
    public async Task ADeploymentReplacesTheOneBefore()
    {
        await DeployAsync("replaced", SharedSilo.Sample("echo"));
        (await HeliosAsync("invoke", "replaced", "--data", "abc")).Text.ShouldBe("abc");

        await DeployAsync("replaced", SharedSilo.Sample("checksum"));

        (await HeliosAsync("invoke", "replaced", "--data", "abc")).Text
            .ShouldContain("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    private static string HashOf(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));

    private static string[] NamesIn(Helios.Outcome outcome)
    {
        outcome.Error.ShouldBeEmpty();
        using var document = JsonDocument.Parse(outcome.Output);
        return [.. document.RootElement.EnumerateArray().Select(f => f.GetProperty("name").GetString()!)];
    }

    [TerminalFact]
    public async Task OnATerminalUploadsAndFanOutsShowHowFarTheyAre()
    {
        var deployed = await Helios.RunOnTerminalAsync("deploy", "shown", SharedSilo.Sample("greet"), "--url", silo.Address.ToString());
        var json = await Helios.RunOnTerminalAsync("deploy", "shown", SharedSilo.Sample("greet"), "--json", "--url", silo.Address.ToString());
        var asked = await Helios.RunOnTerminalAsync("fanout", "shown", "--data", "Ada", "--url", silo.Address.ToString());
        var piped = await HeliosAsync("deploy", "shown", SharedSilo.Sample("greet"));

        deployed.ExitCode.ShouldBe(0, deployed.Text);
        deployed.Text.ShouldContain("Uploading module");
        deployed.Text.ShouldContain("100%");
        deployed.Text.ShouldContain("Deployed shown to ");
        json.ExitCode.ShouldBe(0, json.Text);
        json.Text.ShouldNotContain("Uploading");
        JsonDocument.Parse(json.Text[json.Text.IndexOf('{')..(json.Text.LastIndexOf('}') + 1)]).Dispose();

        asked.ExitCode.ShouldBe(0, asked.Text);
        asked.Text.ShouldContain("0 of 3 answered, waiting for ap-south, eu-west, us-east");
        asked.Text.ShouldContain("2 of 3 answered, waiting for ");
        (piped.Error, piped.Text.Contains("Uploading", StringComparison.Ordinal)).ShouldBe(("", false));
    }

    private Task<Helios.Outcome> HeliosAsync(params string[] arguments) => HeliosAsync(new Helios.Settings(), arguments);

    private Task<Helios.Outcome> HeliosAsync(Helios.Settings settings, params string[] arguments) =>
        Helios.RunAsync(settings, [.. arguments, "--url", silo.Address.ToString()]);

    private async Task DeployAsync(string name, string file, params string[] options)
    {
        var outcome = await HeliosAsync(["deploy", name, file, .. options]);
        outcome.Error.ShouldBeEmpty();
        outcome.ExitCode.ShouldBe(0);
    }
}
