using System.Reflection;
using System.Runtime.CompilerServices;
using HeliosEdge.Wasm.Binary;
using HeliosEdge.Wasm.Runtime;

namespace HeliosEdge.Wasm.Compiler;

/// <summary>Loads, stores and bulk operations (core spec 3.3.7) and the checks before them.</summary>
internal sealed partial class FunctionCompiler
{
    private static readonly MethodInfo MemorySize = RuntimeMembers.MemoryOperation(nameof(MemoryOperations.Size));
    private static readonly MethodInfo MemoryGrow = RuntimeMembers.MemoryOperation(nameof(MemoryOperations.Grow));
    private static readonly MethodInfo MemoryInit = RuntimeMembers.MemoryOperation(nameof(MemoryOperations.Init));
    private static readonly MethodInfo DataDrop = RuntimeMembers.MemoryOperation(nameof(MemoryOperations.Drop));
    private static readonly MethodInfo MemoryCopy = RuntimeMembers.MemoryOperation(nameof(MemoryOperations.Copy));
    private static readonly MethodInfo MemoryFill = RuntimeMembers.MemoryOperation(nameof(MemoryOperations.Fill));
    private static readonly MethodInfo TableInit = RuntimeMembers.TableOperation(nameof(TableOperations.Init));
    private static readonly MethodInfo ElementDrop = RuntimeMembers.TableOperation(nameof(TableOperations.Drop));
    private static readonly MethodInfo TableCopy = RuntimeMembers.TableOperation(nameof(TableOperations.Copy));
    private static readonly MethodInfo TableGrow = RuntimeMembers.TableOperation(nameof(TableOperations.Grow));
    private static readonly MethodInfo TableSize = RuntimeMembers.TableOperation(nameof(TableOperations.Size));
    private static readonly MethodInfo TableFill = RuntimeMembers.TableOperation(nameof(TableOperations.Fill));

    // By opcode from 0x28: type, bytes accessed, IL load or store, IL conversion after the load, bound of the loaded i32.
    private static readonly (ValueKind Kind, int Bytes, ushort Access, ushort Convert, uint Maximum)[] Accesses =
    [
        (ValueKind.I32, 4, IlOpcode.LdIndI4, 0, uint.MaxValue),
        (ValueKind.I64, 8, IlOpcode.LdIndI8, 0, uint.MaxValue),
        (ValueKind.F32, 4, IlOpcode.LdIndR4, 0, uint.MaxValue),
        (ValueKind.F64, 8, IlOpcode.LdIndR8, 0, uint.MaxValue),
        (ValueKind.I32, 1, IlOpcode.LdIndI1, 0, uint.MaxValue),
        (ValueKind.I32, 1, IlOpcode.LdIndU1, 0, 0xFF),
        (ValueKind.I32, 2, IlOpcode.LdIndI2, 0, uint.MaxValue),
        (ValueKind.I32, 2, IlOpcode.LdIndU2, 0, 0xFFFF),
        (ValueKind.I64, 1, IlOpcode.LdIndI1, IlOpcode.ConvI8, uint.MaxValue),
        (ValueKind.I64, 1, IlOpcode.LdIndU1, IlOpcode.ConvU8, uint.MaxValue),
        (ValueKind.I64, 2, IlOpcode.LdIndI2, IlOpcode.ConvI8, uint.MaxValue),
        (ValueKind.I64, 2, IlOpcode.LdIndU2, IlOpcode.ConvU8, uint.MaxValue),
        (ValueKind.I64, 4, IlOpcode.LdIndI4, IlOpcode.ConvI8, uint.MaxValue),
        (ValueKind.I64, 4, IlOpcode.LdIndU4, IlOpcode.ConvU8, uint.MaxValue),
        (ValueKind.I32, 4, IlOpcode.StIndI4, 0, 0),
        (ValueKind.I64, 8, IlOpcode.StIndI8, 0, 0),
        (ValueKind.F32, 4, IlOpcode.StIndR4, 0, 0),
        (ValueKind.F64, 8, IlOpcode.StIndR8, 0, 0),
        (ValueKind.I32, 1, IlOpcode.StIndI1, 0, 0),
        (ValueKind.I32, 2, IlOpcode.StIndI2, 0, 0),
        (ValueKind.I64, 1, IlOpcode.StIndI1, 0, 0),
        (ValueKind.I64, 2, IlOpcode.StIndI2, 0, 0),
        (ValueKind.I64, 4, IlOpcode.StIndI4, 0, 0),
    ];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MemoryInstruction(ref WasmReader reader, byte opcode, int at)
    {
        RequireMemory(ref reader, at);
        switch (opcode)
        {
            case Opcode.MemorySize:
                ZeroByte(ref reader);
                Flush(0);
                CallWithImmediates(MemorySize);
                Push(ValueKind.I32, 65_536);
                return;
            case Opcode.MemoryGrow:
                ZeroByte(ref reader);
                Growths.Add(at);
                Flush(1);
                Pop(ref reader, ValueKind.I32);
                CallWithImmediates(MemoryGrow);
                Push(ValueKind.I32);
                _lengthStale = true;
                _effects++;
                return;
        }

        var access = Accesses[opcode - 0x28];
        var offset = MemoryArgument(ref reader, access.Bytes);
        if (opcode < 0x36)
        {
            LoadFrom(ref reader, access.Bytes, offset);
            if (_live)
            {
                _il.Op(access.Access);
                if (access.Convert != 0)
                {
                    _il.Op(access.Convert);
                }
            }

            Push(access.Kind, access.Maximum, 2);
        }
        else
        {
            StoreTo(ref reader, access.Kind, access.Bytes, offset);
            if (_live)
            {
                _il.Op(access.Access);
            }
        }
    }

