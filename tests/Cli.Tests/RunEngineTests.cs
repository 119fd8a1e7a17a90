using Shouldly;
using Xunit;

namespace HeliosEdge.Cli.Tests;

/// <summary>Calls of exports come out the same on either engine, byte by byte.</summary>
[Trait("Category", "Process")]
public sealed class RunEngineTests
{
    public static TheoryData<string, string[]> Calls => new()
    {
        { "values.wasm", ["i32", "4294967295"] },
        { "values.wasm", ["i64", "0xfedcba9876543210"] },
        { "values.wasm", ["f32", "nan:0x200001"] },
        { "values.wasm", ["f64", "-nan:0xdeadbeef"] },
        { "values.wasm", ["v128", "0x000102030405060708090a0b0c0d0e0f"] },
        { "values.wasm", ["lane0", "0x000102030405060708090a0b0c0d0e0f"] },
        { "values.wasm", ["externref", "null"] },
        { "values.wasm", ["funcref"] },
        { "values.wasm", ["swap", "7", "2.5", "--json"] },
        { "values.wasm", ["nothing", "--json"] },
        { "values.wasm", ["swap", "7"] },
        { "values.wasm", ["swap", "7", "half"] },
        { "values.wasm", ["memory"] },
        { "faults.wasm", ["divide", "1", "0"] },
        { "faults.wasm", ["load", "0xfffffffc"] },
        { "faults.wasm", ["spin", "--timeout-ms", "50"] },
        { "faults.wasm", ["spin", "--fuel", "10000"] },
        { "command.wasm", ["answer", "--fuel", "10000"] },
        { "needs-host.wasm", ["_start"] },
    };

    [WasmtimeTheory]
    [MemberData(nameof(Calls))]
    public async Task ACallWithLibwasmtimeComesOutAsWithTheManagedEngine(string guest, string[] call)
    {
        var managed = await Helios.RunAsync(["run", "--engine", "managed", Helios.Guest(guest), "--invoke", .. call]);
        var wasmtime = await Helios.RunAsync(["run", "--engine", "wasmtime", Helios.Guest(guest), "--invoke", .. call]);

        wasmtime.Error.ShouldBe(managed.Error);
        wasmtime.Text.ShouldBe(managed.Text);
        wasmtime.ExitCode.ShouldBe(managed.ExitCode);
        (managed.Text.Length + managed.Error.Length).ShouldBeGreaterThan(0);
    }

    [WasmtimeTheory]
    [InlineData("managed")]
    [InlineData("wasmtime")]
    public async Task AGuestOfEitherStopsAtCtrlC(string engine)
    {
        using var process = Helios.Start(new Helios.Settings(), "run", "--engine", engine, Helios.Guest("faults.wasm"), "--invoke", "spin");
        var error = process.StandardError.ReadToEndAsync();

        await Helios.WaitUntilBusyAsync(process, TimeSpan.FromSeconds(2));
        var exitCode = await Helios.InterruptAsync(process);

        (await error).ShouldBe("error: cancelled: Stopped before it was done." + Environment.NewLine);
        exitCode.ShouldBe(130);
    }

    [Fact]
    public async Task TheManagedEngineNeedsNoLibrary()
    {
        var outcome = await Helios.RunAsync(Without(), "run", "--engine", "managed", Helios.Guest("values.wasm"), "--invoke", "swap", "7", "2.5");

        outcome.Error.ShouldBeEmpty();
        outcome.Lines.ShouldBe(["2.5", "7"]);
    }

    [Theory]
    [InlineData("--engine", "wasmtime")]
    [InlineData]
    public async Task ALibraryThatIsNotThereIsNamed(params string[] engine)
    {
        var outcome = await Helios.RunAsync(Without(), ["run", .. engine, Helios.Guest("values.wasm"), "--invoke", "swap", "7", "2.5"]);

        outcome.ExitCode.ShouldBe(2);
        outcome.Output.ShouldBeEmpty();
        var line = outcome.ErrorLines.ShouldHaveSingleItem();
        line.ShouldStartWith("error: usage: --engine wasmtime: ");
        line.ShouldContain("HELIOS_WASMTIME_LIB");
    }

    private static Helios.Settings Without() => new() { Environment = new() { ["HELIOS_WASMTIME_LIB"] = "/no/such/library" } };
}
