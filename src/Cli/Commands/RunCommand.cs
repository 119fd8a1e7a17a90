using System.Collections.Immutable;
using System.CommandLine;
using HeliosEdge.Cli.CommandLine;
using HeliosEdge.Cli.Guest;
using HeliosEdge.Cli.Output;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Wasi;

namespace HeliosEdge.Cli.Commands;

internal sealed class RunCommand : HeliosCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "The module, a .wasm file." };

    private readonly Argument<string[]> _arguments = new("ARG")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "For a WASI command, its own arguments; put -- before them. With --invoke, the function's, read after the "
            + "export's parameter types: i32 and i64 decimal or 0x hexadecimal, f32 and f64 "
            + "decimal, inf or nan, v128 as 0x and 32 hexadecimal digits, references only null.",
    };

    private readonly Option<string?> _invoke = new("--invoke")
    {
        HelpName = "EXPORT",
        Description = "The exported function to call; _start otherwise.",
    };

    private readonly Option<string[]> _directories = new("--dir")
    {
        HelpName = "HOST::GUEST",
        Description = "A directory that a WASI guest may use, and the name under which it finds it; may be given several times.",
    };

    private readonly Option<string[]> _environment = new("--env")
    {
        HelpName = "NAME=VALUE",
        Description = "An environment variable of a WASI guest; may be given several times.",
    };

    private readonly EngineOption _engine = new();

    private readonly NumberOption _fuel = new("--fuel", "Trap after N instructions; no limit otherwise.", 0, long.MaxValue);

    private readonly NumberOption _timeout = new("--timeout-ms", "Trap after N milliseconds; no limit otherwise.", 1, int.MaxValue);

    private readonly Option<bool> _json = new("--json") { Description = "Print the results of --invoke as JSON; what a WASI command prints is its own." };

    public RunCommand()
        : base("run", "Runs a module in this process, without a silo, and prints the results one a line.")
    {
        Arguments.Add(_file);
        Arguments.Add(_arguments);
        Options.Add(_invoke);
        Options.Add(_directories);
        Options.Add(_environment);
        Options.Add(_engine);
        Options.Add(_fuel);
        Options.Add(_timeout);
        Options.Add(_json);
        SetAction(ExecuteAsync);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "helios run add.wasm --invoke add 2 0x28",
        "helios run prog.wasm",
        "helios run --dir ./site::/ --env LANG=C tool.wasm -- --verbose /index.html",
        "helios run spin.wasm --invoke spin --timeout-ms 100",
        "helios run trig.wasm --invoke atan2 -1.5 inf --json",
    ];

    private async Task<int> ExecuteAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var bytes = await InputFile.ReadAsync(result.GetRequiredValue(_file), cancellationToken);
        var fuel = result.GetValue(_fuel);
        TimeSpan? deadline = result.GetValue(_timeout) is { } limit ? TimeSpan.FromMilliseconds(limit) : null;
        var arguments = result.GetValue(_arguments) ?? [];
        var export = result.GetValue(_invoke);
        using var module = Compile(EngineOption.Make(result.GetRequiredValue(_engine)), bytes, fuel is not null);
        var run = new GuestRun(module, deadline, fuel);
        if (export is null && WasiGuest.IsCommand(module))
        {
            if (result.GetValue(_json))
            {
                throw FailureException.Usage("--json is for --invoke; what a WASI command prints is its own.");
            }

            using var command = Open([Path.GetFileName(result.GetRequiredValue(_file)), .. arguments]);
            return await run.RunAsync(command, WasiGuest.Start, cancellationToken);
        }

        var call = GuestCall.Bind(module, export, arguments);
        ImmutableArray<GuestValue> results = default;
        using var library = Open([]);
        var exitCode = await run.RunAsync(library, instance => results = WasiGuest.Call(instance, call), cancellationToken);
        if (!results.IsDefault)
        {
            Print(results, result.GetValue(_json));
        }

        return exitCode;

        WasiProcess Open(IReadOnlyList<string> names) => WasiGuest.Open(
            names, result.GetValue(_environment) ?? [], result.GetValue(_directories) ?? [], deadline, cancellationToken);
    }

    private static ICompiledModule Compile(IWasmEngine engine, byte[] bytes, bool meterFuel)
    {
        try
        {
            return engine.Compile(bytes, meterFuel);
        }
        catch (SandboxException e)
        {
            throw new FailureException(e.Code, e.InnerException?.Message ?? e.Message, ExitCode.Refused, e);
        }
    }

    private static void Print(ImmutableArray<GuestValue> results, bool asJson)
    {
        if (asJson)
        {
            ResultValue[] values = [.. results.Select(value => new ResultValue(value.Type, ValueText.Format(value)))];
            Listing.WriteJson(values, CliJsonContext.Default.IReadOnlyListResultValue);
            return;
        }

        foreach (var value in results)
        {
            Console.Out.WriteLine(ValueText.Format(value));
        }
    }
}
