using System.CommandLine;
using HeliosEdge.Cli.CommandLine;
using HeliosEdge.Cli.Guest;
using HeliosEdge.Cli.Output;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Wasi;
using HeliosEdge.Wasm;

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
        var engine = result.GetRequiredValue(_engine);
        if (export is null)
        {
            using var command = Compile(EngineOption.Make(engine), bytes, fuel is not null);
            if (WasiCommand.Is(command))
            {
                if (result.GetValue(_json))
                {
                    throw FailureException.Usage("--json is for --invoke; what a WASI command prints is its own.");
                }

                using var started = Open([Path.GetFileName(result.GetRequiredValue(_file)), .. arguments]);
                return await new WasiCommand(command, deadline, fuel).RunAsync(started, cancellationToken);
            }
        }

        // Arguments and results of any type are not the port's business, which knows the shapes that ABIs call.
        if (engine == EngineOption.Wasmtime)
        {
            throw FailureException.Usage("--engine wasmtime is for WASI commands; with --invoke, and for other modules, the engine is always managed.");
        }

        using var module = Compile(bytes, fuel is not null);
        var call = GuestCall.Bind(module, export, arguments);
        using var process = Open([]);

        // Disposed only after a guest that came to its end: one that is given up may still be inside.
        var store = new Store();
        if (fuel is { } units)
        {
            store.Fuel = units;
        }

        if (deadline is { } time)
        {
            store.SetDeadline(time);
        }

        await using var interruption = cancellationToken.Register(store.Interrupt);
        try
        {
            // A thread of its own: a guest that runs for long does not hold one of the pool.
            var running = Task.Factory.StartNew(
                () => Call(store, module, call, process), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            var results = await WasiGuest.WaitAsync(running, cancellationToken);
            store.Dispose();
            if (result.GetValue(_json))
            {
                ResultValue[] values = [.. results.Select(value => new ResultValue(ValueText.Name(value.Kind), ValueText.Format(value)))];
                Listing.WriteJson(values, CliJsonContext.Default.IReadOnlyListResultValue);
            }
            else
            {
                foreach (var value in results)
                {
                    Console.Out.WriteLine(ValueText.Format(value));
                }
            }

            return ExitCode.Success;
        }
        catch (GuestExitException e)
        {
            return e.ExitCode;
        }
        catch (TimeoutException)
        {
            // The deadline came while the guest slept in a call of the host; to the user that is the same.
            Console.Error.WriteLine("trap: interrupted");
            return ExitCode.Trap;
        }
        catch (TrapException e) when (e.Code == TrapCode.Interrupted && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (TrapException e)
        {
            return Report(e);
        }
        catch (LinkException e)
        {
            throw new FailureException("link_failed", e.Message, ExitCode.Refused, e);
        }
        catch (ResourceLimitException e)
        {
            throw new FailureException("limit_exceeded", e.Message, ExitCode.Refused, e);
        }

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

    private static Module Compile(byte[] bytes, bool meterFuel)
    {
        try
        {
            return Module.Compile(bytes, new CompileOptions { MeterFuel = meterFuel });
        }
        catch (InvalidModuleException e)
        {
            throw new FailureException("invalid_module", e.Message, ExitCode.Refused, e);
        }
    }

    private static WasmValue[] Call(Store store, Module module, GuestCall call, WasiProcess process)
    {
        var linker = new Linker();
        process.OfferTo(linker);
        var instance = linker.Instantiate(store, module);
        if (call.Export != WasiGuest.InitializeExport)
        {
            WasiGuest.Initialize(instance);
        }

        return instance.GetFunction(call.Export)!.Invoke(call.Arguments);
    }

    private static int Report(TrapException trap)
    {
        Console.Error.WriteLine($"trap: {trap.Message}");
        foreach (var frame in trap.Backtrace)
        {
            Console.Error.WriteLine(ErrorLine.OneLine($"  at {frame}"));
        }

        return ExitCode.Trap;
    }
}
