using System.Diagnostics;
using System.IO.MemoryMappedFiles;
using HeliosEdge.Wasm.Tests.Properties;

namespace HeliosEdge.Wasm.Fuzz.Engines;

/// <summary>An engine in a process of its own, so that it may crash or hang; the next run then starts another.</summary>
internal sealed class ChildEngine(string name, Func<string, ProcessStartInfo> start) : IEngine
{
    /// <summary>A batch takes less than a second; no function runs for long.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(120);

    private readonly string _progressFile = Path.GetTempFileName();
    private readonly List<string> _lastWords = [];
    private TimeSpan _ended;

    // Of a process that has ended nobody knows it any more.
    private TimeSpan _current;
    private MemoryMappedFile? _mapped;
    private MemoryMappedViewAccessor? _progress;
    private Process? _process;
    private Task<byte[]>? _answer;

    public string Name => name;

    /// <summary>The processor time of its processes so far.</summary>
    public TimeSpan ProcessorTime => _ended + _current;

    /// <summary>V8, as Node.js brings it.</summary>
    public static ChildEngine Node(string node) =>
        new("V8", _ => new ProcessStartInfo(node, ["--wasm-lazy-compilation", "--no-wasm-tier-up", "-e", Script("reference.js")]));

    /// <summary>V8 for whole modules.</summary>
    public static ChildEngine NodeWhole(string node) => new("V8", _ => new ProcessStartInfo(node, ["-e", Script("whole.js")]));

    /// <summary>Our engine, in another process of this program.</summary>
    public static ChildEngine Managed(EngineVariant variant, bool whole = false) => new(
        $"managed, {variant.Name}",
        progress =>
        {
            string[] worker = ["worker", "--progress", progress, .. variant.MeterFuel ? ["--meter"] : Array.Empty<string>(), .. whole ? ["--whole"] : Array.Empty<string>()];
            var program = Environment.ProcessPath!;
            var isHost = Path.GetFileNameWithoutExtension(program) == "dotnet";
            var start = new ProcessStartInfo(program, isHost ? [typeof(ChildEngine).Assembly.Location, .. worker] : worker);
            foreach (var (key, value) in variant.Environment)
            {
                start.Environment[key] = value;
            }

            return start;
        });

    public void Begin(GeneratedModule module, IReadOnlyList<int> functions) => Send(EngineMessage.Request(module, functions));

    /// <summary>Sends a request; <see cref="Records"/> has to be called next.</summary>
    public void Send(byte[] request)
    {
        var process = _process ??= Start();
        _progress!.Write(0, -1);
        _answer = Task.Run(() =>
        {
            process.StandardInput.BaseStream.Write(request);
            process.StandardInput.BaseStream.Flush();
            return EngineMessage.ReadAnswer(process.StandardOutput.BaseStream);
        });
    }

    public byte[] Records()
    {
        var answer = _answer ?? throw new InvalidOperationException("Nothing was begun.");
        _answer = null;
        try
        {
            if (!answer.Wait(_patience))
            {
                throw Died("does not answer");
            }

            var records = answer.Result;
            _current = _process!.TotalProcessorTime;
            return records;
        }
        catch (AggregateException exception) when (exception.InnerException is IOException)
        {
            throw Died("the process ended");
        }
        catch (AggregateException exception)
        {
            throw new InvalidOperationException($"{name}: {exception.InnerException!.Message}");
        }
    }

    public void Dispose()
    {
        Stop();
        _progress?.Dispose();
        _mapped?.Dispose();
        File.Delete(_progressFile);
    }

    private static string Script(string name)
    {
        using var reader = new StreamReader(typeof(ChildEngine).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    private Process Start()
    {
        if (_mapped is null)
        {
            File.WriteAllBytes(_progressFile, new byte[8]);
            _mapped = MemoryMappedFile.CreateFromFile(_progressFile);
            _progress = _mapped.CreateViewAccessor(0, 8);
        }

        var info = start(_progressFile);
        info.RedirectStandardInput = info.RedirectStandardOutput = info.RedirectStandardError = true;
        var process = Process.Start(info) ?? throw new InvalidOperationException($"{info.FileName} did not start.");
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_lastWords)
            {
                if (line.Data is { Length: > 0 } words && _lastWords.Count < 12)
                {
                    _lastWords.Add(words);
                }
            }
        };
        process.BeginErrorReadLine();
        return process;
    }

    private EngineDiedException Died(string words)
    {
        var function = _progress!.ReadInt32(0);
        Stop();
        lock (_lastWords)
        {
            words = $"{words}{(_lastWords.Count > 0 ? ": " : "")}{string.Join(" | ", _lastWords.Take(4))}";
            _lastWords.Clear();
        }

        return new EngineDiedException(name, function, words);
    }

    private void Stop()
    {
        if (_process is { } process)
        {
            (_ended, _current) = (ProcessorTime, TimeSpan.Zero);
            process.Kill();
            process.WaitForExit();
            process.Dispose();
            _process = null;
        }
    }
}
