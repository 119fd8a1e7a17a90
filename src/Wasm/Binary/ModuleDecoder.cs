using System.Collections.Immutable;
using System.Runtime.Intrinsics;
using HeliosEdge.Wasm.Compiler;
using HeliosEdge.Wasm.Runtime;

namespace HeliosEdge.Wasm.Binary;

/// <summary>
/// Reads a module's sections (core spec 5.5) and checks everything outside function bodies (core spec 3.4);
/// bodies are only located here and are validated while they are compiled.
/// </summary>
internal static class ModuleDecoder
{
    private const uint MaxPages = 65_536;

    public static ModuleDefinition Decode(ReadOnlySpan<byte> wasm, ModuleLimits limits, Action? checkpoint = null)
    {
        if (wasm.Length > limits.MaxModuleBytes)
        {
            throw new CompileLimitException(nameof(ModuleLimits.MaxModuleBytes), "the module has", wasm.Length, "bytes", limits.MaxModuleBytes, 0);
        }

        var reader = new WasmReader(wasm);
        if (wasm.Length < 4)
        {
            throw reader.Malformed(wasm.Length == 0 ? "unexpected end" : "magic header not detected", 0);
        }

        if (!reader.Bytes(4).SequenceEqual("\0asm"u8))
        {
            throw reader.Malformed("magic header not detected", 0);
        }

        if (reader.Remaining < 4)
        {
            throw reader.Malformed("unexpected end");
        }

        var version = reader.Bytes(4);
        if (version.SequenceEqual("\x0d\0\x01\0"u8) || version.SequenceEqual("\x01\0\x01\0"u8))
        {
            throw reader.Unsupported("the component model", 4);
        }

        if (!version.SequenceEqual("\x01\0\0\0"u8))
        {
            throw reader.Malformed("unknown binary version", 4);
        }

        var module = new ModuleDefinition();
        var last = 0;
        var declaredBodies = 0;
        var sawCode = false;
        while (!reader.AtEnd)
        {
            checkpoint?.Invoke();
            var at = reader.Position;
            var id = reader.Byte();
            var size = reader.U32();
            if (size > (uint)reader.Remaining)
            {
                throw reader.Malformed("length out of bounds");
            }

            var section = new WasmReader(wasm, reader.Position, reader.Position + (int)size);
            reader.Skip((int)size);
            if (id == 0)
            {
                ReadCustom(ref section, module);
                continue;
            }

            if (id == 13)
            {
                throw reader.Unsupported("exception handling (tag section)", at);
            }

            if (id > 13)
            {
                throw reader.Malformed($"malformed section id {id}", at);
            }

            // The data count section stands between the element and the code section.
            var order = id switch { 12 => 10, 10 => 11, 11 => 12, _ => id };
            if (order <= last)
            {
                throw reader.Malformed("unexpected content after last section", at);
            }

            last = order;
            switch (id)
            {
                case 1:
                    ReadTypes(ref section, module, limits);
                    break;
                case 2:
                    ReadImports(ref section, module, limits);
                    break;
                case 3:
                    declaredBodies = ReadFunctions(ref section, module, limits);
                    break;
                case 4:
                    ReadTables(ref section, module, limits);
                    break;
                case 5:
                    ReadMemories(ref section, module, limits);
                    break;
                case 6:
                    ReadGlobals(ref section, module, limits);
                    break;
                case 7:
                    ReadExports(ref section, module, limits);
                    break;
                case 8:
                    ReadStart(ref section, module);
                    break;
                case 9:
                    ReadElements(ref section, module, limits);
                    break;
                case 10:
                    sawCode = true;
                    ReadCode(ref section, module, declaredBodies, limits);
                    break;
                case 11:
                    ReadData(ref section, module, limits);
                    break;
                case 12:
                    module.DataCount = DataCount(ref section, limits);
                    break;
            }

            if (!section.AtEnd)
            {
                throw section.Malformed("section size mismatch");
            }
        }

        if (declaredBodies != 0 && !sawCode)
        {
            throw reader.Malformed("function and code section have inconsistent lengths");
        }

        if (module.DataCount is { } count && count != module.DataSegments.Count)
        {
            throw reader.Malformed("data count and data section have inconsistent lengths");
        }

        return module;
    }

