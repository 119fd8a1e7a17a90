using System.Collections.Immutable;
using HeliosEdge.Cli.CommandLine;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Wasi;

namespace HeliosEdge.Cli.Guest;

/// <summary>Guests of <c>wasi_snapshot_preview1</c>, connected to this process's own streams.</summary>
internal static class WasiGuest
{
    private const string StartExport = "_start";
    private const string InitializeExport = "_initialize";
    private const string NoValues = "() -> ()";

    // How long a guest that is to end may hold the process, blocked in a read of a terminal for example.
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);

    /// <summary>Makes the process that the guest sees.</summary>
    /// <exception cref="FailureException">A variable or a directory is not written as it should be, or cannot be opened.</exception>
    public static WasiProcess Open(
        IReadOnlyList<string> arguments,
        IReadOnlyList<string> environment,
        IReadOnlyList<string> directories,
        TimeSpan? deadline,
        CancellationToken interruption)
    {
        try
        {
            return new WasiProcess(new WasiOptions
            {
                Arguments = arguments,
                Environment = [.. environment.Select(text => Split("--env", text, "=", "NAME=VALUE"))],
                HostDirectories = [.. directories.Select(ParseDirectory)],
                StandardInput = Console.OpenStandardInput(),
                StandardOutput = Console.OpenStandardOutput(),
                StandardError = Console.OpenStandardError(),
                Terminals = (!Console.IsInputRedirected, !Console.IsOutputRedirected, !Console.IsErrorRedirected),
                WaitForInput = HostInput.WaitReadable,
                Interruption = interruption,
                Deadline = deadline,
            });
        }
        catch (SandboxException e)
        {
            throw new FailureException(e.Code, e.Message, ExitCode.Usage, e);
        }
    }

    /// <summary>Whether a module is a command, which takes arguments of its own.</summary>
    public static bool IsCommand(ICompiledModule module) =>
        module.Imports.Any(import => import.Module == WasiProcess.ImportModule)
        && module.Exports.Any(export => export is { Name: StartExport, Kind: ExternalKind.Function, Type: NoValues });

    /// <summary>Runs a command to its end.</summary>
    public static void Start(IGuestInstance instance) => instance.Run(StartExport);

    /// <summary>Calls a function; a library's <c>_initialize</c>, if it has one, comes before anything else of it.</summary>
    public static ImmutableArray<GuestValue> Call(IGuestInstance instance, GuestCall call)
    {
        if (call.Export != InitializeExport && instance.HasFunction(InitializeExport, NoValues))
        {
            instance.Run(InitializeExport);
        }

        return instance.Invoke(call.Export, call.Arguments.AsSpan());
    }

    /// <summary>Waits for a guest, but after a cancellation no longer than it takes guests to notice.</summary>
    public static async Task<T> WaitAsync<T>(Task<T> running, CancellationToken cancellationToken)
    {
        try
        {
            return await running.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (!running.IsCompleted)
        {
            await Task.WhenAny(running, Task.Delay(Grace, CancellationToken.None));
            throw;
        }
    }

    private static KeyValuePair<string, string> ParseDirectory(string text)
    {
        var (guest, host) = Split("--dir", text, "::", "HOST::GUEST");
        return new KeyValuePair<string, string>(host, guest);
    }

    private static KeyValuePair<string, string> Split(string option, string text, string separator, string form)
    {
        var at = text.IndexOf(separator, StringComparison.Ordinal);
        return at > 0
            ? new KeyValuePair<string, string>(text[..at], text[(at + separator.Length)..])
            : throw FailureException.Usage($"{option} takes {form}, not '{text}'.");
    }
}
