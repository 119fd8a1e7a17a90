using System.Collections.Immutable;
using HeliosEdge.Wasm;
using HeliosEdge.Wasm.Binary;

namespace HeliosEdge.Sandbox.Engines.Inspection;

/// <summary>
/// Reads what a module of WebAssembly 3.0 says outside its function bodies: imports, exports, memories, tables, names. It does not
/// validate: it is for modules that an engine has accepted, and safe on any bytes.
/// </summary>
internal ref struct ModuleInspector
{
    private const int PreambleBytes = 8;
    private const byte FunctionNames = 1;

    private readonly List<string?> _functionTypes = [];
    private readonly ImmutableArray<ModuleImport>.Builder _imports = ImmutableArray.CreateBuilder<ModuleImport>();
    private readonly ImmutableArray<ModuleExport>.Builder _exports = ImmutableArray.CreateBuilder<ModuleExport>();
    private readonly List<string> _functions = [];
    private readonly List<string> _tables = [];
    private readonly ImmutableArray<ulong>.Builder _ownTables = ImmutableArray.CreateBuilder<ulong>();
    private readonly List<string> _memories = [];
    private readonly ImmutableArray<MemoryOutline>.Builder _memoryTypes = ImmutableArray.CreateBuilder<MemoryOutline>();
    private readonly List<string> _globals = [];
    private readonly List<string> _tags = [];
    private readonly ImmutableArray<Range>.Builder _bodies = ImmutableArray.CreateBuilder<Range>();
    private readonly Dictionary<int, string> _names = [];
    private readonly Dictionary<int, string> _exportedNames = [];
    private int _importedMemories;
    private int _dataSegments;
    private bool _hasStart;
    private bool _hasObjectTypes;
    private readonly ReadOnlySpan<byte> _wasm;
    private WasmReader _reader;

    private ModuleInspector(ReadOnlySpan<byte> wasm)
    {
        _wasm = wasm;
        _reader = new WasmReader(wasm);
    }

    /// <summary>Reads a module.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidModule"/> with the offset of the byte that is none of a module's.</exception>
    public static ModuleOutline Read(ReadOnlySpan<byte> wasm)
    {
        var inspector = new ModuleInspector(wasm);
        try
        {
            return inspector.Read();
        }
        catch (InvalidModuleException e)
        {
            throw Refused(e);
        }
    }

    /// <summary>The port's exception for bytes that are none of a module's, or that ask too much of the compiler.</summary>
    public static SandboxException Refused(InvalidModuleException e) => e is CompileLimitException limit
        ? new(ErrorCodes.CompileLimitExceeded, $"The module takes too much to compile: {e.Message}.", e) { Limit = limit.Maximum, Value = limit.Value, Offset = e.Offset }
        : new(ErrorCodes.InvalidModule, $"The module is not accepted: {e.Message}.", e) { Offset = e.Offset };

    private ModuleOutline Read()
    {
        if (!_reader.Bytes(PreambleBytes).SequenceEqual("\0asm\u0001\0\0\0"u8))
        {
            throw _reader.Malformed("not a module of version 1", 0);
        }

        while (!_reader.AtEnd)
        {
            var id = (SectionId)_reader.Byte();
            var at = _reader.Position;
            var size = _reader.U32();
            var start = _reader.Position;
            if (size > (uint)_reader.Remaining)
            {
                throw _reader.Malformed("unexpected end of section", at);
            }

            var end = start + (int)size;
            ReadSection(id, end);
            if (_reader.Position > end)
            {
                throw _reader.Malformed("section size mismatch", start);
            }

            _reader.Skip(end - _reader.Position);
        }

        foreach (var (index, name) in _exportedNames)
        {
            _names.TryAdd(index, name);
        }

        return new ModuleOutline
        {
            Imports = _imports.ToImmutable(),
            Exports = _exports.ToImmutable(),
            Types = _functionTypes.Count,
            HasObjectTypes = _hasObjectTypes,
            Functions = _functions.Count,
            Globals = _globals.Count,
            Memories = _memoryTypes.ToImmutable(),
            ImportedMemories = _importedMemories,
            OwnTables = _ownTables.ToImmutable(),
            Tables = _tables.Count,
            DataSegments = _dataSegments,
            HasStart = _hasStart,
            Bodies = _bodies.ToImmutable(),
            FunctionNames = _names,
        };
    }

    private void ReadSection(SectionId id, int end)
    {
        switch (id)
        {
            case SectionId.Custom:
                ReadNames(end);
                break;
            case SectionId.Type:
                Repeat(static (ref ModuleInspector self) => self.ReadTypes());
                break;
            case SectionId.Import:
                Repeat(static (ref ModuleInspector self) => self.ReadImport());
                break;
            case SectionId.Function:
                Repeat(static (ref ModuleInspector self) => self._functions.Add(self.FunctionType()));
                break;
            case SectionId.Table:
                Repeat(static (ref ModuleInspector self) => self.ReadTable());
                break;
            case SectionId.Memory:
                Repeat(static (ref ModuleInspector self) => self.AddMemory());
                break;
            case SectionId.Tag:
                Repeat(static (ref ModuleInspector self) => self._tags.Add(self.TagType()));
                break;
            case SectionId.Global:
                Repeat(static (ref ModuleInspector self) => self.ReadGlobal());
                break;
            case SectionId.Export:
                Repeat(static (ref ModuleInspector self) => self.ReadExport());
                break;
            case SectionId.Code:
                Repeat(static (ref ModuleInspector self) => self.ReadBody());
                break;
            case SectionId.Data:
                _dataSegments = (int)Math.Min(_reader.U32(), int.MaxValue);
                break;
            case SectionId.Start:
                _hasStart = true;
                break;
            case SectionId.Element or SectionId.DataCount:
                break;
            default:
                throw _reader.Malformed($"malformed section id {(byte)id}");
        }
    }

    private delegate void Element(ref ModuleInspector self);

    private void Repeat(Element read)
    {
        for (var count = _reader.U32(); count > 0; count--)
        {
            read(ref this);
        }
    }

    private void ReadTypes()
    {
        const byte Group = 0x4E;
        if (_reader.Peek() != Group)
        {
            ReadType();
            return;
        }

        _reader.Skip(1);
        Repeat(static (ref ModuleInspector self) => self.ReadType());
    }

    private void ReadType()
    {
        var at = _reader.Position;
        var form = _reader.Byte();
        if (form is 0x50 or 0x4F)
        {
            for (var supertypes = _reader.U32(); supertypes > 0; supertypes--)
            {
                _ = _reader.U32();
            }

            at = _reader.Position;
            form = _reader.Byte();
        }

        switch (form)
        {
            case 0x60:
                _functionTypes.Add($"({Values()}) -> ({Values()})");
                return;
            case 0x5F:
                for (var fields = _reader.U32(); fields > 0; fields--)
                {
                    SkipField();
                }

                break;
            case 0x5E:
                SkipField();
                break;
            default:
                throw _reader.Malformed("malformed type", at);
        }

        _functionTypes.Add(null);
        _hasObjectTypes = true;
    }

    private void SkipField()
    {
        // A field may be packed: i8, i16.
        if (_reader.Peek() is 0x78 or 0x77)
        {
            _reader.Skip(1);
        }
        else
        {
            _ = TypeReader.Value(ref _reader);
        }

        _ = _reader.Byte();
    }

    private string Values()
    {
        var at = _reader.Position;
        var count = _reader.U32();
        if (count > (uint)_reader.Remaining)
        {
            throw _reader.Malformed("length out of bounds", at);
        }

        var types = new string[count];
        for (var i = 0; i < types.Length; i++)
        {
            types[i] = TypeReader.Value(ref _reader);
        }

        return string.Join(", ", types);
    }

    private string FunctionType()
    {
        var at = _reader.Position;
        var index = _reader.U32();
        return index < (uint)_functionTypes.Count && _functionTypes[(int)index] is { } type
            ? type
            : throw _reader.Invalid($"unknown function type {index}", at);
    }

    private string TagType()
    {
        _ = _reader.Byte();
        return $"tag {FunctionType()}";
    }

    private void ReadImport()
    {
        var module = _reader.Name();
        var name = _reader.Name();
        var at = _reader.Position;
        var kind = _reader.Byte();
        switch (kind)
        {
            case 0:
                _functions.Add(FunctionType());
                _imports.Add(new ModuleImport(module, name, ExternalKind.Function, _functions[^1]));
                break;
            case 1:
                _tables.Add(TypeReader.Table(ref _reader).Text);
                _imports.Add(new ModuleImport(module, name, ExternalKind.Table, _tables[^1]));
                break;
            case 2:
                AddMemory();
                _importedMemories++;
                _imports.Add(new ModuleImport(module, name, ExternalKind.Memory, _memories[^1]));
                break;
            case 3:
                _globals.Add(TypeReader.Global(ref _reader));
                _imports.Add(new ModuleImport(module, name, ExternalKind.Global, _globals[^1]));
                break;
            case 4:
                _tags.Add(TagType());
                _imports.Add(new ModuleImport(module, name, ExternalKind.Tag, _tags[^1]));
                break;
            default:
                throw _reader.Malformed("malformed import kind", at);
        }
    }

    private void AddMemory()
    {
        var (memory, text) = TypeReader.Memory(ref _reader);
        _memoryTypes.Add(memory);
        _memories.Add(text);
    }

    private void ReadTable()
    {
        const byte Initialised = 0x40;
        var isInitialised = _reader.Peek() == Initialised;
        if (isInitialised)
        {
            _reader.Skip(2);
        }

        var (minimum, text) = TypeReader.Table(ref _reader);
        _ownTables.Add(minimum);
        _tables.Add(text);
        if (isInitialised)
        {
            InstructionReader.SkipExpression(ref _reader);
        }
    }

    private void ReadGlobal()
    {
        _globals.Add(TypeReader.Global(ref _reader));
        InstructionReader.SkipExpression(ref _reader);
    }

    private void ReadExport()
    {
        var name = _reader.Name();
        var at = _reader.Position;
        var kind = _reader.Byte();
        var (external, types) = kind switch
        {
            0 => (ExternalKind.Function, _functions),
            1 => (ExternalKind.Table, _tables),
            2 => (ExternalKind.Memory, _memories),
            3 => (ExternalKind.Global, _globals),
            4 => (ExternalKind.Tag, _tags),
            _ => throw _reader.Malformed("malformed export kind", at),
        };
        at = _reader.Position;
        var index = _reader.U32();
        if (index >= (uint)types.Count)
        {
            throw _reader.Invalid($"unknown {external.ToString().ToLowerInvariant()} {index}", at);
        }

        _exports.Add(new ModuleExport(name, external, types[(int)index]));
        if (external == ExternalKind.Function)
        {
            _exportedNames.TryAdd((int)index, name);
        }
    }

    private void ReadBody()
    {
        var at = _reader.Position;
        var size = _reader.U32();
        if (size > (uint)_reader.Remaining)
        {
            throw _reader.Malformed("unexpected end", at);
        }

        _bodies.Add(_reader.Position..(_reader.Position + (int)size));
        _reader.Skip((int)size);
    }

    /// <summary>A custom section; a broken name section never makes a module invalid (core spec 7.1), what was read up to the fault is kept.</summary>
    private readonly void ReadNames(int end)
    {
        var section = new WasmReader(_wasm, _reader.Position, end);
        if (section.Name() != "name")
        {
            return;
        }

        try
        {
            while (!section.AtEnd)
            {
                var id = section.Byte();
                var size = section.U32();
                var start = section.Position;
                section.Skip((int)Math.Min(size, int.MaxValue));
                if (id == FunctionNames)
                {
                    ReadFunctionNames(new WasmReader(_wasm, start, section.Position));
                }
            }
        }
        catch (InvalidModuleException)
        {
            // Names serve diagnostics only: the specification has engines ignore a malformed custom section.
            return;
        }
    }

    private readonly void ReadFunctionNames(WasmReader names)
    {
        for (var count = names.U32(); count > 0; count--)
        {
            var index = names.U32();
            var name = names.Name();
            if (index < (uint)_functions.Count)
            {
                _names[(int)index] = name;
            }
        }
    }
}
