using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace HeliosEdge.Benchmarks.Engine;

/// <summary>V8, in a node process that stays for the whole benchmark and takes the times itself.</summary>
internal sealed class V8Engine : IEngine
{
    private static readonly string s_script = Path.Combine(AppContext.BaseDirectory, "v8.mjs");

    private readonly Process _node;

    public V8Engine()
    {
        var info = new ProcessStartInfo("node", [s_script]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        _node = Process.Start(info) ?? throw new InvalidOperationException("node did not start.");
    }

    public string Name => "V8";

    public void Load(Kernel kernel) => Ask(new JsonObject { ["do"] = "load", ["name"] = kernel.Name, ["path"] = kernel.Path });

    public RunTime Run(Kernel kernel, int n)
    {
        JsonNode answer = Ask(new JsonObject { ["do"] = "run", ["name"] = kernel.Name, ["n"] = n });
        return new RunTime(Read<double>(answer, "elapsed") / 1e6, Read<string>(answer, "result"));
    }

    public StartTime StartWarm(StartCase start)
    {
        JsonNode answer = Ask(new JsonObject { ["do"] = "start", ["path"] = start.Path, ["export"] = start.Export, ["n"] = start.N });
        return new StartTime(
            Read<double>(answer, "compile") / 1e6, Read<double>(answer, "firstCall") / 1e6, Read<string>(answer, "result"));
    }

    public StartTime StartCold(StartCase start) => ColdProcess.Run(
        "node", [s_script, "--cold", start.Path, start.Export, start.N.ToString(CultureInfo.InvariantCulture)]);

    public void Dispose()
    {
        // The end of its input ends the process.
        _node.StandardInput.Close();
        _node.WaitForExit();
        _node.Dispose();
    }

    private JsonNode Ask(JsonObject request)
    {
        _node.StandardInput.WriteLine(request.ToJsonString());
        _node.StandardInput.Flush();
        string line = _node.StandardOutput.ReadLine() ?? throw new InvalidOperationException("node ended before it answered.");
        JsonNode answer = JsonNode.Parse(line) ?? throw new JsonException("node answered with nothing.");
        return answer["error"] is { } error ? throw new InvalidOperationException($"V8: {error}") : answer;
    }

    private static T Read<T>(JsonNode answer, string field) =>
        (answer[field] ?? throw new JsonException($"node's answer has no field '{field}'.")).GetValue<T>();
}
