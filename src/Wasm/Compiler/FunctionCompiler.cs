using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using HeliosEdge.Wasm.Binary;
using HeliosEdge.Wasm.Runtime;

namespace HeliosEdge.Wasm.Compiler;

/// <summary>
/// Validates a function body and emits its IL in the same pass (core spec, appendix A.3). One object serves all functions of
/// a module, one after the other; a body that does not validate ends the compilation of the whole module.
/// </summary>
/// <remarks>
/// Operands live on the IL stack, except that the topmost ones may be loaded late (locals, constants, temporaries): so their
/// origin is known where an address or a shift count is formed. Wherever control flow joins or branches, the IL stack holds
/// nothing of the wasm operand stack: what is there is moved to temporaries before. Operands below the floor are settled: they
/// are temporaries and constants, and come to the IL stack only when an instruction takes them. So the IL stack is never deep,
/// and no instruction costs more for what lies below its operands.
/// </remarks>
internal sealed partial class FunctionCompiler
{
    // The runtime's compiler recurses over expression trees on the guest's stack: they are cut long before that matters.
    private const int MaxTreeDepth = 32;

    // The runtime's compiler looks at the whole IL stack at each call and each store: operands below this many are settled.
    private const int MaxUnsettled = 32;

    private const int SmallFrameBytes = 4 << 10;

    // How much intermediate code is emitted between two looks at the checkpoint.
    private const int CheckpointBytes = 64 << 10;

    private readonly ModuleDefinition _module;
    private readonly CompileOptions _options;
    private readonly ModuleImage _image;
    private readonly Action? _checkpoint;
    private readonly IlWriter _il = new();
    private readonly IlWriter _prologue = new();
    private readonly List<Type> _ilLocals = [];
    private readonly List<ValueKind> _localKinds = [];
    private readonly Dictionary<Type, Stack<int>> _freeTemporaries = [];
    private readonly ulong _minimumMemory;

    private int[] _localPlaces = new int[64];
    private Operand[] _operands = new Operand[256];
    private ControlFrame[] _frames = new ControlFrame[64];
    private int _height;
    private int _depth;
    private int _firstPending;
    private int _floor;
    private int _maxHeight;
    private int _at;
    private bool _live;
    private int _parameters;
    private int _baseLocal;
    private int _lengthLocal;
    private int _fuelLocal;
    private int _elementsLocal;
    private long _localsInModule;
    private bool _lengthStale;
    private bool _callsOut;
    private FunctionType _type = null!;

    public FunctionCompiler(ModuleDefinition module, CompileOptions options, ModuleImage image, Action? checkpoint)
    {
        _module = module;
        _options = options;
        _image = image;
        _checkpoint = checkpoint;
        Calls = new CallGraph(module.Bodies.Count);
        _minimumMemory = module.Memories.Count > 0 ? (ulong)module.Memories[0].Minimum * LinearMemory.PageBytes : 0;
    }

    /// <summary>Where in the module's bytes the <c>memory.grow</c> instructions seen so far stand.</summary>
    public List<int> Growths { get; } = [];

    /// <summary>The calls seen so far in code that can be reached.</summary>
    public CallGraph Calls { get; }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Compile(WasmReader reader, int function)
    {
        _checkpoint?.Invoke();
        Calls.Begin(function - _module.ImportedFunctions);
        var growths = Growths.Count;
        var locals = _localsInModule;
        for (_pass = 1; !TryCompile(reader, function); _pass++)
        {
            Growths.RemoveRange(growths, Growths.Count - growths);
            _localsInModule = locals;
        }
    }

