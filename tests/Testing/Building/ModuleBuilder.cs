using HeliosEdge.Wasm;

namespace HeliosEdge.Testing.Building;

/// <summary>
/// Builds a module's bytes. Indices come back as each thing is added; imports of a kind must be added before
/// definitions of that kind. Bodies are written when <see cref="Build"/> runs, so that a body can mention a function
/// that was added after it.
/// </summary>
public sealed class ModuleBuilder
{
    private readonly List<(ValueKind[] Parameters, ValueKind[] Results)> _types = [];
    private readonly Dictionary<string, int> _typeIndices = [];
    private readonly List<Action<WasmBuffer>> _imports = [];
    private readonly List<(int Type, Action<Code> Body)> _functions = [];
    private readonly List<Action<WasmBuffer>> _tables = [];
    private readonly List<Action<WasmBuffer>> _memories = [];
    private readonly List<Action<WasmBuffer>> _globals = [];
    private readonly List<Action<WasmBuffer>> _exports = [];
    private readonly List<Action<WasmBuffer>> _elements = [];
    private readonly List<Action<WasmBuffer>> _data = [];
    private readonly List<(int Index, string Name)> _functionNames = [];
    private readonly List<(int AfterSection, string Name, byte[] Content)> _customs = [];
    private int _importedFunctions;
    private int _importedTables;
    private int _importedMemories;
    private int _importedGlobals;
    private int? _start;
    private string? _name;
    private bool _dataCount;

    public int FunctionCount => _importedFunctions + _functions.Count;

    public ModuleBuilder Named(string name)
    {
        _name = name;
        return this;
    }

    public int Type(ValueKind[] parameters, ValueKind[] results)
    {
        var key = Convert.ToHexString([.. parameters.Select(k => (byte)k), 0, .. results.Select(k => (byte)k)]);
        if (!_typeIndices.TryGetValue(key, out var index))
        {
            index = _types.Count;
            _types.Add((parameters, results));
            _typeIndices.Add(key, index);
        }

        return index;
    }

    public int ImportFunction(string module, string name, ValueKind[] parameters, ValueKind[] results)
    {
        if (_functions.Count > 0)
        {
            throw new InvalidOperationException("Imported functions come before defined ones.");
        }

        var type = Type(parameters, results);
        _imports.Add(w => w.Name(module).Name(name).Byte(0).Unsigned((ulong)type));
        return _importedFunctions++;
    }

    public int ImportTable(string module, string name, ValueKind kind, uint minimum, uint? maximum = null)
    {
        _imports.Add(w => Limits(w.Name(module).Name(name).Byte(1).Byte((byte)kind), minimum, maximum));
        return _importedTables++;
    }

    public int ImportMemory(string module, string name, uint minimum, uint? maximum = null)
    {
        _imports.Add(w => Limits(w.Name(module).Name(name).Byte(2), minimum, maximum));
        return _importedMemories++;
    }

    public int ImportGlobal(string module, string name, ValueKind kind, bool mutable)
    {
        _imports.Add(w => w.Name(module).Name(name).Byte(3).Byte((byte)kind).Byte(mutable ? (byte)1 : (byte)0));
        return _importedGlobals++;
    }

    public int Function(string? export, ValueKind[] parameters, ValueKind[] results, Action<Code> body, string? name = null)
    {
        var index = _importedFunctions + _functions.Count;
        _functions.Add((Type(parameters, results), body));
        if (export is not null)
        {
            Export(export, 0, index);
        }

        if (name is not null)
        {
            NameFunction(index, name);
        }

        return index;
    }

    public ModuleBuilder NameFunction(int index, string name)
    {
        _functionNames.Add((index, name));
        return this;
    }

    public int Table(ValueKind kind, uint minimum, uint? maximum = null, string? export = null)
    {
        _tables.Add(w => Limits(w.Byte((byte)kind), minimum, maximum));
        var index = _importedTables + _tables.Count - 1;
        if (export is not null)
        {
            Export(export, 1, index);
        }

        return index;
    }

    public int Memory(uint minimum, uint? maximum = null, string? export = null)
    {
        _memories.Add(w => Limits(w, minimum, maximum));
        var index = _importedMemories + _memories.Count - 1;
        if (export is not null)
        {
            Export(export, 2, index);
        }

        return index;
    }

    public int Global(ValueKind kind, bool mutable, Action<Code> initial, string? export = null)
    {
        _globals.Add(w => Expression(w.Byte((byte)kind).Byte(mutable ? (byte)1 : (byte)0), initial));
        var index = _importedGlobals + _globals.Count - 1;
        if (export is not null)
        {
            Export(export, 3, index);
        }

        return index;
    }

    public ModuleBuilder Export(string name, byte kind, int index)
    {
        _exports.Add(w => w.Name(name).Byte(kind).Unsigned((ulong)index));
        return this;
    }

