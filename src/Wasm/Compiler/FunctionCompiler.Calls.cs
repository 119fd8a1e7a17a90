using HeliosEdge.Wasm.Binary;
using HeliosEdge.Wasm.Runtime;

namespace HeliosEdge.Wasm.Compiler;

/// <summary>Calls, globals, tables and references (core spec 3.3.2, 3.3.5, 3.3.6, 3.3.8).</summary>
internal sealed partial class FunctionCompiler
{
    private static readonly System.Reflection.MethodInfo TableGet = RuntimeMembers.TableOperation(nameof(TableOperations.Get));
    private static readonly System.Reflection.MethodInfo TableSet = RuntimeMembers.TableOperation(nameof(TableOperations.Set));

    private void CallInstruction(ref WasmReader reader, byte opcode, int at)
    {
        if (opcode == Opcode.Call)
        {
            var function = FunctionIndex(ref reader, at);
            var type = _module.TypeOf(function);
            Flush(type.Parameters.Length);
            PopKinds(ref reader, type.Parameters);
            if (_live)
            {
                if (function < _module.ImportedFunctions)
                {
                    LoadContextField(RuntimeMembers.Imports);
                    _il.LdcI4(function);
                    _il.Op(IlOpcode.LdElemRef);
                    CallFunctionObject(type);
                }
                else
                {
                    LoadContext();
                    Calls.Add(function - _module.ImportedFunctions);
                    _il.Op(IlOpcode.Call, ModuleImage.MethodToken(function - _module.ImportedFunctions + 1));
                }
            }

            AfterCall(type);
            return;
        }

        at = reader.Position;
        var typeIndex = reader.U32();
        if (typeIndex >= (uint)_module.Types.Length)
        {
            throw reader.Invalid($"unknown type {typeIndex}", at);
        }

        at = reader.Position;
        var table = TableIndex(ref reader);
        if (_module.Tables[table].Element != ValueKind.FuncRef)
        {
            throw reader.Invalid("type mismatch: call_indirect through a table of externref", at);
        }

        var expected = _module.Types[typeIndex];
        Flush(expected.Parameters.Length + 1);
        Pop(ref reader, ValueKind.I32);
        PopKinds(ref reader, expected.Parameters);
        if (_live)
        {
            var index = RentTemporary(ValueKind.I32);
            var target = RentTemporary(ValueKind.FuncRef);
            if (_elementsLocal < 0)
            {
                _elementsLocal = NewIlLocal(typeof(Function[]));
            }

            var inside = _il.NewLabel();
            var known = _il.NewLabel();
            var fits = _il.NewLabel();
            _il.StLoc(index);
            LoadTable(table);
            _il.Op(IlOpcode.LdFld, _image.Token(RuntimeMembers.TableFunctions));
            _il.StLoc(_elementsLocal);
            _il.LdLoc(index);
            _il.LdLoc(_elementsLocal);
            _il.Op(IlOpcode.LdLen);
            _il.Op(IlOpcode.ConvI4);
            _il.Branch(IlOpcode.BltUn, inside);
            Call(RuntimeMembers.Trap(nameof(GuestTrap.UndefinedElement)));

            // After this comparison the runtime's compiler leaves the array's own check out.
            _il.Mark(inside);
            _il.LdLoc(_elementsLocal);
            _il.LdLoc(index);
            _il.Op(IlOpcode.LdElemRef);
            _il.Op(IlOpcode.Dup);
            _il.StLoc(target);
            _il.Branch(IlOpcode.BrTrue, known);
            LoadTable(table);
            _il.LdLoc(index);
            Call(RuntimeMembers.ResolveElement);
            _il.StLoc(target);
            _il.Mark(known);

            _il.LdLoc(target);
            _il.Op(IlOpcode.LdFld, _image.Token(RuntimeMembers.FunctionTypeId));
            LoadContextField(RuntimeMembers.TypeIds);
            _il.LdcI4(4 * (int)typeIndex);
            _il.Op(IlOpcode.ConvI);
            _il.Op(IlOpcode.Add);
            _il.Op(IlOpcode.LdIndI4);
            _il.Branch(IlOpcode.Beq, fits);
            Call(RuntimeMembers.Trap(nameof(GuestTrap.IndirectCallTypeMismatch)));
            _il.Mark(fits);
            _il.LdLoc(target);
            ReturnTemporary(index);
            ReturnTemporary(target);
            CallFunctionObject(expected);
        }

        AfterCall(expected);
    }

    /// <summary>Calls the function object on top of the IL stack with the arguments below it.</summary>
    private void CallFunctionObject(FunctionType type)
    {
        var target = RentTemporary(ValueKind.FuncRef);
        _il.StLoc(target);
        _il.LdLoc(target);
        _il.Op(IlOpcode.LdFld, _image.Token(RuntimeMembers.FunctionContext));
        _il.LdLoc(target);
        _il.Op(IlOpcode.LdFld, _image.Token(RuntimeMembers.FunctionCode));
        _il.Op(IlOpcode.Calli, _image.CalliToken(type));
        ReturnTemporary(target);
    }

    private void AfterCall(FunctionType type)
    {
        _effects++;
        if (_live)
        {
            _callsOut = true;
            _lengthStale = _module.Memories.Count > 0;
        }

        for (var i = 0; i < type.Results.Length; i++)
        {
            if (_live && i > 0)
            {
                ReturnArea.Load(_il, _image, type.Results[i], i, ContextArgument);
            }

            Push(type.Results[i], depth: 1);
        }
    }

    private int FunctionIndex(ref WasmReader reader, int at)
    {
        var function = reader.U32();
        return function < (uint)_module.Functions.Count ? (int)function : throw reader.Invalid($"unknown function {function}", at);
    }

