using System.Text.Json;

namespace HeliosEdge.Wasm.Tests.Spec;

/// <summary>
/// Runs one file of the suite: its commands in order, in one store, so that its modules can link with each other.
/// </summary>
internal sealed class SpecRunner : IDisposable
{
    private readonly string _folder;
    private readonly SpecReport _report;
    private readonly Store _store = new();
    private readonly Linker _linker = new();
    private readonly List<Module> _modules = [];
    private readonly Dictionary<string, Instance> _named = [];
    private Instance? _current;

    private SpecRunner(string name)
    {
        _folder = Path.Combine(SpecFolder.Path, name);
        _report = new(name);
        SpecTestModule.Define(_linker, _store);
    }

    public static SpecReport Run(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(SpecFolder.JsonOf(name)));
        using var runner = new SpecRunner(name);
        foreach (var command in document.RootElement.GetProperty("commands").EnumerateArray())
        {
            runner.Execute(command);
        }

        return runner._report;
    }

    public void Dispose()
    {
        _store.Dispose();
        _modules.ForEach(module => module.Dispose());
    }

    private void Execute(JsonElement command)
    {
        var kind = command.GetProperty("type").GetString()!;
        var line = command.GetProperty("line").GetInt32();
        if (ModuleFile(command) is not { } file)
        {
            // A text module that comes as nothing but text leaves no current module for the commands behind it.
            _current = kind == "module" ? null : _current;
            _report.SkipText();
            return;
        }

        try
        {
            var mismatch = kind switch
            {
                "module" => Instantiate(command, file),
                "register" => Register(command),
                "action" => Act(command),
                "assert_return" => AssertReturn(command),
                "assert_trap" or "assert_exhaustion" => AssertTrap(command, kind),
                "assert_invalid" or "assert_malformed" => AssertRefused(file),
                "assert_unlinkable" => AssertUnlinkable(file),
                "assert_uninstantiable" => AssertUninstantiable(command, file),
                _ => ("a known command", $"'{kind}'"),
            };
            if (mismatch is { } found)
            {
                _report.Fail(line, kind, found.Expected, found.Actual);
            }
            else
            {
                _report.Pass(kind);
            }
        }
        catch (Exception exception)
        {
            _report.Fail(line, kind, Wanted(command, kind), Describe(exception));
        }
    }

    /// <summary>The binary that a command names, "" for a command without a module, null for one with text alone.</summary>
    private string? ModuleFile(JsonElement command)
    {
        if (!command.TryGetProperty("module_type", out var type))
        {
            return "";
        }

        if (type.GetString() == "binary")
        {
            return Path.Combine(_folder, command.GetProperty("filename").GetString()!);
        }

        return command.TryGetProperty("binary_filename", out var binary)
            ? Path.Combine(_folder, binary.GetString()!)
            : null;
    }

    private Module Compile(string file)
    {
        var module = Module.Compile(File.ReadAllBytes(file));
        _modules.Add(module);
        return module;
    }

    private (string Expected, string Actual)? Instantiate(JsonElement command, string file)
    {
        _current = null;
        _current = _linker.Instantiate(_store, Compile(file));
        if (command.TryGetProperty("name", out var name))
        {
            _named[name.GetString()!] = _current;
        }

        return null;
    }

    private (string Expected, string Actual)? Register(JsonElement command)
    {
        _linker.DefineInstance(command.GetProperty("as").GetString()!, InstanceOf(command, "name"));
        return null;
    }

    private (string Expected, string Actual)? Act(JsonElement command)
    {
        Perform(command.GetProperty("action"));
        return null;
    }

    private (string Expected, string Actual)? AssertReturn(JsonElement command)
    {
        var expected = command.GetProperty("expected").EnumerateArray().Select(SpecValue.Read).ToArray();
        var actual = Perform(command.GetProperty("action"));
        if (expected.Length == actual.Length && expected.Zip(actual).All(pair => pair.First.Matches(pair.Second)))
        {
            return null;
        }

        return ($"{Name(command)} -> [{string.Join(", ", (object[])expected)}]", $"[{string.Join(", ", actual.Select(Show))}]");
    }

    private (string Expected, string Actual)? AssertTrap(JsonElement command, string kind)
    {
        var text = command.GetProperty("text").GetString()!;
        WasmValue[] values;
        try
        {
            values = Perform(command.GetProperty("action"));
        }
        catch (TrapException trap) when (IsSaid(text, trap.Message)
            && (kind == "assert_exhaustion") == (trap.Code == TrapCode.StackExhausted))
        {
            return null;
        }

        return (Wanted(command, kind), $"[{string.Join(", ", values.Select(Show))}]");
    }

    private (string Expected, string Actual)? AssertRefused(string file)
    {
        try
        {
            Compile(file);
        }
        catch (InvalidModuleException exception) when (exception.Fault is not ModuleFault.LimitExceeded)
        {
            // What 2.0 calls malformed may be a later proposal's: refused as unsupported, it is refused.
            return null;
        }

        return ("a refused module", "a compiled module");
    }

    private (string Expected, string Actual)? AssertUnlinkable(string file)
    {
        var module = Compile(file);
        try
        {
            _linker.Instantiate(_store, module);
        }
        catch (LinkException)
        {
            return null;
        }

        return ("a link error", "an instance");
    }

    private (string Expected, string Actual)? AssertUninstantiable(JsonElement command, string file)
    {
        var text = command.GetProperty("text").GetString()!;
        var module = Compile(file);
        try
        {
            _linker.Instantiate(_store, module);
        }
        catch (TrapException trap) when (IsSaid(text, trap.Message))
        {
            return null;
        }

        return (text, "an instance");
    }

    private WasmValue[] Perform(JsonElement action)
    {
        var instance = InstanceOf(action, "module");
        var field = action.GetProperty("field").GetString()!;
        var type = action.GetProperty("type").GetString();
        switch (type)
        {
            case "invoke":
                var arguments = action.GetProperty("args").EnumerateArray()
                    .Select(argument => SpecValue.Read(argument).ToArgument())
                    .ToArray();
                return (instance.GetFunction(field) ?? throw new MissingMemberException($"no exported function '{field}'"))
                    .Invoke(arguments);
            case "get":
                return [(instance.GetGlobal(field) ?? throw new MissingMemberException($"no exported global '{field}'")).Value];
            default:
                throw new NotSupportedException($"the suite uses the action '{type}'");
        }
    }

    private Instance InstanceOf(JsonElement element, string property) =>
        (element.TryGetProperty(property, out var name) ? _named.GetValueOrDefault(name.GetString()!) : _current)
        ?? throw new InvalidOperationException("the module that this command speaks of was not instantiated");

    // The suite's text is a prefix of the message, or says more than it: "uninitialized element 2" names the index.
    private static bool IsSaid(string text, string message) =>
        message.StartsWith(text, StringComparison.Ordinal) || text.StartsWith(message, StringComparison.Ordinal);

    private static string Wanted(JsonElement command, string kind) =>
        kind switch
        {
            "assert_return" => $"{Name(command)} -> a result",
            "assert_trap" or "assert_exhaustion" => $"{Name(command)} -> {command.GetProperty("text").GetString()}",
            _ when command.TryGetProperty("text", out var text) => text.GetString()!,
            _ => "success",
        };

    private static string Name(JsonElement command)
    {
        var action = command.GetProperty("action");
        var field = action.GetProperty("field").GetString();
        return action.TryGetProperty("args", out var arguments)
            ? $"{field}({string.Join(", ", arguments.EnumerateArray().Select(argument => SpecValue.Read(argument).ToString()))})"
            : $"{field}";
    }

    private static string Show(WasmValue value) =>
        value.Kind is ValueKind.F32 or ValueKind.F64 ? $"{value.Kind}:{value} (bits {(ulong)value.Bits})" : $"{value.Kind}:{value}";

    private static string Describe(Exception exception) =>
        exception is InvalidModuleException or LinkException or TrapException
            ? $"{exception.GetType().Name}: {exception.Message}"
            : exception.ToString().ReplaceLineEndings(" | ");
}
