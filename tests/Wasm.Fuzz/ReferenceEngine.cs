using System.Diagnostics;
using System.Text.Json;
using HeliosEdge.Wasm.Tests.Properties;

namespace HeliosEdge.Wasm.Fuzz;

/// <summary>Node.js, run as a second engine that generated modules are compared with.</summary>
internal sealed class ReferenceEngine : IDisposable
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web);

    private readonly Process _node;

    public ReferenceEngine(string node)
    {
        var start = new ProcessStartInfo(node, ["-e", Script()])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        _node = Process.Start(start) ?? throw new InvalidOperationException($"{node} did not start.");
    }

    /// <summary>What each call may give, and what it leaves behind.</summary>
    /// <exception cref="InvalidOperationException">The engine refuses the module, or is gone.</exception>
    public IReadOnlyList<ReferenceOutcome> Outcomes(GeneratedModule module, IReadOnlyList<GeneratedCall> calls)
    {
        var request = new Request(
            Convert.ToBase64String(module.Bytes),
            [.. calls.Select(call => new RequestCall(
                call.Export.Name,
                [.. call.Arguments.Select(GeneratedRun.Show)],
                Names(call.Export.Parameters),
                Names(call.Export.Results)))]);
        _node.StandardInput.WriteLine(JsonSerializer.Serialize(request, _json));
        _node.StandardInput.Flush();
        var line = _node.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The reference engine ended.");
        var answer = JsonSerializer.Deserialize<Answer>(line, _json)!;
        return answer.Outcomes ?? throw new InvalidOperationException($"The reference engine refuses the module: {answer.Refused}");
    }

    public void Dispose()
    {
        _node.StandardInput.Close();
        _node.WaitForExit();
        _node.Dispose();
    }

    private static string[] Names(ValueKind[] kinds) => [.. kinds.Select(kind => kind.ToString())];

    private static string Script()
    {
        using var stream = typeof(ReferenceEngine).Assembly.GetManifestResourceStream("reference.js")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private sealed record RequestCall(string Name, string[] Arguments, string[] Parameters, string[] Results);

    private sealed record Request(string Module, RequestCall[] Calls);

    private sealed record Answer(ReferenceOutcome[]? Outcomes, string? Refused);
}

/// <summary>The results that the reference engine allows for a call, any of which is right, and the state after it.</summary>
internal sealed record ReferenceOutcome(string[] Results, string State);
