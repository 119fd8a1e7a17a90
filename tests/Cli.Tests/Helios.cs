using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace HeliosEdge.Cli.Tests;

/// <summary>Runs the built <c>helios</c> executable as a process of its own, as a user does.</summary>
internal static class Helios
{
    // Only against hangs: far above what any command here takes.
    private static readonly TimeSpan Watchdog = TimeSpan.FromMinutes(2);

    public static string Executable { get; } =
        Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "helios.exe" : "helios");

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
            process.StandardInput.Close();
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

    public static Process Start(Settings settings, params string[] arguments)
    {
        var start = new ProcessStartInfo(Executable, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardErrorEncoding = Encoding.UTF8,
        };
        start.Environment.Remove("HELIOS_URL");
        foreach (var (name, value) in settings.Environment)
        {
            start.Environment[name] = value;
        }

        // The executable shall run on the runtime that runs these tests, wherever that is installed.
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        return Process.Start(start)!;
    }

    /// <summary>Presses Ctrl-C, once the process has come far enough to handle it.</summary>
    public static async Task InterruptAsync(Process process)
    {
        const int Interrupt = 2;
        var deadline = Stopwatch.StartNew();
        while (!Catches(process.Id, Interrupt))
        {
            if (process.HasExited || deadline.Elapsed > Watchdog)
            {
                throw new InvalidOperationException("The process ended, or never came to handle Ctrl-C.");
            }

            await Task.Delay(10);
        }

        using var kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    // The kernel lists the signals that a process handles as a bit mask (proc_pid_status(5)).
    private static bool Catches(int processId, int signal)
    {
        var line = File.ReadLines($"/proc/{processId}/status").First(l => l.StartsWith("SigCgt:", StringComparison.Ordinal));
        return (ulong.Parse(line["SigCgt:".Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> (signal - 1) & 1) == 1;
    }

    internal sealed record Settings
    {
        public byte[] Input { get; init; } = [];

        public Dictionary<string, string> Environment { get; init; } = [];
    }

    internal sealed record Outcome(int ExitCode, byte[] Output, string Error)
    {
        public string Text => Encoding.UTF8.GetString(Output);

        public string[] Lines => Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        public string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
