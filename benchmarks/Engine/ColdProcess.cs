using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace HeliosEdge.Benchmarks.Engine;

/// <summary>Starts that happen in a process of their own: this program again, or node.</summary>
internal static class ColdProcess
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    /// <summary>Runs this program with <c>--cold ENGINE FILE EXPORT N</c>.</summary>
    public static StartTime Start(string engine, StartCase start)
    {
        string program = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is not known.");
        string[] host = Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? [Path.Combine(AppContext.BaseDirectory, "HeliosEdge.Benchmarks.Engine.dll")]
            : [];
        return Run(program, [.. host, "--cold", engine, start.Path, start.Export, start.N.ToString(CultureInfo.InvariantCulture)]);
    }

    /// <summary>What the child of <see cref="Start"/> does.</summary>
    public static int Serve(ReadOnlySpan<string> args)
    {
        string engine = args[0];
        byte[] wasm = File.ReadAllBytes(args[1]);
        string export = args[2];
        int n = int.Parse(args[3], CultureInfo.InvariantCulture);
        StartTime time;
        if (engine.StartsWith("wasmtime", StringComparison.Ordinal))
        {
            using WasmtimeEngine wasmtime = WasmtimeEngine.Open(interruptible: engine == "wasmtime");
            time = wasmtime.Start(wasm, export, n);
        }
        else
        {
            using var helios = new HeliosEngine(engine, interruptible: engine == "helios");
            time = helios.Start(wasm, export, n);
        }

        Console.WriteLine(JsonSerializer.Serialize(
            new Answer(time.CompileMilliseconds * 1e6, time.FirstCallMilliseconds * 1e6, time.Result), s_json));
        return 0;
    }

    /// <summary>Runs a program that prints one answer with times in nanoseconds.</summary>
    public static StartTime Run(string program, IEnumerable<string> arguments)
    {
        var info = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        using Process process = Process.Start(info) ?? throw new InvalidOperationException($"{program} did not start.");
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', info.ArgumentList)} ended with exit code {process.ExitCode}.");
        }

        Answer answer = JsonSerializer.Deserialize<Answer>(output, s_json)
            ?? throw new InvalidDataException($"{program} printed no answer.");
        return new StartTime(answer.Compile / 1e6, answer.FirstCall / 1e6, answer.Result);
    }

    private sealed record Answer(double Compile, double FirstCall, string Result);
}
