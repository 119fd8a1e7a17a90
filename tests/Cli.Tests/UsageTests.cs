using Shouldly;
using Xunit;

namespace HeliosEdge.Cli.Tests;

/// <summary>A wrong command line is one line on stderr, exit code 2, and nothing on stdout.</summary>
[Trait("Category", "Process")]
public sealed class UsageTests
{
    public static readonly TheoryData<string[], string> WrongCommandLines = new()
    {
        { [], "Required command" },
        { ["lanuch"], "'lanuch' is no command" },
        { ["deploy", "greet"], "deploy" },
        { ["deploy", "greet", "x.wasm", "--memory-mib", "0"], "--memory-mib" },
        { ["deploy", "greet", "x.wasm", "--memory-mib", "many"], "many" },
        { ["deploy", "greet", "x.wasm", "--timeout-ms", "-5"], "--timeout-ms" },
        { ["deploy", "greet", "x.wasm", "--limit", "memoryMib=5"], "--limit: 'memoryMib' is no limit; limits are memoryMiB, tableElements," },
        { ["deploy", "greet", "x.wasm", "--limit", "fuel=-1"], "--limit: fuel: '-1' is not a whole number from 1 to 9223372036854775807." },
        { ["deploy", "greet", "x.wasm", "--limit", "stackKiB=2147483648"], "--limit: stackKiB: '2147483648' is not a whole number from 1 to 2147483647." },
        { ["deploy", "greet", "x.wasm", "--limit", "fuel"], "--limit: 'fuel' is not of the form NAME=N." },
        { ["deploy", "greet", "x.wasm", "--limit", "fuel=1", "--limit", "fuel=2"], "--limit: 'fuel' is given twice." },
        { ["deploy", "greet", "x.wasm", "--env", "=1"], "--env: '=1' is not of the form NAME=VALUE." },
        { ["deploy", "greet", "x.wasm", "--env", "A=1", "--env", "A=2"], "--env: 'A' is given twice." },
        { ["deploy", "greet", "x.wasm", "--config", "key"], "--config: 'key' is not of the form KEY=VALUE." },
        { ["describe"], "describe" },
        { ["deploy", "..", "x.wasm"], "'..' is not the name of a function" },
        { ["invoke"], "invoke" },
        { ["invoke", "greet", "--data"], "--data" },
        { ["functions", "--region", ".."], "'..' is not the name of a region" },
        { ["regions", "--url", "ftp://example.org"], "ftp://example.org" },
        { ["regions", "--url", "localhost"], "localhost" },
        { ["regions", "extra"], "extra" },
        { ["regions", "--url", "http://127.0.0.1:1", "--url", "http://127.0.0.1:2"], "--url" },
        { ["run"], "run" },
        { ["run", "x.wasm", "--fuel", "99999999999999999999"], "from 0 to 9223372036854775807" },
        { ["run", "x.wasm", "--fuel", "-1"], "--fuel" },
        { ["run", "x.wasm", "--timeout-ms", "0"], "--timeout-ms" },
    };

    [Theory]
    [MemberData(nameof(WrongCommandLines))]
    public async Task AWrongCommandLineIsOneLineThatNamesTheMistake(string[] arguments, string mistake)
    {
        var outcome = await Helios.RunAsync(arguments);

        outcome.ExitCode.ShouldBe(2);
        outcome.Output.ShouldBeEmpty();
        var line = outcome.ErrorLines.ShouldHaveSingleItem();
        line.ShouldStartWith("error: usage: ");
        line.ShouldContain(mistake);
        line.ShouldContain("--help'");
    }

    [Fact]
    public async Task AWrongAddressInTheEnvironmentIsNamedAsComingFromThere()
    {
        var outcome = await Helios.RunAsync(
            new Helios.Settings { Environment = { ["HELIOS_URL"] = "nonsense" } }, "regions");

        outcome.ExitCode.ShouldBe(2);
        outcome.ErrorLines.ShouldHaveSingleItem().ShouldContain("HELIOS_URL: 'nonsense'");
    }

    [Theory]
    [InlineData("run", "no-such.wasm")]
    [InlineData("deploy", "greet", "no-such.wasm")]
    [InlineData("invoke", "greet", "--data", "@no-such.wasm")]
    public async Task AMissingFileIsNamed(params string[] arguments)
    {
        var outcome = await Helios.RunAsync(arguments);

        outcome.ExitCode.ShouldBe(2);
        outcome.ErrorLines.ShouldHaveSingleItem().ShouldBe("error: file_not_found: There is no file 'no-such.wasm'.");
    }

    [Fact]
    public async Task OneLimitGivenInTwoWaysIsRefusedBeforeAnythingIsSent()
    {
        var outcome = await Helios.RunAsync(
            "deploy", "greet", Helios.Guest("values.wasm"), "--memory-mib", "5", "--limit", "memoryMiB=6", "--url", "http://127.0.0.1:1");

        outcome.ExitCode.ShouldBe(2);
        outcome.ErrorLines.ShouldHaveSingleItem()
            .ShouldBe("error: usage: --limit memoryMiB and --memory-mib are the same limit; it is given twice.");
    }

    [Fact]
    public async Task ADirectoryIsNoModule()
    {
        var outcome = await Helios.RunAsync("run", Path.GetTempPath());

        outcome.ExitCode.ShouldBe(2);
        outcome.ErrorLines.ShouldHaveSingleItem().ShouldStartWith("error: file_unreadable: ");
    }
}