    public ModuleBuilder Start(int function)
    {
        _start = function;
        return this;
    }

    /// <summary>An active segment of functions for table 0.</summary>
    public int Elements(int offset, params int[] functions)
    {
        _elements.Add(w =>
        {
            Expression(w.Unsigned(0), c => c.I32(offset));
            w.Unsigned((ulong)functions.Length);
            foreach (var function in functions)
            {
                w.Unsigned((ulong)function);
            }
        });
        return _elements.Count - 1;
    }

    /// <summary>A passive segment of functions; it also declares them for <c>ref.func</c>.</summary>
    public int PassiveElements(params int[] functions)
    {
        _elements.Add(w =>
        {
            w.Unsigned(1).Byte(0).Unsigned((ulong)functions.Length);
            foreach (var function in functions)
            {
                w.Unsigned((ulong)function);
            }
        });
        return _elements.Count - 1;
    }

    public int Data(int offset, params byte[] bytes)
    {
        _data.Add(w => Expression(w.Unsigned(0), c => c.I32(offset)).Unsigned((ulong)bytes.Length).Bytes(bytes));
        return _data.Count - 1;
    }

    public int PassiveData(params byte[] bytes)
    {
        _dataCount = true;
        _data.Add(w => w.Unsigned(1).Unsigned((ulong)bytes.Length).Bytes(bytes));
        return _data.Count - 1;
    }

    /// <summary>A custom section behind the section with the given number (0: at the start of the module).</summary>
    public ModuleBuilder Custom(string name, byte[] content, int afterSection = 11)
    {
        _customs.Add((afterSection, name, content));
        return this;
    }

    public byte[] Build()
    {
        // Bodies first: they may still ask for types.
        var bodies = _functions.ConvertAll(function =>
        {
            var code = new Code(_types[function.Type].Parameters.Length);
            function.Body(code);
            return code.Finish();
        });
        var module = new WasmBuffer().Bytes("\0asm"u8).Int32Bits(1);
        Customs(module, 0);
        Vector(module, 1, _types.ConvertAll(t =>
            (Action<WasmBuffer>)(w => w.Byte(0x60).Kinds(t.Parameters).Kinds(t.Results))));
        Vector(module, 2, _imports);
        Vector(module, 3, _functions.ConvertAll(f => (Action<WasmBuffer>)(w => w.Unsigned((ulong)f.Type))));
        Vector(module, 4, _tables);
        Vector(module, 5, _memories);
        Vector(module, 6, _globals);
        Vector(module, 7, _exports);
        if (_start is { } start)
        {
            module.Byte(8).Sized(new WasmBuffer().Unsigned((ulong)start));
        }

        Customs(module, 8);
        Vector(module, 9, _elements);
        if (_dataCount)
        {
            module.Byte(12).Sized(new WasmBuffer().Unsigned((ulong)_data.Count));
        }

        Vector(module, 10, bodies.ConvertAll(body => (Action<WasmBuffer>)(w => w.Sized(body))));
        Vector(module, 11, _data);
        Names(module);
        return module.ToArray();
    }

    private static void Limits(WasmBuffer writer, uint minimum, uint? maximum)
    {
        writer.Byte(maximum is null ? (byte)0 : (byte)1).Unsigned(minimum);
        if (maximum is { } value)
        {
            writer.Unsigned(value);
        }
    }

    private static WasmBuffer Expression(WasmBuffer writer, Action<Code> expression)
    {
        var code = new Code(0);
        expression(code);
        return writer.Bytes(code.Instructions).Byte((byte)Op.End);
    }

    private void Vector(WasmBuffer module, byte section, List<Action<WasmBuffer>> items)
    {
        if (items.Count > 0)
        {
            var content = new WasmBuffer().Unsigned((ulong)items.Count);
            foreach (var item in items)
            {
                item(content);
            }

            module.Byte(section).Sized(content);
        }

        Customs(module, section);
    }

    private void Customs(WasmBuffer module, int afterSection)
    {
        foreach (var (after, name, content) in _customs)
        {
            if (after == afterSection)
            {
                module.Byte(0).Sized(new WasmBuffer().Name(name).Bytes(content));
            }
        }
    }

    private void Names(WasmBuffer module)
    {
        if (_name is null && _functionNames.Count == 0)
        {
            return;
        }

        var section = new WasmBuffer().Name("name");
        if (_name is not null)
        {
            section.Byte(0).Sized(new WasmBuffer().Name(_name));
        }

        if (_functionNames.Count > 0)
        {
            var map = new WasmBuffer().Unsigned((ulong)_functionNames.Count);
            foreach (var (index, name) in _functionNames.OrderBy(f => f.Index))
            {
                map.Unsigned((ulong)index).Name(name);
            }

            section.Byte(1).Sized(map);
        }

        module.Byte(0).Sized(section);
    }
}
