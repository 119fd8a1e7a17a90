using System.Collections;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace HeliosEdge.Client.Tests;

/// <summary>
/// A silo as its operator runs it: a process of its own, on a free loopback port, with an empty folder for its state.
/// Serves the regions eu-west, us-east and ap-south.
/// </summary>
public sealed partial class SiloProcess : IAsyncLifetime
{
    // Only against hangs: far above what a start takes.
    private static readonly TimeSpan Watchdog = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("helios-silo-tests-");
    private readonly StringBuilder _log = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? _process;

    /// <summary>The address that the silo listens on.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>The path of a sample's module.</summary>
    public static string Sample(string name) => Path.Combine(AppContext.BaseDirectory, "samples", name + ".wasm");

    /// <summary>The path of a test guest's module.</summary>
    public static string Guest(string name) => Path.Combine(AppContext.BaseDirectory, "test-guests", name + ".wasm");

    public async Task InitializeAsync()
    {
        var executable = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "HeliosEdge.Silo.exe" : "HeliosEdge.Silo");
        string[] arguments = ["--urls", "http://127.0.0.1:0", "--data", _state.FullName, "--regions", "eu-west,us-east,ap-south"];
        var start = new ProcessStartInfo(executable, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _state.FullName,
        };
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (((string)variable.Key).StartsWith("HELIOS_", StringComparison.Ordinal))
            {
                start.Environment.Remove((string)variable.Key);
            }
        }

        // The executable shall run on the runtime that runs these tests, wherever that is installed.
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.Exited += (_, _) => _address.TrySetException(new InvalidOperationException($"The silo ended: {Log()}"));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Address = await _address.Task.WaitAsync(Watchdog);
    }

    public async Task DisposeAsync()
    {
        if (_process is { } process)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        _state.Delete(recursive: true);
    }

    [GeneratedRegex(@" at (http://127\.0\.0\.1:\d+)")]
    private static partial Regex ListeningAt();

    private void Note(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_log)
        {
            _log.AppendLine(line);
        }

        if (ListeningAt().Match(line) is { Success: true } match)
        {
            _address.TrySetResult(new Uri(match.Groups[1].Value));
        }
    }

    private string Log()
    {
        lock (_log)
        {
            return _log.ToString();
        }
    }
}
