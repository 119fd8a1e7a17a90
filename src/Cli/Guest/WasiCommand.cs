using HeliosEdge.Cli.CommandLine;
using HeliosEdge.Cli.Output;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Wasi;
using HeliosEdge.Wasm;

namespace HeliosEdge.Cli.Guest;

/// <summary>A WASI command on whichever engine.</summary>
/// <param name="Module">The module.</param>
/// <param name="Deadline">How long it may run; null for as long as it likes.</param>
/// <param name="Fuel">How many instructions it may run; null for any number.</param>
internal sealed record WasiCommand(ICompiledModule Module, TimeSpan? Deadline, long? Fuel)
{
    private const string StartExport = "_start";
    private const string StartType = "() -> ()";

    /// <summary>Whether a module is a command, which takes arguments of its own.</summary>
    public static bool Is(ICompiledModule module) =>
        module.Imports.Any(import => import.Module == WasiProcess.ImportModule)
        && module.Exports.Any(export => export is { Name: StartExport, Kind: ExternalKind.Function, Type: StartType });

    /// <summary>Runs the command to its end, on a thread of its own.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="FailureException">The module imports what there is not, or starts with more memory than there may be.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; a guest that takes no notice is left behind.</exception>
    public async Task<int> RunAsync(WasiProcess process, CancellationToken cancellationToken)
    {
        try
        {
            var running = Task.Factory.StartNew(
                () => Run(process), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            return await WasiGuest.WaitAsync(running, cancellationToken);
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
        catch (GuestTrapException e)
        {
            Console.Error.WriteLine($"trap: {e.Message}");
            foreach (var frame in e.Backtrace)
            {
                Console.Error.WriteLine(ErrorLine.OneLine($"  at {frame}"));
            }

            return ExitCode.Trap;
        }
        catch (SandboxException e)
        {
            throw new FailureException(e.Code == ErrorCodes.MemoryLimitExceeded ? "limit_exceeded" : "link_failed", e.Message, ExitCode.Refused, e);
        }
    }

    private int Run(WasiProcess process)
    {
        // As much as a store of the engine gives where nothing is said.
        var limits = new StoreLimits();
        using var instance = Module.Instantiate(
            new InstanceLimits(limits.MaxMemoryBytes, limits.MaxTableElements, Deadline ?? TimeSpan.MaxValue, Fuel: Fuel),
            WasiProcess.Functions,
            process);
        instance.Run(StartExport);
        return ExitCode.Success;
    }
}
