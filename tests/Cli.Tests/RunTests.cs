using System.Text.Json;
using Shouldly;
using Xunit;

namespace HeliosEdge.Cli.Tests;

[Trait("Category", "Process")]
public sealed class RunTests
{
    [Theory]
    [InlineData("i32", "4294967295", "-1")]
    [InlineData("i32", "0x80000000", "-2147483648")]
    [InlineData("i32", "-1", "-1")]
    [InlineData("i64", "0xfedcba9876543210", "-81985529216486896")]
    [InlineData("f32", "0.1", "0.1")]
    [InlineData("f32", "-inf", "-inf")]
    [InlineData("f32", "nan:0x200001", "nan:0x200001")]
    [InlineData("f64", "6.02214076e23", "6.02214076E+23")]
    [InlineData("f64", "-0", "-0")]
    [InlineData("f64", "-nan:0xdeadbeef", "-nan:0xdeadbeef")]
    [InlineData("v128", "0x000102030405060708090a0b0c0d0e0f", "0x000102030405060708090a0b0c0d0e0f")]
    [InlineData("lane0", "0x000102030405060708090a0b0c0d0e0f", "15")]
    [InlineData("externref", "null", "null")]
    [InlineData("is_negative", "2147483648", "1")]
    public async Task AnArgumentReachesTheGuestAndItsResultIsPrinted(string export, string argument, string result)
    {
        var outcome = await Helios.RunAsync("run", Helios.Guest("values.wasm"), "--invoke", export, argument);

        outcome.Error.ShouldBeEmpty();
        outcome.ExitCode.ShouldBe(0);
        outcome.Text.ShouldBe(result + Environment.NewLine);
    }

    [Fact]
    public async Task SeveralResultsComeOneALine()
    {
        var outcome = await Helios.RunAsync("run", Helios.Guest("values.wasm"), "--invoke", "swap", "7", "2.5");

        outcome.ExitCode.ShouldBe(0);
        outcome.Lines.ShouldBe(["2.5", "7"]);
    }