    internal static ValueKind ReadValueKind(ref WasmReader reader)
    {
        var at = reader.Position;
        var b = reader.Byte();
        return b switch
        {
            0x7F or 0x7E or 0x7D or 0x7C or 0x7B or 0x70 or 0x6F => (ValueKind)b,
            0x63 or 0x64 => throw reader.Unsupported("typed function references", at),
            0x6E or 0x6D or 0x6C or 0x6B or 0x6A or 0x71 or 0x72 or 0x73 => throw reader.Unsupported("garbage collection", at),
            0x69 or 0x74 => throw reader.Unsupported("exception handling", at),
            _ => throw reader.Malformed($"malformed value type 0x{b:x2}", at),
        };
    }

    internal static ValueKind ReadReferenceKind(ref WasmReader reader)
    {
        // The index of a type where 2.0 has only the two abstract ones.
        const byte FirstAbstract = 0x40;
        var at = reader.Position;
        if (reader.Peek() < FirstAbstract)
        {
            throw reader.Unsupported("typed function references", at);
        }

        var kind = ReadValueKind(ref reader);
        return kind is ValueKind.FuncRef or ValueKind.ExternRef ? kind : throw reader.Malformed("malformed reference type", at);
    }

    private static void ReadCustom(ref WasmReader reader, ModuleDefinition module)
    {
        if (reader.Name() == "name")
        {
            NameSection.Read(ref reader, module);
        }
    }

    private static void ReadTypes(ref WasmReader reader, ModuleDefinition module, ModuleLimits limits)
    {
        var count = reader.Count("types", nameof(ModuleLimits.MaxItems), limits.MaxItems);
        module.Types = new FunctionType[count];
        for (var i = 0; i < count; i++)
        {
            var at = reader.Position;
            var form = reader.Byte();
            if (form is 0x5F or 0x5E or 0x50 or 0x4F or 0x4E)
            {
                throw reader.Unsupported("garbage collection", at);
            }

            if (form != 0x60)
            {
                throw reader.Malformed($"malformed type form 0x{form:x2}", at);
            }

            var parameters = ReadKinds(ref reader, "parameters", limits);
            var results = ReadKinds(ref reader, "results", limits);
            module.Types[i] = FunctionTypeInterner.Intern(new FunctionType(parameters, results));
        }
    }

    private static ImmutableArray<ValueKind> ReadKinds(ref WasmReader reader, string what, ModuleLimits limits)
    {
        var count = reader.Count(what + " in one function type", nameof(ModuleLimits.MaxParameters), limits.MaxParameters);
        var kinds = ImmutableArray.CreateBuilder<ValueKind>(count);
        for (var i = 0; i < count; i++)
        {
            kinds.Add(ReadValueKind(ref reader));
        }

        return kinds.MoveToImmutable();
    }

    private static void ReadImports(ref WasmReader reader, ModuleDefinition module, ModuleLimits limits)
    {
        var count = reader.Count("imports", nameof(ModuleLimits.MaxItems), limits.MaxItems);
        for (var i = 0; i < count; i++)
        {
            var moduleName = reader.Name();
            var name = reader.Name();
            var at = reader.Position;
            var kind = reader.Byte();
            switch (kind)
            {
                case 0:
                    var type = ReadTypeIndex(ref reader, module);
                    module.Imports.Add(new Import(moduleName, name, ExternKind.Function, type, default, default, default));
                    module.Functions.Add(type);
                    module.ImportedFunctions++;
                    break;
                case 1:
                    var table = ReadTableType(ref reader);
                    module.Imports.Add(new Import(moduleName, name, ExternKind.Table, 0, table, default, default));
                    module.Tables.Add(table);
                    module.ImportedTables++;
                    break;
                case 2:
                    var memory = ReadMemoryType(ref reader);
                    module.Imports.Add(new Import(moduleName, name, ExternKind.Memory, 0, default, memory, default));
                    module.Memories.Add(memory);
                    module.ImportedMemories++;
                    break;
                case 3:
                    var global = ReadGlobalType(ref reader);
                    module.Imports.Add(new Import(moduleName, name, ExternKind.Global, 0, default, default, global));
                    module.GlobalTypes.Add(global);
                    module.ImportedGlobals++;
                    break;
                case 4:
                    throw reader.Unsupported("exception handling (tag import)", at);
                default:
                    throw reader.Malformed("malformed import kind", at);
            }
        }

        CheckTableCount(ref reader, module, limits);
    }

