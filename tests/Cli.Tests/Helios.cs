using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace HeliosEdge.Cli.Tests;

/// <summary>Runs the built <c>helios</c> executable as a process of its own, as a user does.</summary>
internal static class Helios
{
    // Only against hangs: far above what any command here takes.
    private static readonly TimeSpan Watchdog = TimeSpan.FromMinutes(2);

    /// <summary>The command where it was built, with its own libraries: some of this folder are left to ASP.NET, which the command does not load.</summary>
    public static string Executable { get; } = Path.Combine(
        typeof(Helios).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "CommandFolder").Value!,
        OperatingSystem.IsWindows() ? "helios.exe" : "helios");

    public static string Guest(string name) => Path.Combine(AppContext.BaseDirectory, "guests", name);

    public static Task<Outcome> RunAsync(params string[] arguments) => RunAsync(new Settings(), arguments);

    public static async Task<Outcome> RunAsync(Settings settings, params string[] arguments)
    {
        using var process = Start(settings, arguments);
        using var watchdog = new CancellationTokenSource(Watchdog);
        try
        {
            using var output = new MemoryStream();
            var copying = process.StandardOutput.BaseStream.CopyToAsync(output, watchdog.Token);
            var error = process.StandardError.ReadToEndAsync(watchdog.Token);
            await process.StandardInput.BaseStream.WriteAsync(settings.Input, watchdog.Token);
            if (!settings.KeepInputOpen)
            {
                process.StandardInput.Close();
            }

            await copying;
            var errorText = await error;
            await process.WaitForExitAsync(watchdog.Token);
            return new Outcome(process.ExitCode, output.ToArray(), errorText);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException($"helios {string.Join(' ', arguments)} did not end within {Watchdog}.");
        }
    }

    /// <summary>Runs it on a terminal of its own, which <c>script</c> of util-linux makes.</summary>
    /// <returns>All that the terminal was sent, escape sequences included.</returns>
    public static Task<Outcome> RunOnTerminalAsync(params string[] arguments) => TypeOnTerminalAsync(null, arguments);

    /// <summary>Runs it on a terminal on which something is typed.</summary>
    /// <param name="input">What is typed; null for nothing, and no end.</param>
    /// <param name="arguments">The command line.</param>
    /// <returns>All that the terminal was sent, what was typed and escape sequences included.</returns>
    public static async Task<Outcome> TypeOnTerminalAsync(string? input, params string[] arguments)
    {
        var command = string.Join(' ', arguments.Prepend(Executable).Select(argument => $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'"));
        using var process = Start("script", new Settings { Environment = { ["TERM"] = "xterm-256color" } }, "-qec", $"stty cols 120; {command}", "/dev/null");
        using var watchdog = new CancellationTokenSource(Watchdog);
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), watchdog.Token);
            await process.StandardInput.FlushAsync(watchdog.Token);
        }

        using var output = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(output, watchdog.Token);
        var error = await process.StandardError.ReadToEndAsync(watchdog.Token);
        await process.WaitForExitAsync(watchdog.Token);
        return new Outcome(process.ExitCode, output.ToArray(), error);
    }

    public static Process Start(Settings settings, params string[] arguments) => Start(Executable, settings, arguments);

    private static Process Start(string program, Settings settings, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardErrorEncoding = Encoding.UTF8,
        };
        Prepare(start);
        foreach (var (name, value) in settings.Environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>Has a process run the command as these tests want it.</summary>
    public static void Prepare(ProcessStartInfo start)
    {
        start.Environment.Remove("HELIOS_URL");
        start.Environment.Remove("HELIOS_KEY");

        // The executable shall run on the runtime that runs these tests, wherever that is installed.
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
    }

    /// <summary>Presses Ctrl-C and waits for the end.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> InterruptAsync(Process process)
    {
        using var kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        using var watchdog = new CancellationTokenSource(Watchdog);
        try
        {
            await process.WaitForExitAsync(watchdog.Token);
            return process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException($"helios ran on for {Watchdog} after Ctrl-C.");
        }
    }

    /// <summary>Waits until a process has computed for so long that it must be past its start.</summary>
    public static async Task WaitUntilBusyAsync(Process process, TimeSpan processorTime)
    {
        var waiting = Stopwatch.StartNew();
        while (process.TotalProcessorTime < processorTime)
        {
            if (waiting.Elapsed > Watchdog)
            {
                throw new TimeoutException($"The process used {process.TotalProcessorTime} of processor time in {waiting.Elapsed}.");
            }

            await Task.Delay(20);
            process.Refresh();
        }
    }

    internal sealed record Settings
    {
        public byte[] Input { get; init; } = [];

        /// <summary>Whether standard input has no end, as on a terminal: who reads it to its end waits for good.</summary>
        public bool KeepInputOpen { get; init; }

        public Dictionary<string, string> Environment { get; init; } = [];
    }

    internal sealed record Outcome(int ExitCode, byte[] Output, string Error)
    {
        public string Text => Encoding.UTF8.GetString(Output);

        public string[] Lines => Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        public string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