    /// <summary>Takes the address off the operands, checks it, and leaves the native address on the IL stack.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void LoadFrom(ref WasmReader reader, int bytes, uint offset)
    {
        if (!_live)
        {
            Pop(ref reader, ValueKind.I32);
            return;
        }

        // All but a late address are loaded first: what follows may branch, which needs them in place.
        FlushUpTo(Math.Max(_height - 1, _firstPending));
        var address = Pop(ref reader, ValueKind.I32);
        EmitAddress(ref address, bytes, offset, 0);
        GiveBack(address);
    }

    /// <summary>Takes value and address off the operands and leaves the native address and the value on the IL stack.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void StoreTo(ref WasmReader reader, ValueKind kind, int bytes, uint offset)
    {
        if (!_live)
        {
            Pop(ref reader, kind);
            Pop(ref reader, ValueKind.I32);
            return;
        }

        var value = Peek();
        if (value.Place == OperandPlace.Stack)
        {
            value = Pop(ref reader, kind);
            var temporary = RentTemporary(kind);
            _il.StLoc(temporary);
            value.Place = OperandPlace.Temporary;
            value.Index = temporary;
            value.OwnsTemporary = true;
        }
        else
        {
            FlushUpTo(Math.Max(_height - 2, _firstPending));
            value = Pop(ref reader, kind);
        }

        var address = Pop(ref reader, ValueKind.I32);
        EmitAddress(ref address, bytes, offset, 0);
        Load(value);
        GiveBack(address);
        _effects++;
    }

    private void GiveBack(in Operand operand)
    {
        if (operand.Place == OperandPlace.Temporary && operand.OwnsTemporary)
        {
            ReturnTemporary(operand.Index);
        }
    }