    private static void CheckTableCount(ref WasmReader reader, ModuleDefinition module, ModuleLimits limits)
    {
        if (module.Tables.Count > limits.MaxTables)
        {
            throw new CompileLimitException(nameof(ModuleLimits.MaxTables), "the module has", module.Tables.Count, "tables", limits.MaxTables, reader.Position);
        }

        if (module.Memories.Count > 1)
        {
            throw reader.Invalid("multiple memories: multi-memory is not supported", reader.Position);
        }
    }

    private static int ReadTypeIndex(ref WasmReader reader, ModuleDefinition module)
    {
        var at = reader.Position;
        var index = reader.U32();
        return index < (uint)module.Types.Length ? (int)index : throw reader.Invalid($"unknown type {index}", at);
    }

    private static TableType ReadTableType(ref WasmReader reader)
    {
        var at = reader.Position;
        if (reader.Peek() == 0x40)
        {
            throw reader.Unsupported("typed function references (table initializer)", at);
        }

        var element = ReadReferenceKind(ref reader);
        return new TableType(element, ReadLimits(ref reader, uint.MaxValue, "table size"));
    }

    private static Limits ReadMemoryType(ref WasmReader reader) =>
        ReadLimits(ref reader, MaxPages, "memory size must be at most 65536 pages (4GiB)");

    private static Limits ReadLimits(ref WasmReader reader, uint maximum, string tooLarge)
    {
        var at = reader.Position;
        var flags = reader.Byte();
        switch (flags)
        {
            case 0 or 1:
                break;
            case <= 0x03:
                throw reader.Unsupported("threads (shared memory)", at);
            case <= 0x07:
                throw reader.Unsupported("memory64", at);
            case <= 0x0F:
                throw reader.Unsupported("custom page sizes", at);
            default:
                throw reader.Malformed("integer too large", at);
        }

        var min = reader.U32();
        uint? max = flags == 1 ? reader.U32() : null;
        if (min > maximum || max > maximum)
        {
            throw reader.Invalid(tooLarge, at);
        }

        if (min > max)
        {
            throw reader.Invalid("size minimum must not be greater than maximum", at);
        }

        return new Limits(min, max);
    }

    private static GlobalType ReadGlobalType(ref WasmReader reader)
    {
        var kind = ReadValueKind(ref reader);
        var at = reader.Position;
        return reader.Byte() switch
        {
            0 => new GlobalType(kind, false),
            1 => new GlobalType(kind, true),
            _ => throw reader.Malformed("malformed mutability", at),
        };
    }

    private static int ReadFunctions(ref WasmReader reader, ModuleDefinition module, ModuleLimits limits)
    {
        var at = reader.Position;
        var count = reader.Count();
        if (count + module.ImportedFunctions > limits.MaxFunctions)
        {
            throw new CompileLimitException(nameof(ModuleLimits.MaxFunctions), "the module has", count + module.ImportedFunctions, "functions", limits.MaxFunctions, at);
        }

        module.Functions.EnsureCapacity(module.Functions.Count + count);
        for (var i = 0; i < count; i++)
        {
            module.Functions.Add(ReadTypeIndex(ref reader, module));
        }

        return count;
    }

