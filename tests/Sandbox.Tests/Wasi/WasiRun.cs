using System.Text;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Wasi;

namespace HeliosEdge.Sandbox.Tests.Wasi;

/// <summary>Runs a command as <c>helios run</c> does, on the engine of <see cref="Guests"/>, with its streams in memory.</summary>
internal static class WasiRun
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static Outcome Of(byte[] wasm, WasiOptions options)
    {
        using var module = Guests.Engine.Compile(wasm);
        using var output = new MemoryStream();
        using var error = new MemoryStream();
        using var process = new WasiProcess(new WasiOptions
        {
            Arguments = options.Arguments,
            Environment = options.Environment,
            HostDirectories = options.HostDirectories,
            MemoryFileSystemBytes = options.MemoryFileSystemBytes,
            Bundles = options.Bundles,
            StandardInput = options.StandardInput,
            StandardOutput = output,
            StandardError = error,
            Deadline = Deadline,
        });
        var exitCode = 0;
        try
        {
            using var instance = module.Instantiate(new InstanceLimits(1L << 32, 10_000_000, Deadline), WasiProcess.Functions, process);
            instance.Run("_start");
        }
        catch (GuestExitException e)
        {
            exitCode = e.ExitCode;
        }
        catch (GuestTrapException)
        {
            exitCode = 134;
        }

        return new Outcome(exitCode, Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(error.ToArray()));
    }

    internal sealed record Outcome(int ExitCode, string Output, string Error)
    {
        public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