    /// <summary>
    /// Checks that <paramref name="bytes"/> bytes at the address plus offset are inside memory and leaves their native address.
    /// Addresses are computed with 64 bits, so none wraps around.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void EmitAddress(ref Operand address, int bytes, uint offset, int except)
    {
        EnsureBase();
        var end = offset + (ulong)bytes;
        if (address.Place == OperandPlace.Constant)
        {
            var effective = (ulong)(uint)address.Constant + offset;
            if (effective + (ulong)bytes > _minimumMemory)
            {
                EnsureLength();
                _il.LdcI8((long)(effective + (ulong)bytes));
                _il.LdLoc(_lengthLocal);
                TrapIf(IlOpcode.BgtUn, IlOpcode.BleUn, ref _memoryTrapLabel, nameof(GuestTrap.MemoryOutOfBounds), except);
            }

            _il.LdLoc(_baseLocal);
            AddOffset(effective);
            return;
        }

        var local = -1;
        if (address.Place == OperandPlace.Local)
        {
            local = address.Index;
        }
        else if (address.Place == OperandPlace.Stack)
        {
            if (address.Index >= 0 && _versions[address.Index] == address.Version)
            {
                // A copy of a local that has not changed since: the local itself tells more.
                _il.Op(IlOpcode.Pop);
                local = address.Index;
                address.Place = OperandPlace.Local;
            }
            else
            {
                var temporary = RentTemporary(ValueKind.I32);
                _il.StLoc(temporary);
                address.Place = OperandPlace.Temporary;
                address.Index = temporary;
                address.OwnsTemporary = true;
            }
        }

        EmitCheck(address, local, end, except);
        _il.LdLoc(_baseLocal);
        LoadAddressValue(address);
        _il.Op(IlOpcode.ConvU);
        _il.Op(IlOpcode.Add);
        AddOffset(offset);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void EmitCheck(in Operand address, int local, ulong end, int except)
    {
        if (address.Maximum + end <= _minimumMemory)
        {
            return;
        }

        // Below the least memory the subtraction cannot wrap, and a loop computes it once.
        var subtract = end <= _minimumMemory && end <= int.MaxValue;
        if (local >= 0 && subtract)
        {
            ref var fact = ref _facts[local];
            if (IsValid(fact) && fact.CheckedEnd >= end)
            {
                return;
            }

            if (IsValid(fact) && fact.CheckAt > 0 && fact.CheckEffects == _effects)
            {
                // Nothing since the last check could tell the difference if that one trapped for this access too.
                _il.Patch(fact.CheckAt, (int)end);
                var raised = fact;
                raised.CheckedEnd = (uint)end;
                SetFact(local, raised, assigned: false);
                return;
            }
        }

        EnsureLength();
        LoadAddressValue(address);
        _il.Op(IlOpcode.ConvU8);
        if (!subtract)
        {
            _il.LdcI8((long)end);
            _il.Op(IlOpcode.Add);
            _il.LdLoc(_lengthLocal);
            TrapIf(IlOpcode.BgtUn, IlOpcode.BleUn, ref _memoryTrapLabel, nameof(GuestTrap.MemoryOutOfBounds), except);
            return;
        }

        _il.LdLoc(_lengthLocal);
        var at = _il.LdcI4Patchable((int)end);
        _il.Op(IlOpcode.ConvI8);
        _il.Op(IlOpcode.Sub);
        TrapIf(IlOpcode.BgtUn, IlOpcode.BleUn, ref _memoryTrapLabel, nameof(GuestTrap.MemoryOutOfBounds), except);
        if (local >= 0)
        {
            var fact = _facts[local];
            SetFact(
                local,
                new Fact { Born = ++_factClock, Maximum = IsValid(fact) ? fact.Maximum : uint.MaxValue, CheckedEnd = (uint)end, CheckAt = at, CheckEffects = _effects },
                assigned: false);
        }
    }

    private void LoadAddressValue(in Operand address)
    {
        if (address.Place == OperandPlace.Local)
        {
            LoadLocal(address.Index);
        }
        else
        {
            _il.LdLoc(address.Index);
        }
    }

    private void AddOffset(ulong offset)
    {
        if (offset != 0)
        {
            if (offset <= int.MaxValue)
            {
                _il.LdcI4((int)offset);
            }
            else
            {
                _il.LdcI8((long)offset);
            }

            _il.Op(IlOpcode.ConvI);
            _il.Op(IlOpcode.Add);
        }
    }

    private void EnsureBase()
    {
        if (_baseLocal < 0)
        {
            _baseLocal = NewIlLocal(typeof(nint));
        }
    }

    /// <summary>Makes the local with the memory's size current.</summary>
    private void EnsureLength()
    {
        EnsureBase();
        if (_lengthLocal < 0)
        {
            _lengthLocal = NewIlLocal(typeof(ulong));
        }

        RefreshLength();
    }

    /// <summary>Reads the memory's size again if a call or a growth may have changed it: wherever ways join it is current.</summary>
    private void RefreshLength()
    {
        if (!_live || !_lengthStale)
        {
            return;
        }

        _lengthStale = false;
        EnsureLength();
        EmitReadLength(_il);
    }

    private void EmitReadLength(IlWriter il)
    {
        il.LdLoc(_baseLocal);
        il.LdcI4(LinearMemory.SizeDistance);
        il.Op(IlOpcode.ConvI);
        il.Op(IlOpcode.Sub);
        il.Op(IlOpcode.LdIndI8);
        il.StLoc(_lengthLocal);
    }

    private void RequireMemory(ref WasmReader reader, int at)
    {
        if (_module.Memories.Count == 0)
        {
            throw reader.Invalid("unknown memory 0", at);
        }
    }

    private static void ZeroByte(ref WasmReader reader)
    {
        var at = reader.Position;
        if (reader.Byte() != 0)
        {
            throw reader.Malformed("zero byte expected: multi-memory is not supported", at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static uint MemoryArgument(ref WasmReader reader, int bytes)
    {
        var at = reader.Position;
        var align = reader.U32();
        if (align >= 32)
        {
            throw reader.Malformed(
                align is >= 64 and < 128 ? "malformed memop flags: multi-memory is not supported" : "malformed memop flags",
                at);
        }

        if (1UL << (int)align > (ulong)bytes)
        {
            throw reader.Invalid("alignment must not be larger than natural", at);
        }

        return reader.U32();
    }

    private void MiscInstruction(ref WasmReader reader, int at)
    {
        var code = reader.U32();
        if (code <= 7)
        {
            SaturatingTruncation(ref reader, (int)code);
            return;
        }

        switch (code)
        {
            case 8:
                {
                    var segment = DataIndex(ref reader);
                    ZeroByte(ref reader);
                    RequireMemory(ref reader, at);
                    Operate(ref reader, MemoryInit, [ValueKind.I32, ValueKind.I32, ValueKind.I32], segment);
                    break;
                }

            case 9:
                Operate(ref reader, DataDrop, [], DataIndex(ref reader));
                break;
            case 10:
                ZeroByte(ref reader);
                ZeroByte(ref reader);
                RequireMemory(ref reader, at);
                Operate(ref reader, MemoryCopy, [ValueKind.I32, ValueKind.I32, ValueKind.I32]);
                break;
            case 11:
                ZeroByte(ref reader);
                RequireMemory(ref reader, at);
                Operate(ref reader, MemoryFill, [ValueKind.I32, ValueKind.I32, ValueKind.I32]);
                break;
            case 12:
                {
                    var segment = ElementIndex(ref reader);
                    var table = TableIndex(ref reader);
                    RequireSameKind(ref reader, _module.Elements[segment].Kind, _module.Tables[table].Element, at);
                    Operate(ref reader, TableInit, [ValueKind.I32, ValueKind.I32, ValueKind.I32], table, segment);
                    break;
                }

            case 13:
                Operate(ref reader, ElementDrop, [], ElementIndex(ref reader));
                break;
            case 14:
                {
                    var to = TableIndex(ref reader);
                    var from = TableIndex(ref reader);
                    RequireSameKind(ref reader, _module.Tables[from].Element, _module.Tables[to].Element, at);
                    Operate(ref reader, TableCopy, [ValueKind.I32, ValueKind.I32, ValueKind.I32], to, from);
                    break;
                }

            case 15:
                {
                    var table = TableIndex(ref reader);
                    Operate(ref reader, TableGrow, [_module.Tables[table].Element, ValueKind.I32], table);
                    Push(ValueKind.I32);
                    break;
                }

            case 16:
                {
                    var table = TableIndex(ref reader);
                    Operate(ref reader, TableSize, [], table);
                    Push(ValueKind.I32);
                    break;
                }

            case 17:
                {
                    var table = TableIndex(ref reader);
                    Operate(ref reader, TableFill, [ValueKind.I32, _module.Tables[table].Element, ValueKind.I32], table);
                    break;
                }

            case >= 19 and <= 22:
                throw reader.Unsupported("wide arithmetic", at);
            default:
                throw reader.Malformed($"illegal opcode fc {code:x2}", at);
        }
    }

    private void Operate(ref WasmReader reader, MethodInfo operation, scoped ReadOnlySpan<ValueKind> operands, params scoped ReadOnlySpan<int> immediates)
    {
        Flush(operands.Length);
        for (var i = operands.Length - 1; i >= 0; i--)
        {
            Pop(ref reader, operands[i]);
        }

        CallWithImmediates(operation, immediates);
        _effects++;
    }

    private static void RequireSameKind(ref WasmReader reader, ValueKind from, ValueKind to, int at)
    {
        if (from != to)
        {
            throw reader.Invalid($"type mismatch: elements of {Text(from)} for a table of {Text(to)}", at);
        }
    }

    private int DataIndex(ref WasmReader reader)
    {
        var at = reader.Position;
        var segment = reader.U32();
        if (_module.DataCount is not { } count)
        {
            throw reader.Malformed("data count section required", at);
        }

        return segment < (uint)count ? (int)segment : throw reader.Invalid($"unknown data segment {segment}", at);
    }

    private int ElementIndex(ref WasmReader reader)
    {
        var at = reader.Position;
        var segment = reader.U32();
        return segment < (uint)_module.Elements.Count ? (int)segment : throw reader.Invalid($"unknown elem segment {segment}", at);
    }
}
