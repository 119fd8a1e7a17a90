using HeliosEdge.Sandbox.Wasi;
using HeliosEdge.Wasm;

namespace HeliosEdge.Sandbox.Tests.Wasi;

/// <summary>Runs a command as <c>helios run</c> does, with its streams in memory.</summary>
internal static class WasiRun
{
    public static Outcome Of(byte[] wasm, WasiOptions options)
    {
        using var module = Module.Compile(wasm);
        using var store = new Store();
        store.SetDeadline(TimeSpan.FromSeconds(60));
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
            Deadline = TimeSpan.FromSeconds(60),
        });
        var linker = new Linker();
        process.OfferTo(linker);
        var exitCode = 0;
        try
        {
            linker.Instantiate(store, module).GetFunction("_start")!.Invoke();
        }
        catch (GuestExitException e)
        {
            exitCode = e.ExitCode;
        }
        catch (TrapException)
        {
            exitCode = 134;
        }

        return new Outcome(exitCode, Text(output), Text(error));
    }

    private static string Text(MemoryStream stream) => System.Text.Encoding.UTF8.GetString(stream.ToArray());

    internal sealed record Outcome(int ExitCode, string Output, string Error)
    {
        public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