    private bool TryCompile(WasmReader reader, int function)
    {
        _type = _module.TypeOf(function);
        var start = reader.Position;
        var nextCheckpoint = CheckpointBytes;
        Reset(ref reader);
        PushFrame(FrameKind.Function, [], _type.Results, reader.Position);
        _frames[0].Label = _il.NewLabel();
        while (_depth > 0)
        {
            var at = _at = reader.Position;
            var opcode = reader.Byte();
            Instruction(ref reader, opcode, at);
            if (_il.Length > nextCheckpoint)
            {
                nextCheckpoint = _il.Length + CheckpointBytes;
                CheckCodeSize(function, reader.Position);
                _checkpoint?.Invoke();
            }
        }

        if (!reader.AtEnd)
        {
            throw reader.Malformed("END opcode expected: code after the function's end");
        }

        if (_hasLoop && _originsGrewLate)
        {
            return false;
        }

        EmitTraps();
        _il.ResolveLabels();
        var frameBytes = FrameBytes();
        if (frameBytes > _options.Limits.MaxFrameBytes)
        {
            throw new CompileLimitException(nameof(ModuleLimits.MaxFrameBytes), $"function {function} uses", frameBytes, "bytes of locals and temporaries", _options.Limits.MaxFrameBytes, reader.Position);
        }

        // A function that calls nothing needs a check only where its own frame is large.
        _callsOut |= frameBytes > SmallFrameBytes;
        EmitPrologue();
        CheckCodeSize(function, reader.Position);
        if (_ilLocals.Count > _options.Limits.MaxUsedLocals)
        {
            throw new CompileLimitException(nameof(ModuleLimits.MaxUsedLocals), $"function {function} uses", _ilLocals.Count, "locals and temporaries", _options.Limits.MaxUsedLocals, reader.Position);
        }

        _image.AddMethod(
            _module.FunctionNames.GetValueOrDefault(function) ?? $"f{function}",
            _image.FunctionSignature(_type),
            _prologue.Written,
            _il.Written,
            _maxHeight + 8,
            System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_ilLocals),
            Flags(reader.End - start));
        return true;
    }

    /// <summary>What the runtime's compiler sets aside for the locals and temporaries up to here.</summary>
    private int FrameBytes()
    {
        var bytes = 0;
        foreach (var type in _ilLocals)
        {
            bytes += type == typeof(System.Runtime.Intrinsics.Vector128<byte>) ? 16 : 8;
        }

        return bytes;
    }

    private int ContextArgument => _parameters;

    private ref ControlFrame Frame => ref _frames[_depth - 1];

    private static string Text(ValueKind kind) => kind == 0 ? "any" : TypeText.Of(kind);

    private void Reset(ref WasmReader reader)
    {
        _il.Clear();
        _prologue.Clear();
        _ilLocals.Clear();
        _localKinds.Clear();
        foreach (var free in _freeTemporaries.Values)
        {
            free.Clear();
        }

        _height = _depth = _firstPending = _floor = _maxHeight = 0;
        _live = true;
        _baseLocal = _lengthLocal = _fuelLocal = _elementsLocal = -1;
        _lengthStale = false;
        _callsOut = false;
        ResetTraps();
        ResetFuel();
        ResetCost();
        _lastCompareEnd = -1;

        _localKinds.AddRange(_type.Parameters);
        _parameters = _type.Parameters.Length;
        ReadLocals(ref reader);
        if (_localPlaces.Length < _localKinds.Count)
        {
            _localPlaces = new int[_localKinds.Count];
        }

        Array.Fill(_localPlaces, -1, 0, _localKinds.Count);
        ResetFacts(_localKinds.Count);
        ResetConstants(_localKinds.Count);
    }

    private void ReadLocals(ref WasmReader reader)
    {
        var at = reader.Position;
        var groups = reader.Count();
        ulong total = (ulong)_parameters;
        for (var i = 0; i < groups; i++)
        {
            var count = reader.U32();
            total += count;
            if (total > uint.MaxValue)
            {
                throw reader.Malformed("too many locals", at);
            }

            var kind = ModuleDecoder.ReadValueKind(ref reader);
            if (total > (ulong)_options.Limits.MaxLocals)
            {
                // The remaining groups are still read above, so that a malformed list is reported as such.
                continue;
            }

            for (var j = 0u; j < count; j++)
            {
                _localKinds.Add(kind);
            }
        }

        if (total > (ulong)_options.Limits.MaxLocals)
        {
            throw new CompileLimitException(nameof(ModuleLimits.MaxLocals), "a function has", (long)total, "locals", _options.Limits.MaxLocals, at);
        }

        _localsInModule += _localKinds.Count - _parameters;
        if (_localsInModule > _options.Limits.MaxLocalsInModule)
        {
            throw new CompileLimitException(nameof(ModuleLimits.MaxLocalsInModule), "the functions have", _localsInModule, "locals together up to here", _options.Limits.MaxLocalsInModule, at);
        }
    }

    /// <summary>Where a declared local is; one that no code uses has no place.</summary>
    private int PlaceOf(int local)
    {
        ref var place = ref _localPlaces[local];
        if (place < 0)
        {
            place = NewIlLocal(ClrTypes.Of(_localKinds[local]));
        }

        return place;
    }

    private int NewIlLocal(Type type)
    {
        _ilLocals.Add(type);
        return _ilLocals.Count - 1;
    }

    private int RentTemporary(ValueKind kind)
    {
        var type = ClrTypes.Of(kind);
        return _freeTemporaries.TryGetValue(type, out var free) && free.Count > 0 ? free.Pop() : NewIlLocal(type);
    }

    private void ReturnTemporary(int local)
    {
        var type = _ilLocals[local];
        if (!_freeTemporaries.TryGetValue(type, out var free))
        {
            free = new Stack<int>();
            _freeTemporaries.Add(type, free);
        }

        free.Push(local);
    }

    // ---- operand stack ----

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Push(ValueKind kind, uint maximum = uint.MaxValue, int depth = 0, OperandOrigin origin = OperandOrigin.Other)
    {
        ref var operand = ref PushSlot();
        operand = new Operand { Kind = kind, Place = OperandPlace.Stack, Index = -1, Maximum = maximum, Origin = origin, Depth = (byte)Math.Min(depth, byte.MaxValue) };
        if (!_live)
        {
            return;
        }

        _firstPending = _height;
        if (depth >= MaxTreeDepth)
        {
            // Cutting the tree: the value goes through a local.
            var temporary = RentTemporary(kind);
            _il.StLoc(temporary);
            operand.Place = OperandPlace.Temporary;
            operand.Index = temporary;
            operand.OwnsTemporary = true;
            operand.Depth = 0;
            _firstPending = _height - 1;
        }
    }

    private void PushPending(in Operand operand) => PushSlot() = operand;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PushConstant(ValueKind kind, long value) => PushPending(new Operand
    {
        Kind = kind,
        Place = OperandPlace.Constant,
        Index = -1,
        Constant = value,
        Maximum = kind == ValueKind.I32 ? (uint)value : uint.MaxValue,
    });

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ref Operand PushSlot()
    {
        if (_height == _operands.Length)
        {
            Array.Resize(ref _operands, _height * 2);
        }

        _height++;
        if (_height > _maxHeight)
        {
            _maxHeight = _height;
            if (_height > _options.Limits.MaxOperands)
            {
                throw new CompileLimitException(nameof(ModuleLimits.MaxOperands), "a function has", _height, "operands at once", _options.Limits.MaxOperands, _at);
            }
        }

        return ref _operands[_height - 1];
    }

    /// <summary>Removes the top operand for validation; code has dealt with its place already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Operand Pop(ref WasmReader reader, ValueKind expected)
    {
        if (_height == Frame.Height)
        {
            if (Frame.Unreachable)
            {
                return new Operand { Kind = expected, Index = -1, Maximum = uint.MaxValue };
            }

            throw reader.Invalid($"type mismatch: expected {Text(expected)}, the operand stack is empty", reader.Position);
        }

        var operand = _operands[--_height];
        if (_firstPending > _height)
        {
            _firstPending = _height;
            _floor = Math.Min(_floor, _height);
        }

        if (operand.Kind != expected && operand.Kind != 0 && expected != 0)
        {
            throw reader.Invalid($"type mismatch: expected {Text(expected)}, found {Text(operand.Kind)}", reader.Position);
        }

        return operand;
    }

    private Operand PopAny(ref WasmReader reader) => Pop(ref reader, 0);

    private void PopKinds(ref WasmReader reader, ImmutableArray<ValueKind> kinds)
    {
        for (var i = kinds.Length - 1; i >= 0; i--)
        {
            Pop(ref reader, kinds[i]);
        }
    }

    private void PushKinds(ImmutableArray<ValueKind> kinds)
    {
        foreach (var kind in kinds)
        {
            Push(kind);
        }
    }

    /// <summary>The operand below the top by <paramref name="below"/>; an unknown one where the frame has none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Operand Peek(int below = 0) =>
        _height - below > Frame.Height ? _operands[_height - 1 - below] : new Operand { Index = -1, Maximum = uint.MaxValue };

    /// <summary>Loads every operand above the floor that is not on the IL stack yet, and at least so many.</summary>
    private void Flush(int needed)
    {
        if (_live)
        {
            Unsettle(needed);
            FlushUpTo(_height);
        }
    }

    /// <summary>Has at least so many operands above the floor, or all of the frame.</summary>
    private void Unsettle(int needed)
    {
        var floor = Math.Max(Frame.Height, _height - needed);
        if (floor < _floor)
        {
            MoveToTemporaries();
            _floor = _firstPending = floor;
        }
    }

    /// <summary>Settles all operands where there are too many above the floor.</summary>
    private void SettleMany()
    {
        if (_live && _height - _floor > MaxUnsettled)
        {
            Spill(keepLocals: false);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FlushUpTo(int end)
    {
        for (; _firstPending < end; _firstPending++)
        {
            ref var operand = ref _operands[_firstPending];
            var copyOf = operand.Place == OperandPlace.Local ? operand.Index : -1;
            Load(operand);
            operand.Place = OperandPlace.Stack;
            operand.Index = copyOf;
            operand.Version = copyOf >= 0 ? _versions[copyOf] : 0;
            operand.OwnsTemporary = false;
        }
    }

    /// <summary>Emits the load of an operand that is not on the IL stack, and gives its temporary back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Load(in Operand operand)
    {
        switch (operand.Place)
        {
            case OperandPlace.Local:
                LoadLocal(operand.Index);
                break;
            case OperandPlace.Temporary:
                _il.LdLoc(operand.Index);
                if (operand.OwnsTemporary)
                {
                    ReturnTemporary(operand.Index);
                }

                break;
            case OperandPlace.Constant:
                LoadConstant(operand.Kind, operand.Constant);
                break;
        }
    }

    private void LoadConstant(ValueKind kind, long value)
    {
        switch (kind)
        {
            case ValueKind.I32:
                _il.LdcI4((int)value);
                break;
            case ValueKind.I64:
                _il.LdcI8(value);
                break;
            case ValueKind.F32 or ValueKind.F64:
                LoadPooled(kind, kind == ValueKind.F32 ? (uint)value : (ulong)value, 0);
                break;
            default:
                _il.Op(IlOpcode.LdNull);
                break;
        }
    }

    private void LoadLocal(int local)
    {
        if (local < _parameters)
        {
            _il.LdArg(local);
        }
        else
        {
            _il.LdLoc(PlaceOf(local));
        }
    }

    private void StoreLocal(int local)
    {
        if (local < _parameters)
        {
            _il.StArg(local);
        }
        else
        {
            _il.StLoc(PlaceOf(local));
        }
    }

    private void LoadContext() => _il.LdArg(ContextArgument);

    private void LoadContextField(FieldInfo field)
    {
        LoadContext();
        _il.Op(IlOpcode.LdFld, _image.Token(field));
    }

    private void Call(MethodInfo method) => _il.Op(IlOpcode.Call, _image.Token(method));

    /// <summary>
    /// Moves the frame's operands off the IL stack, and where <paramref name="keepLocals"/> is false also out of the wasm locals
    /// that the code to come may change.
    /// </summary>
    private void Spill(bool keepLocals)
    {
        if (!_live)
        {
            return;
        }

        MoveToTemporaries();
        if (!keepLocals)
        {
            for (var i = _firstPending; i < _height; i++)
            {
                ref var operand = ref _operands[i];
                if (operand.Place == OperandPlace.Local)
                {
                    var temporary = RentTemporary(operand.Kind);
                    LoadLocal(operand.Index);
                    _il.StLoc(temporary);
                    operand.Place = OperandPlace.Temporary;
                    operand.Index = temporary;
                    operand.OwnsTemporary = true;
                }
            }
        }

        _firstPending = _floor = keepLocals ? _floor : _height;
    }

    /// <summary>Empties the IL stack.</summary>
    private void MoveToTemporaries()
    {
        for (var i = _firstPending - 1; i >= _floor; i--)
        {
            ref var operand = ref _operands[i];
            var temporary = RentTemporary(operand.Kind);
            _il.StLoc(temporary);
            operand.Place = OperandPlace.Temporary;
            operand.Index = temporary;
            operand.OwnsTemporary = true;
            operand.Depth = 0;
        }
    }

    /// <summary>Whether any operand is on the IL stack, the top <paramref name="except"/> ones not counted.</summary>
    private bool StackHoldsOperands(int except) => Math.Min(_firstPending, _height - except) > _floor;

    // ---- locals, constants, parametric instructions ----

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Instruction(ref WasmReader reader, byte opcode, int at)
    {
        SettleMany();
        ChargeFuel(opcode);
        switch (opcode)
        {
            case Opcode.Nop:
                break;
            case Opcode.LocalGet:
                PushLocal(LocalIndex(ref reader, at));
                break;

            case Opcode.LocalSet:
                SetLocal(ref reader, LocalIndex(ref reader, at));
                break;
            case Opcode.LocalTee:
                {
                    var local = LocalIndex(ref reader, at);
                    SetLocal(ref reader, local);
                    PushLocal(local);
                    break;
                }

            case Opcode.I32Const:
                PushConstant(ValueKind.I32, reader.I32());
                break;
            case Opcode.I64Const:
                PushConstant(ValueKind.I64, reader.I64());
                break;
            case Opcode.F32Const:
                PushConstant(ValueKind.F32, reader.F32Bits());
                break;
            case Opcode.F64Const:
                PushConstant(ValueKind.F64, reader.F64Bits());
                break;
            case Opcode.RefNull:
                PushConstant(ModuleDecoder.ReadReferenceKind(ref reader), 0);
                break;
            case Opcode.Drop:
                DropOperand(ref reader);
                break;
            case Opcode.Select or Opcode.SelectTyped:
                Select(ref reader, opcode, at);
                break;
            case <= Opcode.Return when Opcode.IsDefined(opcode):
                ControlInstruction(ref reader, opcode, at);
                break;
            case Opcode.Call or Opcode.CallIndirect:
                CallInstruction(ref reader, opcode, at);
                break;
            case >= Opcode.GlobalGet and <= Opcode.TableSet:
            case Opcode.RefIsNull or Opcode.RefFunc:
                VariableInstruction(ref reader, opcode, at);
                break;
            case >= 0x28 and <= Opcode.MemoryGrow:
                MemoryInstruction(ref reader, opcode, at);
                break;
            case >= 0x45 and <= 0xC4:
                NumericInstruction(ref reader, opcode);
                break;
            case Opcode.MiscPrefix:
                MiscInstruction(ref reader, at);
                break;
            case Opcode.SimdPrefix:
                SimdInstruction(ref reader, at);
                break;
            default:
                throw Opcode.ProposalOf(opcode) is { } proposal
                    ? reader.Unsupported(proposal, at)
                    : reader.Malformed($"illegal opcode {opcode:x2}", at);
        }
    }

    private void PushLocal(int local)
    {
        NoteRead(local);
        PushPending(new Operand
        {
            Kind = _localKinds[local],
            Place = OperandPlace.Local,
            Index = local,
            Maximum = MaximumOf(local),
            Origin = _origins[local],
        });
    }

    private int LocalIndex(ref WasmReader reader, int at)
    {
        var index = reader.U32();
        return index < (uint)_localKinds.Count ? (int)index : throw reader.Invalid($"unknown local {index}", at);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SetLocal(ref WasmReader reader, int local)
    {
        if (!_live)
        {
            Pop(ref reader, _localKinds[local]);
            return;
        }

        var value = Peek();
        for (var i = _firstPending; i < _height - 1; i++)
        {
            if (_operands[i].Place == OperandPlace.Local && _operands[i].Index == local)
            {
                // An older copy of the local must be read before it changes.
                FlushUpTo(i + 1);
            }
        }

        var pending = value.Place != OperandPlace.Stack;
        value = Pop(ref reader, _localKinds[local]);
        if (pending)
        {
            Load(value);
        }

        StoreLocal(local);
        Assigned(local, value);
    }

    private void DropOperand(ref WasmReader reader)
    {
        var operand = PopAny(ref reader);
        if (!_live)
        {
            return;
        }

        if (operand.Place == OperandPlace.Stack)
        {
            _il.Op(IlOpcode.Pop);
        }
        else if (operand.OwnsTemporary)
        {
            ReturnTemporary(operand.Index);
        }
    }

    private void Select(ref WasmReader reader, byte opcode, int at)
    {
        ValueKind kind = 0;
        if (opcode == Opcode.SelectTyped)
        {
            if (reader.U32() != 1)
            {
                throw reader.Invalid("invalid result arity of select", at);
            }

            kind = ModuleDecoder.ReadValueKind(ref reader);
        }

        Flush(3);
        HideFalseFlags(Pop(ref reader, ValueKind.I32));
        var second = Pop(ref reader, kind);
        var first = Pop(ref reader, kind);
        if (kind == 0)
        {
            kind = first.Kind == 0 ? second.Kind : first.Kind;
            if (kind is ValueKind.FuncRef or ValueKind.ExternRef
                || second.Kind is ValueKind.FuncRef or ValueKind.ExternRef
                || (second.Kind != 0 && second.Kind != kind))
            {
                throw reader.Invalid("type mismatch: select without a type takes two operands of one number or vector type", at);
            }
        }

        if (_live)
        {
            _branches++;

            // result = first; if (!condition) result = second
            var condition = RentTemporary(ValueKind.I32);
            var other = RentTemporary(kind);
            var result = RentTemporary(kind);
            var end = _il.NewLabel();
            _il.StLoc(condition);
            _il.StLoc(other);
            _il.StLoc(result);
            _il.LdLoc(condition);
            _il.Branch(IlOpcode.BrTrue, end);
            _il.LdLoc(other);
            _il.StLoc(result);
            _il.Mark(end);
            ReturnTemporary(condition);
            ReturnTemporary(other);
            PushPending(new Operand
            {
                Kind = kind,
                Place = OperandPlace.Temporary,
                Index = result,
                OwnsTemporary = true,
                Maximum = Math.Max(first.Maximum, second.Maximum),
                Origin = first.Origin | second.Origin,
            });
            return;
        }

        Push(kind);
    }

    private void EmitPrologue()
    {
        var il = _prologue;
        if (_callsOut)
        {
            // One comparison serves two ends: deep recursion, and interruption, which raises the limit.
            var ok = il.NewLabel();
            var probe = NewIlLocal(typeof(int));
            il.LdLocA(probe);
            il.Op(IlOpcode.ConvU);
            il.LdArg(ContextArgument);
            il.Op(IlOpcode.LdFld, _image.Token(RuntimeMembers.StackLimit));
            il.Branch(IlOpcode.BgeUn, ok);
            il.LdArg(ContextArgument);
            il.Op(IlOpcode.Call, _image.Token(RuntimeMembers.Trap(nameof(GuestTrap.StackLimitReached))));
            il.Mark(ok);
        }

        if (_baseLocal >= 0)
        {
            il.LdArg(ContextArgument);
            il.Op(IlOpcode.LdFld, _image.Token(RuntimeMembers.Memory));
            il.StLoc(_baseLocal);
        }

        if (_lengthLocal >= 0)
        {
            EmitReadLength(il);
        }

        if (_needsZeros)
        {
            EnsureConstants();
        }

        if (_constantsLocal >= 0)
        {
            il.LdArg(ContextArgument);
            il.Op(IlOpcode.LdFld, _image.Token(RuntimeMembers.Constants));
            il.StLoc(_constantsLocal);
        }

        EmitZeros();

        if (_fuelLocal >= 0)
        {
            il.LdArg(ContextArgument);
            il.Op(IlOpcode.LdFld, _image.Token(RuntimeMembers.Fuel));
            il.StLoc(_fuelLocal);
        }

        il.ResolveLabels();
    }
}
