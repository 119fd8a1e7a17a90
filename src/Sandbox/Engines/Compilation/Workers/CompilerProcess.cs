using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using HeliosEdge.Sandbox.Execution;

namespace HeliosEdge.Sandbox.Engines.Compilation.Workers;

/// <summary>A process that compiles for this one. One module at a time; whatever goes wrong with one ends the process.</summary>
internal sealed class CompilerProcess : IDisposable
{
    private const int MaxErrorChars = 4_096;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    // Of all that the silo was told by its environment, a compiler needs to know how the runtime and the library are found.
    private static readonly string[] Variables =
        ["PATH", "HOME", "TMPDIR", "TEMP", "TMP", "SystemRoot", "DOTNET_ROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", Wasmtime.WasmtimeEngine.LibraryVariable];

    private readonly Process _process;
    private readonly Stream _input;
    private readonly Stream _output;
    private readonly TimeSpan _silence;
    private readonly StringBuilder _error = new();
    private readonly long _idleBytes;
    private TimeSpan _time;
    private int _nice;

    /// <summary>Starts a process and waits until it is ready.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="identity">The build that it must be of.</param>
    /// <param name="silence">How long it may stand still: neither answer nor take any processor time.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.CompileFailed"/>: it does not start, or is another program.</exception>
    public CompilerProcess(IReadOnlyList<string> command, string identity, TimeSpan silence)
    {
        _silence = silence;
        var info = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        info.Environment.Clear();
        foreach (var name in Variables)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                info.Environment[name] = value;
            }
        }

        // Debuggers and profilers would be let in by files that stay when the process is ended.
        info.Environment["DOTNET_EnableDiagnostics"] = "0";
        try
        {
            _process = Process.Start(info)!;
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            throw new SandboxException(ErrorCodes.CompileFailed, $"The compiler's process cannot be started: {e.Message}", e);
        }

        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.BeginErrorReadLine();
        _input = _process.StandardInput.BaseStream;
        _output = _process.StandardOutput.BaseStream;
        try
        {
            var ready = Await(Task.Run(() => CompileMessage.TryRead(_output, CompileMessage.MaxTextBytes)), _ => { });
            if (ready is not { Kind: CompileMessageKind.Ready } || ready.Value.Text != identity)
            {
                throw Failed(ready is { Kind: CompileMessageKind.Unfit } unfit ? $"cannot work: {unfit.Text}" : "is not of this silo's build");
            }
        }
        catch (InvalidDataException e)
        {
            Dispose();
            throw Failed($"began with {e.Message}");
        }
        catch
        {
            Dispose();
            throw;
        }

        _idleBytes = MemoryBytes();
    }

    /// <summary>Its number.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it can be given a module.</summary>
    public bool IsAlive => !_process.HasExited;

    /// <summary>Whether it leaves the processors to others first, which a process may not take back.</summary>
    public bool IsLong => _nice > CompilePool.NiceOfShort;

    /// <summary>Memory that it holds beyond what it began with.</summary>
    public long HeldBytes => MemoryBytes() - _idleBytes;

    /// <summary>Compiles a module; what it throws leaves the process unfit for another.</summary>
    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.CompileLimitExceeded"/>; <see cref="ErrorCodes.CompileFailed"/>: the process ended, hangs or speaks nonsense.
    /// </exception>
    /// <returns>The code, or why the module is refused.</returns>
    public (byte[]? Code, SandboxException? Refusal) Compile(ReadOnlySpan<byte> wasm, bool metered, CompileTurn turn)
    {
        var order = new CompileMessage(metered ? CompileMessageKind.CompileMetered : CompileMessageKind.Compile, wasm.ToArray());
        var before = ProcessorTime();
        LeaveToOthers(turn.Nice);
        CompileMessage? answer;
        try
        {
            answer = Await(
                Task.Run(() =>
                {
                    order.WriteTo(_input);
                    return CompileMessage.TryRead(_output, Math.Max(turn.Limits.MaxCodeBytes, CompileMessage.MaxTextBytes));
                }),
                now =>
                {
                    turn.Pass(now - before);
                    LeaveToOthers(turn.Nice);
                    if (HeldBytes is var held && held > turn.Limits.MaxMemoryBytes)
                    {
                        throw CompileTurn.OutOfMemory(turn.Limits, held);
                    }
                });
        }
        catch (InvalidDataException e)
        {
            throw Failed($"answered with {e.Message}");
        }
        catch (IOException)
        {
            answer = null;
        }

        turn.Pass(ProcessorTime() - before);
        try
        {
            return answer switch
            {
                { Kind: CompileMessageKind.Code, Content: var code } => (code, null),
                { Kind: CompileMessageKind.Refused } refused => (null, refused.ToRefusal()),
                null => throw WhyEnded(turn.Limits),
                _ => throw Failed($"answered with {answer.Value.Kind}"),
            };
        }
        catch (InvalidDataException e)
        {
            throw Failed($"answered with {e.Message}");
        }
    }

    /// <summary>Ends it, whatever it is doing.</summary>
    public void Dispose()
    {
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }

        _input.Dispose();
        _output.Dispose();
        _process.Dispose();
    }

    /// <summary>Waits for an answer and looks at the process meanwhile.</summary>
    private CompileMessage? Await(Task<CompileMessage?> answer, Action<TimeSpan> look)
    {
        var moved = Stopwatch.GetTimestamp();
        var last = ProcessorTime();
        while (Task.WaitAny([answer], Interval) < 0)
        {
            var now = ProcessorTime();
            look(now);
            if (now > last)
            {
                (last, moved) = (now, Stopwatch.GetTimestamp());
            }
            else if (Stopwatch.GetElapsedTime(moved) > _silence)
            {
                throw Failed($"stood still for {_silence.TotalSeconds:0} s");
            }
        }

        return answer.GetAwaiter().GetResult();
    }

    private void LeaveToOthers(int nice)
    {
        if (nice <= _nice)
        {
            return;
        }

        _nice = nice;
        if (!OperatingSystem.IsLinux())
        {
            Look(process => process.PriorityClass = ProcessPriorityClass.BelowNormal);
            return;
        }

        try
        {
            foreach (var thread in Directory.EnumerateDirectories($"/proc/{_process.Id}/task"))
            {
                ThreadNice.TrySet(int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture), nice);
            }
        }
        catch (IOException)
        {
            // It has ended, which is noticed where its answer is waited for.
        }
    }

    private SandboxException WhyEnded(CompileLimits limits)
    {
        const int OutOfProcessorTime = 128 + 24;
        if (!_process.WaitForExit(_silence))
        {
            return Failed("answers no more");
        }

        // All that it wrote is there once this returns.
        _process.WaitForExit();
        var said = Said();

        // The library, and the runtime, end the process where they get no memory.
        return _process.ExitCode == OutOfProcessorTime ? CompileTurn.OutOfTime(limits, limits.MaxTime)
            : said.Contains("memory allocation of", StringComparison.Ordinal) || said.Contains("Out of memory", StringComparison.OrdinalIgnoreCase)
                || said.Contains(nameof(OutOfMemoryException), StringComparison.Ordinal) ? CompileTurn.OutOfMemory(limits, null)
            : Failed($"ended with code {_process.ExitCode}{(said.Length == 0 ? string.Empty : $": {said}")}");
    }

    private SandboxException Failed(string how) => new(ErrorCodes.CompileFailed, $"The module could not be compiled: the compiler's process {how}.");

    /// <summary>All that it has taken since it began; of one that has ended, what was last seen.</summary>
    private TimeSpan ProcessorTime()
    {
        var now = Look(process => process.TotalProcessorTime);
        return _time = now > _time ? now : _time;
    }

    private long MemoryBytes() => Look(process => process.WorkingSet64);

    /// <summary>What the system says about the process; nothing once it has ended.</summary>
    private T? Look<T>(Func<Process, T> see)
    {
        try
        {
            _process.Refresh();
            return see(_process);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or IOException)
        {
            return default;
        }
    }

    private void Note(string? line)
    {
        lock (_error)
        {
            if (line is { Length: > 0 } && _error.Length < MaxErrorChars)
            {
                _error.Append(_error.Length == 0 ? string.Empty : " ").Append(line.AsSpan(0, Math.Min(line.Length, MaxErrorChars - _error.Length)));
            }
        }
    }

    private string Said()
    {
        lock (_error)
        {
            return Excerpt.Of(_error.ToString());
        }
    }
}