    [Fact]
    public async Task ResultsComeAsJson()
    {
        var swapped = await Helios.RunAsync("run", Helios.Guest("values.wasm"), "--json", "--invoke", "swap", "7", "2.5");
        var none = await Helios.RunAsync("run", Helios.Guest("values.wasm"), "--json", "--invoke", "nothing");

        using var values = JsonDocument.Parse(swapped.Output);
        values.RootElement.EnumerateArray().Select(value => (value.GetProperty("type").GetString(), value.GetProperty("value").GetString()))
            .ShouldBe([("f64", "2.5"), ("i32", "7")]);
        JsonDocument.Parse(none.Output).RootElement.GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task AFunctionWithoutResultsPrintsNothing()
    {
        var outcome = await Helios.RunAsync("run", Helios.Guest("values.wasm"), "--invoke", "nothing");

        outcome.ExitCode.ShouldBe(0);
        outcome.Output.ShouldBeEmpty();
        outcome.Error.ShouldBeEmpty();
    }

    [Fact]
    public async Task AFunctionReferenceIsPrintedAsOne()
    {
        var outcome = await Helios.RunAsync("run", Helios.Guest("values.wasm"), "--invoke", "funcref");

        outcome.Lines.ShouldBe(["funcref"]);
    }

    [Fact]
    public async Task WithoutInvokeTheStartExportRuns()
    {
        (await Helios.RunAsync("run", Helios.Guest("command.wasm"))).ExitCode.ShouldBe(0);

        var aborted = await Helios.RunAsync("run", Helios.Guest("abort.wasm"));

        aborted.ExitCode.ShouldBe(134);
        aborted.ErrorLines.ShouldBe(["trap: unreachable", "  at _start"]);
    }

    [Fact]
    public async Task WithoutInvokeAndStartTheExportsAreListed()
    {
        var outcome = await Helios.RunAsync("run", Helios.Guest("values.wasm"));

        outcome.ExitCode.ShouldBe(2);
        var line = outcome.ErrorLines.ShouldHaveSingleItem();
        line.ShouldStartWith("error: usage: The module exports no _start");
        line.ShouldContain("swap (i32, f64) -> (f64, i32)");
        line.ShouldNotContain("memory", Case.Sensitive, "a memory cannot be called");
    }

    [Theory]
    [InlineData("nosuch", "exports no function 'nosuch'")]
    [InlineData("memory", "exports no function 'memory'")]
    public async Task AnExportThatIsNoFunctionIsNamed(string export, string message)
    {
        var outcome = await Helios.RunAsync("run", Helios.Guest("values.wasm"), "--invoke", export);

        outcome.ExitCode.ShouldBe(2);
        outcome.ErrorLines.ShouldHaveSingleItem().ShouldContain(message);
    }

    [Fact]
    public async Task ArgumentsThatDoNotFitAreCountedAndTyped()
    {
        var tooFew = await Helios.RunAsync("run", Helios.Guest("values.wasm"), "--invoke", "swap", "7");
        var wrong = await Helios.RunAsync("run", Helios.Guest("values.wasm"), "--invoke", "swap", "7", "half");
        var withoutInvoke = await Helios.RunAsync("run", Helios.Guest("command.wasm"), "7");

        tooFew.ExitCode.ShouldBe(2);
        tooFew.ErrorLines.ShouldHaveSingleItem().ShouldContain("(i32, f64) -> (f64, i32) and takes 2 arguments, not 1");
        wrong.ExitCode.ShouldBe(2);
        wrong.ErrorLines.ShouldHaveSingleItem().ShouldContain("Argument 2 of 'swap': 'half' is no f64");
        withoutInvoke.ExitCode.ShouldBe(2);
        withoutInvoke.ErrorLines.ShouldHaveSingleItem().ShouldContain("--invoke");
    }

    [Fact]
    public async Task ATrapPrintsItsMessageAndTheGuestsCalls()
    {
        var outcome = await Helios.RunAsync("run", Helios.Guest("faults.wasm"), "--invoke", "divide", "1", "0");

        outcome.ExitCode.ShouldBe(134);
        outcome.Output.ShouldBeEmpty();
        outcome.ErrorLines.ShouldBe(["trap: integer divide by zero", "  at divide", "  at middle", "  at outer"]);
    }

    [Fact]
    public async Task AModuleThatACompilerMadeRuns()
    {
        var fibonacci = await Helios.RunAsync("run", SharedSilo.Sample("add"), "--invoke", "fib", "20");
        var trap = await Helios.RunAsync("run", SharedSilo.Sample("trap"), "--invoke", "handle", "0", "0");

        fibonacci.Error.ShouldBeEmpty();
        fibonacci.Lines.ShouldBe(["6765"]);
        trap.ExitCode.ShouldBe(134);
        trap.ErrorLines.ShouldBe(
            ["trap: out of bounds memory access", "  at load_price", "  at find_item", "  at parse_order", "  at handle"]);
    }

    [Theory]
    [InlineData("load", "0xfffffffc", "trap: out of bounds memory access")]
    [InlineData("recurse", "0", "trap: call stack exhausted")]
    public async Task AGuestThatMisbehavesTrapsAndTheProcessSurvivesToSaySo(string export, string argument, string message)
    {
        var outcome = await Helios.RunAsync("run", Helios.Guest("faults.wasm"), "--invoke", export, argument);

        outcome.ExitCode.ShouldBe(134);
        outcome.ErrorLines[0].ShouldBe(message);
        outcome.ErrorLines.Length.ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task AnEndlessLoopEndsAtItsDeadline()
    {
        var outcome = await Helios.RunAsync("run", Helios.Guest("faults.wasm"), "--invoke", "spin", "--timeout-ms", "50");

        outcome.ExitCode.ShouldBe(134);
        outcome.ErrorLines.ShouldBe(["trap: interrupted", "  at spin"]);
    }

    [Fact]
    public async Task AnEndlessLoopEndsWithItsFuel()
    {
        var outcome = await Helios.RunAsync("run", Helios.Guest("faults.wasm"), "--invoke", "spin", "--fuel", "10000");

        outcome.ExitCode.ShouldBe(134);
        outcome.ErrorLines.ShouldBe(["trap: out of fuel", "  at spin"]);
    }

    [Fact]
    public async Task EnoughFuelChangesNothing()
    {
        var outcome = await Helios.RunAsync("run", Helios.Guest("command.wasm"), "--invoke", "answer", "--fuel", "10000");

        outcome.Error.ShouldBeEmpty();
        outcome.Lines.ShouldBe(["42"]);
    }

    [Fact]
    public async Task AWasiCommandHasStreamsArgumentsAndVariablesAndItsExitCodeIsTheProcesss()
    {
        var upper = await Helios.RunAsync(
            new Helios.Settings { Input = "hello"u8.ToArray() }, "run", "--env", "KEY=a=b", Helios.Guest("../test-guests/wasi_upper.wasm"), "--", "-x", "two words");
        var exit = await Helios.RunAsync(new Helios.Settings { Input = "33"u8.ToArray() }, "run", Helios.Guest("../test-guests/wasi_exit.wasm"));

        upper.ExitCode.ShouldBe(0);
        upper.Text.ShouldBe("HELLO");
        upper.ErrorLines.ShouldBe(["arg 0 wasi_upper.wasm", "arg 1 -x", "arg 2 two words", "env KEY=a=b"]);
        exit.ExitCode.ShouldBe(33);
        exit.ErrorLines.ShouldBe(["giving up", "with code 33"]);
    }

    [Fact]
    public async Task AWasiCommandUsesADirectory()
    {
        using var folder = new TemporaryFolder();
        var inside = folder.Path;

        var outcome = await Helios.RunAsync("run", "--dir", $"{inside}::/", Helios.Guest("../test-guests/wasi_files.wasm"));
        var wrong = await Helios.RunAsync("run", "--dir", inside, Helios.Guest("../test-guests/wasi_files.wasm"));

        outcome.Error.ShouldBeEmpty();
        outcome.ExitCode.ShouldBe(0);
        File.Exists(Path.Combine(inside, "work", "large")).ShouldBeTrue();
        wrong.ExitCode.ShouldBe(2);
        wrong.ErrorLines.ShouldHaveSingleItem().ShouldContain("--dir takes HOST::GUEST");
    }

    [Fact]
    public async Task AWasiCommandThatSleepsEndsAtItsDeadline()
    {
        var outcome = await Helios.RunAsync(
            new Helios.Settings { Input = "1000000000"u8.ToArray() }, "run", "--timeout-ms", "300", Helios.Guest("../test-guests/wasi_sleep.wasm"));

        outcome.ExitCode.ShouldBe(134);
        // On a busy machine the deadline may come before the guest is asleep; then it also says where.
        outcome.ErrorLines[0].ShouldBe("trap: interrupted");
        outcome.ErrorLines.Skip(1).ShouldAllBe(line => line.StartsWith("  at "));
    }

    [Fact]
    public async Task ACommandsInstructionsAreCountedToo()
    {
        var outcome = await Helios.RunAsync(
            new Helios.Settings { Input = "hello"u8.ToArray() }, "run", "--fuel", "100", Helios.Guest("../test-guests/wasi_upper.wasm"));

        outcome.ExitCode.ShouldBe(134);
        outcome.ErrorLines[0].ShouldStartWith("trap: ");
        outcome.ErrorLines[0].ShouldContain("fuel");
    }

    [Fact]
    public async Task TheEngineOfACommandIsChosen()
    {
        var upper = Helios.Guest("../test-guests/wasi_upper.wasm");
        var without = new Helios.Settings
        {
            Input = "hello"u8.ToArray(),
            Environment = new() { ["HELIOS_WASMTIME_LIB"] = "/no/such/library" },
        };

        var managed = await Helios.RunAsync(without, "run", "--engine", "managed", upper);
        var missing = await Helios.RunAsync(without, "run", upper);
        var unknown = await Helios.RunAsync("run", "--engine", "other", upper);

        (managed.Text, managed.ExitCode).ShouldBe(("HELLO", 0));
        missing.ExitCode.ShouldBe(2);
        missing.ErrorLines.ShouldHaveSingleItem().ShouldContain("HELIOS_WASMTIME_LIB");
        unknown.ExitCode.ShouldBe(2);
    }

    [Fact]
    public async Task AnImportThatIsNotThereIsNamed()
    {
        var outcome = await Helios.RunAsync("run", Helios.Guest("needs-host.wasm"));

        outcome.ExitCode.ShouldBe(1);
        var line = outcome.ErrorLines.ShouldHaveSingleItem();
        line.ShouldStartWith("error: link_failed: ");
        line.ShouldContain("env");
        line.ShouldContain("log");
    }

    [Fact]
    public async Task BytesThatAreNoModuleAreRefusedWithTheirOffset()
    {
        using var folder = new TemporaryFolder();
        var text = folder.Write("text.wasm", "not wasm at all"u8);
        var cut = folder.Write("cut.wasm", File.ReadAllBytes(Helios.Guest("values.wasm")).AsSpan(0, 40));

        var noModule = await Helios.RunAsync("run", text);
        var truncated = await Helios.RunAsync("run", cut);

        noModule.ExitCode.ShouldBe(1);
        noModule.ErrorLines.ShouldHaveSingleItem().ShouldStartWith("error: invalid_module: ");
        noModule.Error.ShouldContain("(at byte 0)");
        truncated.ExitCode.ShouldBe(1);
        truncated.ErrorLines.ShouldHaveSingleItem().ShouldMatch(@"^error: invalid_module: .*\(at byte \d+\)\.$");
    }

    [Fact]
    public async Task CtrlCStopsARunningGuest()
    {
        using var process = Helios.Start(new Helios.Settings(), "run", Helios.Guest("faults.wasm"), "--invoke", "spin");
        var error = process.StandardError.ReadToEndAsync();

        await Helios.WaitUntilBusyAsync(process, TimeSpan.FromSeconds(2));
        var exitCode = await Helios.InterruptAsync(process);

        (await error).ShouldBe("error: cancelled: Stopped before it was done." + Environment.NewLine);
        exitCode.ShouldBe(130);
    }
}