    private int TableIndex(ref WasmReader reader)
    {
        var at = reader.Position;
        var table = reader.U32();
        return table < (uint)_module.Tables.Count ? (int)table : throw reader.Invalid($"unknown table {table}", at);
    }

    private void LoadTable(int table)
    {
        if (table == 0)
        {
            LoadContextField(RuntimeMembers.Table0);
            return;
        }

        LoadContextField(RuntimeMembers.Tables);
        _il.LdcI4(table);
        _il.Op(IlOpcode.LdElemRef);
    }

    private void VariableInstruction(ref WasmReader reader, byte opcode, int at)
    {
        switch (opcode)
        {
            case Opcode.GlobalGet:
                GetGlobal(GlobalIndex(ref reader, at));
                break;
            case Opcode.GlobalSet:
                SetGlobal(ref reader, GlobalIndex(ref reader, at), at);
                break;
            case Opcode.TableGet:
                {
                    var table = TableIndex(ref reader);
                    Flush(1);
                    Pop(ref reader, ValueKind.I32);
                    CallWithImmediates(TableGet, table);
                    _effects++;
                    Push(_module.Tables[table].Element);
                    break;
                }

            case Opcode.TableSet:
                {
                    var table = TableIndex(ref reader);
                    Flush(2);
                    Pop(ref reader, _module.Tables[table].Element);
                    Pop(ref reader, ValueKind.I32);
                    CallWithImmediates(TableSet, table);
                    _effects++;
                    break;
                }

            case Opcode.RefIsNull:
                {
                    Flush(1);
                    var operand = PopAny(ref reader);
                    if (operand.Kind is not (0 or ValueKind.FuncRef or ValueKind.ExternRef))
                    {
                        throw reader.Invalid($"type mismatch: ref.is_null of {Text(operand.Kind)}", at);
                    }

                    if (_live)
                    {
                        _il.Op(IlOpcode.LdNull);
                        _il.Op(IlOpcode.Ceq);
                    }

                    Push(ValueKind.I32, 1);
                    break;
                }

            case Opcode.RefFunc:
                {
                    var function = FunctionIndex(ref reader, at);
                    if (!_module.DeclaredFunctions.Contains(function))
                    {
                        throw reader.Invalid($"undeclared function reference {function}", at);
                    }

                    Flush(0);
                    CallWithImmediates(RuntimeMembers.FunctionAt, function);
                    Push(ValueKind.FuncRef);
                    break;
                }
        }
    }

    /// <summary>Calls an operation of the engine on the operands on the IL stack, immediates and context after them.</summary>
    private void CallWithImmediates(System.Reflection.MethodInfo operation, params ReadOnlySpan<int> immediates)
    {
        if (!_live)
        {
            return;
        }

        foreach (var immediate in immediates)
        {
            _il.LdcI4(immediate);
        }

        LoadContext();
        Call(operation);
    }

    private int GlobalIndex(ref WasmReader reader, int at)
    {
        var global = reader.U32();
        return global < (uint)_module.GlobalTypes.Count ? (int)global : throw reader.Invalid($"unknown global {global}", at);
    }

    private void GetGlobal(int global)
    {
        var kind = _module.GlobalTypes[global].Kind;
        Flush(0);
        if (_live)
        {
            LoadGlobalPlace(global, kind);
            switch (kind)
            {
                case ValueKind.FuncRef or ValueKind.ExternRef:
                    _il.Op(IlOpcode.LdFld, _image.Token(RuntimeMembers.GlobalReference));
                    break;
                case ValueKind.V128:
                    _il.Op(IlOpcode.LdObj, _image.Token(ClrTypes.Of(kind)));
                    break;
                default:
                    _il.Op(ReturnArea.LoadOpcode(kind));
                    break;
            }
        }

        Push(kind);
    }

    private void SetGlobal(ref WasmReader reader, int global, int at)
    {
        var type = _module.GlobalTypes[global];
        if (!type.IsMutable)
        {
            throw reader.Invalid($"global {global} is immutable", at);
        }

        Flush(1);
        Pop(ref reader, type.Kind);
        _effects++;
        if (!_live)
        {
            return;
        }

        var value = RentTemporary(type.Kind);
        _il.StLoc(value);
        LoadGlobalPlace(global, type.Kind);
        _il.LdLoc(value);
        ReturnTemporary(value);
        switch (type.Kind)
        {
            case ValueKind.FuncRef or ValueKind.ExternRef:
                _il.Op(IlOpcode.StFld, _image.Token(RuntimeMembers.GlobalReference));
                break;
            case ValueKind.V128:
                _il.Op(IlOpcode.StObj, _image.Token(ClrTypes.Of(type.Kind)));
                break;
            default:
                _il.Op(ReturnArea.StoreOpcode(type.Kind));
                break;
        }
    }

    /// <summary>The address of a global's cell, or for a reference the object that holds it.</summary>
    private void LoadGlobalPlace(int global, ValueKind kind)
    {
        if (kind is ValueKind.FuncRef or ValueKind.ExternRef)
        {
            _il.LdcI4(global);
            LoadContext();
            Call(RuntimeMembers.GlobalAt);
            return;
        }

        var imported = global < _module.ImportedGlobals;
        LoadContextField(imported ? RuntimeMembers.ImportedGlobals : RuntimeMembers.Globals);
        var offset = imported ? global * 8 : (global - _module.ImportedGlobals) * 16;
        if (offset != 0)
        {
            _il.LdcI4(offset);
            _il.Op(IlOpcode.ConvI);
            _il.Op(IlOpcode.Add);
        }

        if (imported)
        {
            _il.Op(IlOpcode.LdIndI);
        }
    }
}