    private static void ReadTables(ref WasmReader reader, ModuleDefinition module, ModuleLimits limits)
    {
        var count = reader.Count("tables", nameof(ModuleLimits.MaxTables), limits.MaxTables);
        for (var i = 0; i < count; i++)
        {
            module.Tables.Add(ReadTableType(ref reader));
        }

        CheckTableCount(ref reader, module, limits);
    }

    private static void ReadMemories(ref WasmReader reader, ModuleDefinition module, ModuleLimits limits)
    {
        var count = reader.Count("memories", nameof(ModuleLimits.MaxItems), limits.MaxItems);
        for (var i = 0; i < count; i++)
        {
            module.Memories.Add(ReadMemoryType(ref reader));
        }

        CheckTableCount(ref reader, module, limits);
    }

    private static void ReadGlobals(ref WasmReader reader, ModuleDefinition module, ModuleLimits limits)
    {
        var count = reader.Count("globals", nameof(ModuleLimits.MaxItems), limits.MaxItems);
        for (var i = 0; i < count; i++)
        {
            var type = ReadGlobalType(ref reader);
            var initial = ReadConstant(ref reader, module, type.Kind);
            module.Globals.Add(new GlobalDefinition(type, initial));
        }

        // Initial values may only name imported globals, so the types join the list after all are read.
        foreach (var global in module.Globals)
        {
            module.GlobalTypes.Add(global.Type);
        }
    }

    private static ConstantExpression ReadConstant(ref WasmReader reader, ModuleDefinition module, ValueKind expected)
    {
        ConstantExpression? value = null;
        int? second = null;
        while (true)
        {
            var at = reader.Position;
            var opcode = reader.Byte();
            if (opcode == Opcode.End)
            {
                break;
            }

            // An operator behind two values tells that they are operands, so it is looked for before they are refused.
            var next = ReadConstantInstruction(ref reader, module, opcode, at);
            second ??= value is null ? null : at;
            value = next;
        }

        if (second is { } place)
        {
            throw reader.Invalid("type mismatch: a constant expression has more than one value", place);
        }

        if (value is not { } result)
        {
            throw reader.Invalid("type mismatch: a constant expression has no value", reader.Position);
        }

        return result.Kind == expected
            ? result
            : throw reader.Invalid($"type mismatch: a constant expression of type {Text(result.Kind)}, expected {Text(expected)}", reader.Position);
    }

    private static ConstantExpression ReadConstantInstruction(ref WasmReader reader, ModuleDefinition module, byte opcode, int at)
    {
        switch (opcode)
        {
            case Opcode.I32Const:
                return Value(ValueKind.I32, Vector128.CreateScalar(reader.I32()).AsByte());
            case Opcode.I64Const:
                return Value(ValueKind.I64, Vector128.CreateScalar(reader.I64()).AsByte());
            case Opcode.F32Const:
                return Value(ValueKind.F32, Vector128.CreateScalar(reader.F32Bits()).AsByte());
            case Opcode.F64Const:
                return Value(ValueKind.F64, Vector128.CreateScalar(reader.F64Bits()).AsByte());
            case Opcode.SimdPrefix:
                var code = reader.U32();
                return code == 12
                    ? Value(ValueKind.V128, Vector128.Create(reader.Bytes(16)))
                    : throw reader.Invalid("constant expression required", at);
            case Opcode.RefNull:
                return Value(ReadReferenceKind(ref reader), default);
            case Opcode.RefFunc:
                var function = reader.U32();
                if (function >= (uint)module.Functions.Count)
                {
                    throw reader.Invalid($"unknown function {function}", at);
                }

                module.DeclaredFunctions.Add((int)function);
                return new ConstantExpression(ConstantKind.RefFunc, ValueKind.FuncRef, default, (int)function);
            case Opcode.GlobalGet:
                var global = reader.U32();
                if (global >= (uint)module.ImportedGlobals)
                {
                    throw reader.Invalid($"unknown global {global}", at);
                }

                var type = module.GlobalTypes[(int)global];
                return type.IsMutable
                    ? throw reader.Invalid("constant expression required", at)
                    : new ConstantExpression(ConstantKind.GlobalGet, type.Kind, default, (int)global);
            case Opcode.I32Add or Opcode.I32Sub or Opcode.I32Mul or Opcode.I64Add or Opcode.I64Sub or Opcode.I64Mul:
                throw reader.Invalid("constant expression required: extended constant expressions are not supported", at);
            case Opcode.GcPrefix:
                throw reader.Unsupported("garbage collection", at);
            default:
                throw Opcode.IsDefined(opcode)
                    ? reader.Invalid("constant expression required", at)
                    : reader.Malformed($"illegal opcode {opcode:x2}", at);
        }

        static ConstantExpression Value(ValueKind kind, Vector128<byte> bits) => new(ConstantKind.Value, kind, bits, 0);
    }

