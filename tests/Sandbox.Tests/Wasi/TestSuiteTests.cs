using System.Text;
using System.Text.Json;
using HeliosEdge.Sandbox.Tests.Engines.Wasmtime;
using HeliosEdge.Sandbox.Wasi;
using Xunit.Abstractions;

namespace HeliosEdge.Sandbox.Tests.Wasi;

public sealed class TestSuiteTests(ITestOutputHelper log)
{
    [TestSuiteTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void EveryProgramOfTheOfficialSuitePasses(bool inMemory) => RunAll(inMemory);

    [TestSuiteTheory(OnWasmtime = true)]
    [InlineData(false)]
    [InlineData(true)]
    public void EveryProgramOfTheOfficialSuitePassesOnLibwasmtime(bool inMemory)
    {
        Guests.Engine = Libwasmtime.Engine;
        RunAll(inMemory);
    }

    private void RunAll(bool inMemory)
    {
        var checkout = TestSuite.Checkout!;
        var programs = Directory.GetFiles(checkout, "*.wasm", SearchOption.AllDirectories)
            .Where(path => path.Contains("wasm32-wasip1", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToArray();
        programs.ShouldNotBeEmpty($"{checkout} has no built programs");
        var failures = new List<string>();
        var run = 0;
        foreach (var program in programs)
        {
            var specification = Specification.Of(program);
            if (inMemory && specification.RootHasFiles)
            {
                // Needs files to begin with; an in-memory file system is empty.
                continue;
            }

            run++;
            if (Run(program, specification, inMemory) is { } failure)
            {
                failures.Add($"{Path.GetFileNameWithoutExtension(program)}: {failure}");
            }
        }

        log.WriteLine($"{run} programs, {failures.Count} failures, file system {(inMemory ? "in memory" : "of the host")}.");
        failures.ShouldBeEmpty();
    }

    private static string? Run(string program, Specification specification, bool inMemory)
    {
        using var scratch = new ScratchDirectory();
        if (specification.Root is { } root && !inMemory && Directory.Exists(root))
        {
            scratch.CopyFrom(root);
        }

        var outcome = WasiRun.Of(File.ReadAllBytes(program), new WasiOptions
        {
            Arguments = [Path.GetFileName(program), .. specification.Arguments],
            Environment = specification.Environment,
            HostDirectories = specification.Root is null || inMemory ? [] : [new("/", scratch.Path)],
            MemoryFileSystemBytes = specification.Root is not null && inMemory ? 16 << 20 : 0,
        });
        return outcome.ExitCode != specification.ExitCode ? $"exit code {outcome.ExitCode}: {outcome.Error}"
            : specification.Output is { } output && output != outcome.Output ? $"wrote {outcome.Output}"
            : null;
    }

    private sealed record Specification(string[] Arguments, KeyValuePair<string, string>[] Environment, string? Root, int ExitCode, string? Output)
    {
        public bool RootHasFiles => Root is not null && Directory.Exists(Root)
            && Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories).Any(file => Path.GetFileName(file)[0] != '.');

        public static Specification Of(string program)
        {
            var path = Path.ChangeExtension(program, ".json");
            using var document = JsonDocument.Parse(File.Exists(path) ? File.ReadAllText(path, Encoding.UTF8) : "{}");
            var json = document.RootElement;
            return new Specification(
                json.TryGetProperty("args", out var args) ? [.. args.EnumerateArray().Select(argument => argument.GetString()!)] : [],
                json.TryGetProperty("env", out var env) ? [.. env.EnumerateObject().Select(variable => KeyValuePair.Create(variable.Name, variable.Value.GetString()!))] : [],
                json.TryGetProperty("root", out var root) ? Path.Combine(Path.GetDirectoryName(program)!, root.GetString()!) : null,
                json.TryGetProperty("exit_code", out var code) ? code.GetInt32() : 0,
                json.TryGetProperty("stdout", out var output) ? output.GetString() : null);
        }
    }
}
