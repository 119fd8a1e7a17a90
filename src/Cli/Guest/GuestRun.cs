using HeliosEdge.Cli.CommandLine;
using HeliosEdge.Cli.Output;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Wasi;
using HeliosEdge.Wasm;

namespace HeliosEdge.Cli.Guest;

/// <summary>One run of a guest, on whichever engine.</summary>
/// <param name="Module">The module.</param>
/// <param name="Deadline">How long it may run; null for as long as it likes.</param>
/// <param name="Fuel">How many instructions it may run; null for any number.</param>
internal sealed record GuestRun(ICompiledModule Module, TimeSpan? Deadline, long? Fuel)
{
    /// <summary>Makes an instance and has it used, on a thread of its own; a guest that runs for long does not hold one of the pool.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="FailureException">The module imports what there is not, or starts with more memory than there may be.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; a guest that takes no notice is left behind.</exception>
    public async Task<int> RunAsync(WasiProcess process, Action<IGuestInstance> use, CancellationToken cancellationToken)
    {
        try
        {
            var running = Task.Factory.StartNew(
                () => Run(process, use, cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
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
        catch (GuestTrapException e) when (e.Trap == GuestTrap.Interrupted && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
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

    private int Run(WasiProcess process, Action<IGuestInstance> use, CancellationToken cancellationToken)
    {
        // As much as a store of the engine gives where nothing is said.
        var limits = new StoreLimits();
        using var instance = Module.Instantiate(
            new InstanceLimits(
                limits.MaxMemoryBytes, limits.MaxTableElements, Deadline ?? TimeSpan.MaxValue, limits.MaxStackBytes, Fuel, cancellationToken),
            WasiProcess.Functions,
            process);
        use(instance);
        return ExitCode.Success;
    }
}