    private static void ReadExports(ref WasmReader reader, ModuleDefinition module, ModuleLimits limits)
    {
        var count = reader.Count("exports", nameof(ModuleLimits.MaxItems), limits.MaxItems);
        var names = new HashSet<string>(count, StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var name = reader.Name();
            var at = reader.Position;
            var kind = reader.Byte();
            if (kind == 4)
            {
                throw reader.Unsupported("exception handling (tag export)", at);
            }

            if (kind > 3)
            {
                throw reader.Malformed("malformed export kind", at);
            }

            var index = reader.U32();
            var (known, what) = (ExternKind)kind switch
            {
                ExternKind.Function => (module.Functions.Count, "function"),
                ExternKind.Table => (module.Tables.Count, "table"),
                ExternKind.Memory => (module.Memories.Count, "memory"),
                _ => (module.GlobalTypes.Count, "global"),
            };
            if (index >= (uint)known)
            {
                throw reader.Invalid($"unknown {what} {index}", at);
            }

            if (!names.Add(name))
            {
                throw reader.Invalid($"duplicate export name \"{name}\"", at);
            }

            if (kind == 0)
            {
                module.DeclaredFunctions.Add((int)index);
            }

            module.Exports.Add(new Export(name, (ExternKind)kind, (int)index));
        }
    }

    private static void ReadStart(ref WasmReader reader, ModuleDefinition module)
    {
        var at = reader.Position;
        var index = reader.U32();
        if (index >= (uint)module.Functions.Count)
        {
            throw reader.Invalid($"unknown function {index}", at);
        }

        var type = module.TypeOf((int)index);
        if (type.Parameters.Length != 0 || type.Results.Length != 0)
        {
            throw reader.Invalid($"start function must have type () -> (), has {type}", at);
        }

        module.Start = (int)index;
    }

    private static void ReadElements(ref WasmReader reader, ModuleDefinition module, ModuleLimits limits)
    {
        var count = reader.Count("element segments", nameof(ModuleLimits.MaxItems), limits.MaxItems);
        for (var i = 0; i < count; i++)
        {
            module.Elements.Add(ReadElement(ref reader, module));
        }
    }

