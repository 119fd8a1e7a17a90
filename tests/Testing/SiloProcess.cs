using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Shouldly;

namespace HeliosEdge.Testing;

/// <summary>The silo as a process of its own.</summary>
public sealed partial class SiloProcess : IAsyncDisposable
{
    private static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private int _open = 2;
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SiloProcess(Process process)
    {
        _process = process;
    }

    /// <summary>The process, for as long as it runs in the one that it was started in.</summary>
    public int Id => _process.Id;

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Runs it to its end.</summary>
    public static Task<(int ExitCode, string Output, string Error)> RunAsync(string[] args, params (string Name, string Value)[] environment) =>
        RunAsync(StartInfo(args, environment));

    /// <summary>Runs it to its end by another command.</summary>
    public static Task<(int ExitCode, string Output, string Error)> RunInAsync(string[] command, string[] args) => RunAsync(Within(command, StartInfo(args, [])));

    /// <summary>Runs it to its end by a shell that does something first.</summary>
    public static Task<(int ExitCode, string Output, string Error)> RunAfterAsync(string shell, params string[] args) =>
        RunInAsync(["sh", "-c", $"{shell}; exec \"$0\" \"$@\""], args);

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(ProcessStartInfo info)
    {
        using var process = Process.Start(info)!;
        using var timeout = new CancellationTokenSource(Watchdog);
        var output = process.StandardOutput.ReadToEndAsync(timeout.Token);
        var error = process.StandardError.ReadToEndAsync(timeout.Token);
        await process.WaitForExitAsync(timeout.Token);
        return (process.ExitCode, await output, await error);
    }

    public static SiloProcess Start(params string[] args) => Start(args, []);

    /// <summary>Starts it by another command, such as one that gives it a network of its own.</summary>
    public static SiloProcess StartIn(string[] command, params string[] args) => Start(Within(command, StartInfo(args, [])));

    public static SiloProcess Start(string[] args, params (string Name, string Value)[] environment) => Start(StartInfo(args, environment));

    private static SiloProcess Start(ProcessStartInfo info)
    {
        var process = new Process { StartInfo = info };
        var silo = new SiloProcess(process);
        process.OutputDataReceived += (_, line) => silo.Append(line.Data);
        process.ErrorDataReceived += (_, line) => silo.Append(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return silo;
    }

    /// <summary>Waits for a line of output; an early end of the process is a failure.</summary>
    public async Task WaitForAsync(string text)
    {
        using var timeout = new CancellationTokenSource(Watchdog);
        while (true)
        {
            Task more;
            lock (_output)
            {
                if (_output.ToString().Contains(text, StringComparison.Ordinal))
                {
                    return;
                }

                _open.ShouldBeGreaterThan(0, $"the silo ended: {_output}");
                more = _more.Task;
            }

            await Should.NotThrowAsync(more.WaitAsync(timeout.Token), $"waited for \"{text}\": {Output}");
        }
    }

    /// <summary>Waits until it serves, and returns its address.</summary>
    public async Task<Uri> AddressAsync()
    {
        await WaitForAsync("Ctrl+C stops the silo.");
        return new Uri(ServingAt().Match(Output).Groups[1].Value);
    }

    /// <summary>The TCP ports that it listens on.</summary>
    public IReadOnlySet<int> ListeningPorts()
    {
        var sockets = Directory.EnumerateFiles($"/proc/{_process.Id}/fd").Select(file => new FileInfo(file).LinkTarget)
            .OfType<string>().Where(target => target.StartsWith("socket:[", StringComparison.Ordinal)).Select(target => target[8..^1]).ToHashSet();

        // Local address and port in hexadecimal in the second column, the state in the fourth, the inode in the tenth.
        const string listening = "0A";
        return new[] { "tcp", "tcp6" }.SelectMany(family => File.ReadLines($"/proc/{_process.Id}/net/{family}").Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(columns => columns[3] == listening && sockets.Contains(columns[9]))
            .Select(columns => Convert.ToInt32(columns[1].Split(':')[1], 16)).ToHashSet();
    }

    /// <summary>Ends it as if the power failed: no handler of its own runs.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Lets it do nothing more, without an end: its connections stay open.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    /// <summary>Lets a frozen one go on.</summary>
    public Task ThawAsync() => SignalAsync("CONT");

    private async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", $"-{name} {_process.Id}");
        await kill.WaitForExitAsync();
    }

    /// <summary>Asks it to stop, and waits for its exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        using var kill = Process.Start("kill", $"-TERM {_process.Id}");
        await kill.WaitForExitAsync();
        using var timeout = new CancellationTokenSource(Watchdog);
        await _process.WaitForExitAsync(timeout.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private static ProcessStartInfo Within(string[] command, ProcessStartInfo info)
    {
        var inner = info.ArgumentList.ToArray();
        info.ArgumentList.Clear();
        foreach (var argument in (string[])[.. command[1..], info.FileName, .. inner])
        {
            info.ArgumentList.Add(argument);
        }

        info.FileName = command[0];
        return info;
    }

    private static ProcessStartInfo StartInfo(string[] args, params (string Name, string Value)[] environment)
    {
        var info = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "HeliosEdge.Silo.dll"), .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        // Of whoever runs the tests.
        foreach (var name in info.Environment.Keys.Where(name => name.StartsWith("HELIOS_", StringComparison.Ordinal)).ToArray())
        {
            info.Environment.Remove(name);
        }

        foreach (var (name, value) in environment)
        {
            info.Environment[name] = value;
        }

        return info;
    }

    [GeneratedRegex(@"HeliosEdge serves .* at (http://\S+?),")]
    private static partial Regex ServingAt();

    // Null is the end of one of the two streams.
    private void Append(string? line)
    {
        TaskCompletionSource told;
        lock (_output)
        {
            if (line is null)
            {
                _open--;
            }
            else
            {
                _output.AppendLine(line);
            }

            (told, _more) = (_more, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        told.SetResult();
    }
}