    private static ElementSegment ReadElement(ref WasmReader reader, ModuleDefinition module)
    {
        var at = reader.Position;
        var flags = reader.U32();
        if (flags > 7)
        {
            throw reader.Malformed("malformed elements segment kind", at);
        }

        var mode = (flags & 1) == 0 ? SegmentMode.Active : (flags & 2) == 0 ? SegmentMode.Passive : SegmentMode.Declarative;
        var explicitTable = (flags & 1) == 0 && (flags & 2) != 0;
        var expressions = (flags & 4) != 0;
        var table = 0;
        ConstantExpression offset = default;
        if (mode == SegmentMode.Active)
        {
            at = reader.Position;
            var index = explicitTable ? reader.U32() : 0;
            if (index >= (uint)module.Tables.Count)
            {
                throw reader.Invalid($"unknown table {index}", at);
            }

            table = (int)index;
            offset = ReadConstant(ref reader, module, ValueKind.I32);
        }

        var kind = ValueKind.FuncRef;
        if ((flags & 3) != 0)
        {
            at = reader.Position;
            if (expressions)
            {
                kind = ReadReferenceKind(ref reader);
            }
            else if (reader.Byte() != 0)
            {
                throw reader.Malformed("malformed element kind", at);
            }
        }

        if (mode == SegmentMode.Active && module.Tables[table].Element != kind)
        {
            throw reader.Invalid($"type mismatch: a segment of {Text(kind)} for a table of {Text(module.Tables[table].Element)}", at);
        }

        var length = reader.Count();
        if (!expressions)
        {
            var functions = new int[length];
            for (var j = 0; j < length; j++)
            {
                at = reader.Position;
                var function = reader.U32();
                if (function >= (uint)module.Functions.Count)
                {
                    throw reader.Invalid($"unknown function {function}", at);
                }

                module.DeclaredFunctions.Add((int)function);
                functions[j] = (int)function;
            }

            return new ElementSegment(mode, kind, table, offset, functions, []);
        }

        var values = new ConstantExpression[length];
        var onlyFunctions = kind == ValueKind.FuncRef;
        for (var j = 0; j < length; j++)
        {
            values[j] = ReadConstant(ref reader, module, kind);
            onlyFunctions &= values[j].Source != ConstantKind.GlobalGet;
        }

        return onlyFunctions
            ? new ElementSegment(mode, kind, table, offset, Array.ConvertAll(values, v => v.Source == ConstantKind.RefFunc ? v.Index : -1), [])
            : new ElementSegment(mode, kind, table, offset, null, values);
    }

    private static void ReadCode(ref WasmReader reader, ModuleDefinition module, int declared, ModuleLimits limits)
    {
        var count = reader.Count();
        if (count != declared)
        {
            throw reader.Malformed("function and code section have inconsistent lengths");
        }

        for (var i = 0; i < count; i++)
        {
            var at = reader.Position;
            var size = reader.U32();
            if (size > (uint)reader.Remaining)
            {
                throw reader.Malformed("length out of bounds", at);
            }

            if (size > (uint)limits.MaxFunctionBytes)
            {
                throw new CompileLimitException(nameof(ModuleLimits.MaxFunctionBytes), $"function {module.ImportedFunctions + i} has", size, "bytes of code", limits.MaxFunctionBytes, at);
            }

            module.Bodies.Add(new CodeBody(reader.Position, reader.Position + (int)size));
            reader.Skip((int)size);
        }
    }

    private static int DataCount(ref WasmReader reader, ModuleLimits limits)
    {
        var at = reader.Position;
        var count = reader.U32();
        return count <= (uint)limits.MaxItems
            ? (int)count
            : throw new CompileLimitException(nameof(ModuleLimits.MaxItems), "the module has", count, "data segments", limits.MaxItems, at);
    }

    private static void ReadData(ref WasmReader reader, ModuleDefinition module, ModuleLimits limits)
    {
        var count = reader.Count("data segments", nameof(ModuleLimits.MaxItems), limits.MaxItems);
        var data = new MemoryStream();
        for (var i = 0; i < count; i++)
        {
            var at = reader.Position;
            var flags = reader.U32();
            if (flags > 2)
            {
                throw reader.Malformed("malformed data segment kind", at);
            }

            ConstantExpression offset = default;
            if (flags != 1)
            {
                at = reader.Position;
                var memory = flags == 2 ? reader.U32() : 0;
                if (memory >= (uint)module.Memories.Count)
                {
                    throw reader.Invalid($"unknown memory {memory}", at);
                }

                offset = ReadConstant(ref reader, module, ValueKind.I32);
            }

            at = reader.Position;
            var length = reader.U32();
            if (length > (uint)reader.Remaining)
            {
                throw reader.Malformed("unexpected end", at);
            }

            module.DataSegments.Add(new DataSegment(flags == 1 ? SegmentMode.Passive : SegmentMode.Active, offset, (int)data.Length, (int)length));
            data.Write(reader.Bytes((int)length));
        }

        module.Data = data.ToArray();
    }

    private static string Text(ValueKind kind) => kind.ToString().ToLowerInvariant();
}
