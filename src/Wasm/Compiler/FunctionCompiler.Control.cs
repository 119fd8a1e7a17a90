using System.Collections.Immutable;
using HeliosEdge.Wasm.Binary;
using HeliosEdge.Wasm.Runtime;

namespace HeliosEdge.Wasm.Compiler;

/// <summary>Structured control (core spec 3.3.8).</summary>
internal sealed partial class FunctionCompiler
{
    private readonly HashSet<int> _stillUsed = [];

    // The comparison emitted last: where its IL starts and ends, and the branches that stand for it being true and false.
    private int _lastCompareStart;
    private int _lastCompareEnd;
    private ushort _branchIfTrue;
    private ushort _branchIfFalse;

    private void PushFrame(FrameKind kind, ImmutableArray<ValueKind> parameters, ImmutableArray<ValueKind> results, int at)
    {
        if (_depth > _options.Limits.MaxNesting)
        {
            throw new CompileLimitException(nameof(ModuleLimits.MaxNesting), "blocks are nested", _depth, "deep", _options.Limits.MaxNesting, at);
        }

        if (_depth == _frames.Length)
        {
            Array.Resize(ref _frames, _depth * 2);
        }

        _frames[_depth++] = new ControlFrame
        {
            Kind = kind,
            Parameters = parameters,
            Results = results,
            Height = _height,
            EnteredLive = _live,
            Label = -1,
            ElseLabel = -1,
            FactLog = _factLog.Count,
        };
    }

    private void ControlInstruction(ref WasmReader reader, byte opcode, int at)
    {
        switch (opcode)
        {
            case Opcode.Unreachable:
                if (_live)
                {
                    EmitTrapHere(nameof(GuestTrap.Unreachable));
                }

                MarkUnreachable();
                break;
            case Opcode.Block:
                Block(ref reader);
                break;
            case Opcode.Loop:
                Loop(ref reader);
                break;
            case Opcode.If:
                If(ref reader);
                break;
            case Opcode.Else:
                Else(ref reader, at);
                break;
            case Opcode.End:
                End(ref reader, at);
                break;
            case Opcode.Br:
                Br(ref reader);
                break;
            case Opcode.BrIf:
                BrIf(ref reader);
                break;
            case Opcode.BrTable:
                BrTable(ref reader);
                break;
            case Opcode.Return:
                Flush(_frames[0].Results.Length);
                PopKinds(ref reader, _frames[0].Results);
                if (_live)
                {
                    PutBack(_frames[0].Results.Length);
                    EmitReturn();
                }

                MarkUnreachable();
                break;
        }
    }

    private void ReadBlockType(ref WasmReader reader, out ImmutableArray<ValueKind> parameters, out ImmutableArray<ValueKind> results)
    {
        var at = reader.Position;
        var first = reader.Peek();
        if (first == 0x40)
        {
            reader.Byte();
            parameters = results = [];
            return;
        }

        if ((first & 0xC0) == 0x40)
        {
            parameters = [];
            results = [ModuleDecoder.ReadValueKind(ref reader)];
            return;
        }

        var index = reader.I33();
        if (index < 0 || index >= _module.Types.Length)
        {
            throw reader.Invalid($"unknown type {index}", at);
        }

        parameters = _module.Types[index].Parameters;
        results = _module.Types[index].Results;
    }

    private void Block(ref WasmReader reader)
    {
        ReadBlockType(ref reader, out var parameters, out var results);
        EnterFrame(ref reader, FrameKind.Block, parameters, results);
        if (_live)
        {
            Frame.Label = _il.NewLabel();
        }
    }

    private void Loop(ref WasmReader reader)
    {
        ReadBlockType(ref reader, out var parameters, out var results);
        EndRun();
        EnterFrame(ref reader, FrameKind.Loop, parameters, results);
        if (!_live)
        {
            return;
        }

        if (parameters.Length > 0)
        {
            // The header finds its parameters in the same temporaries from wherever it is reached.
            var temporaries = NewTemporaries(parameters);
            Frame.Temporaries = temporaries;
            for (var i = 0; i < parameters.Length; i++)
            {
                ref var operand = ref _operands[Frame.Height + i];
                Load(operand);
                _il.StLoc(temporaries[i]);
                operand = TemporaryOperand(parameters[i], temporaries[i], owned: false);
            }
        }

        _hasLoop = true;
        _loops++;
        _branches++;
        Frame.Label = _il.NewLabel();
        RefreshLength();
        _il.Mark(Frame.Label);
        ForgetFacts();
        if (_options.Interruptible)
        {
            // Volatile, or a loop without stores would read it once.
            LoadContext();
            _il.Op(IlOpcode.Volatile);
            _il.Op(IlOpcode.LdFld, _image.Token(RuntimeMembers.Interrupted));
            TrapIf(IlOpcode.BrTrue, IlOpcode.BrFalse, ref _interruptedLabel, nameof(GuestTrap.Interrupted), 0);
        }
    }

    private void If(ref WasmReader reader)
    {
        ReadBlockType(ref reader, out var parameters, out var results);
        if (!_live)
        {
            Pop(ref reader, ValueKind.I32);
            EnterFrame(ref reader, FrameKind.If, parameters, results);
            return;
        }

        _branches++;

        // Refreshing here serves both parts.
        RefreshLength();
        var elseLabel = _il.NewLabel();
        var condition = PopCondition(ref reader);
        Spill(keepLocals: false);
        BranchOnCondition(condition, elseLabel, whenTrue: false);
        EndRun();
        EnterFrame(ref reader, FrameKind.If, parameters, results);
        Frame.Label = _il.NewLabel();
        Frame.ElseLabel = elseLabel;
        if (parameters.Length > 0)
        {
            var saved = new Operand[parameters.Length];
            for (var i = 0; i < saved.Length; i++)
            {
                _operands[Frame.Height + i].OwnsTemporary = false;
                saved[i] = _operands[Frame.Height + i];
            }

            Frame.SavedParameters = saved;
        }
    }

    /// <summary>Types and pushes a frame; its parameters stay operands, none of them on the IL stack.</summary>
    private void EnterFrame(ref WasmReader reader, FrameKind kind, ImmutableArray<ValueKind> parameters, ImmutableArray<ValueKind> results)
    {
        Spill(keepLocals: false);
        var height = _height - parameters.Length;
        if (_live && height >= Frame.Height)
        {
            // The parameters' places are kept: only their types are checked.
            for (var i = 0; i < parameters.Length; i++)
            {
                if (_operands[height + i].Kind != parameters[i])
                {
                    throw reader.Invalid($"type mismatch: block parameter {i} is {Text(_operands[height + i].Kind)}, expected {Text(parameters[i])}", reader.Position);
                }
            }

            PushFrame(kind, parameters, results, reader.Position);
            Frame.Height = height;
        }
        else
        {
            PopKinds(ref reader, parameters);
            PushFrame(kind, parameters, results, reader.Position);
            PushKinds(parameters);
        }

        _effects++;
    }

    private void Else(ref WasmReader reader, int at)
    {
        if (Frame.Kind != FrameKind.If)
        {
            throw reader.Malformed("else without if", at);
        }

        ref var frame = ref Frame;
        var live = _live;
        LeaveResults(ref reader, branches: true);
        frame = ref Frame;
        if (frame.EnteredLive)
        {
            if (live)
            {
                RefreshLength();
                _il.Branch(IlOpcode.Br, frame.Label);
                frame.Targeted = true;
            }

            _il.Mark(frame.ElseLabel);
        }

        frame.Assigned = [];
        UndoFacts(frame.FactLog, frame.Assigned);
        foreach (var local in frame.Assigned)
        {
            _versions[local]++;
        }

        EndRun();
        frame.Kind = FrameKind.Else;
        frame.Unreachable = false;
        _lengthStale = false;
        _live = frame.EnteredLive;
        _height = _firstPending = _floor = frame.Height;
        PushParameters(frame);
    }

    private void PushParameters(in ControlFrame frame)
    {
        if (frame.SavedParameters is { } saved)
        {
            foreach (var operand in saved)
            {
                PushPending(operand);
            }
        }
        else
        {
            PushKinds(frame.Parameters);
        }
    }

    private void End(ref WasmReader reader, int at)
    {
        if (Frame.Kind == FrameKind.If)
        {
            if (!Frame.Parameters.AsSpan().SequenceEqual(Frame.Results.AsSpan()))
            {
                throw reader.Invalid("type mismatch: an if without else must leave what it takes", at);
            }

            if (Frame.EnteredLive && Frame.Results.Length == 0)
            {
                // Without values the missing else part is the end itself.
                LeaveResults(ref reader, branches: true);
                if (_live)
                {
                    RefreshLength();
                }

                _il.Mark(Frame.ElseLabel);
                Frame.Targeted = true;
                FinishFrame();
                return;
            }

            Else(ref reader, at);
        }

        if (_depth == 1)
        {
            EndFunction(ref reader);
            return;
        }

        var branches = Frame.Targeted && Frame.Kind != FrameKind.Loop;
        LeaveResults(ref reader, branches);
        if (_live && branches)
        {
            RefreshLength();
        }

        FinishFrame();
    }

    /// <summary>Types the frame's results and, where code runs to the end, leaves them where the label's branches do.</summary>
    private void LeaveResults(ref WasmReader reader, bool branches)
    {
        var results = Frame.Results;
        if (!_live)
        {
            PopKinds(ref reader, results);
            RequireFrameEmpty(ref reader);
            PushKinds(results);
            return;
        }

        CheckKinds(ref reader, results);
        if (_height - results.Length != Frame.Height)
        {
            throw reader.Invalid($"type mismatch: {_height - results.Length - Frame.Height} operands are left over at the end of a block", reader.Position);
        }

        if (branches)
        {
            StoreForLabel(ref Frame);
        }
        else
        {
            Spill(keepLocals: true);
        }
    }

    private void RequireFrameEmpty(ref WasmReader reader)
    {
        if (_height != Frame.Height)
        {
            throw reader.Invalid($"type mismatch: {_height - Frame.Height} operands are left over at the end of a block", reader.Position);
        }
    }

    /// <summary>Ends a block, loop or if whose results are in place, and makes them operands of the frame around it.</summary>
    private void FinishFrame()
    {
        var frame = Frame;
        _depth--;
        var isLoop = frame.Kind == FrameKind.Loop;
        if (frame.Targeted && !isLoop)
        {
            _il.Mark(frame.Label);
            EndRun();
            JoinFacts(frame);
            _lengthStale = false;
            _live = true;
            _height = frame.Height;
            for (var i = 0; i < frame.Results.Length; i++)
            {
                PushPending(TemporaryOperand(frame.Results[i], frame.Temporaries![i], owned: true));
            }
        }
        else if (frame.SavedParameters is not null || frame.Kind is FrameKind.Else)
        {
            JoinFacts(frame);
        }

        _firstPending = _floor = frame.Height;
        _effects++;
        if (isLoop && frame.Temporaries is { } parameters)
        {
            GiveBackUnused(parameters, frame.Height);
        }

        if (frame.SavedParameters is { } saved)
        {
            GiveBackUnused([.. saved.Where(o => o.Place == OperandPlace.Temporary).Select(o => o.Index)], frame.Height);
        }
    }

    /// <summary>Gives temporaries back that a frame pinned, but those that one of its results still refers to.</summary>
    private void GiveBackUnused(int[] temporaries, int firstResult)
    {
        _stillUsed.Clear();
        for (var i = firstResult; i < _height; i++)
        {
            if (_operands[i].Place == OperandPlace.Temporary)
            {
                _stillUsed.Add(_operands[i].Index);
            }
        }

        foreach (var temporary in temporaries)
        {
            if (!_stillUsed.Contains(temporary))
            {
                ReturnTemporary(temporary);
            }
        }
    }

    private void EndFunction(ref WasmReader reader)
    {
        var results = Frame.Results;
        if (!_live)
        {
            PopKinds(ref reader, results);
            RequireFrameEmpty(ref reader);
        }
        else
        {
            CheckKinds(ref reader, results);
            if (_height != results.Length)
            {
                throw reader.Invalid($"type mismatch: {_height - results.Length} operands are left over at the end of a function", reader.Position);
            }

            Flush(results.Length);
            EmitReturn();
        }

        if (Frame.Targeted)
        {
            _il.Mark(Frame.Label);
            _height = _firstPending = _floor = 0;
            _live = true;
            for (var i = 0; i < results.Length; i++)
            {
                PushPending(TemporaryOperand(results[i], Frame.Temporaries![i], owned: false));
            }

            Flush(results.Length);
            EmitReturn();
        }

        _depth--;
    }

    /// <summary>Returns the top operands, which are on the IL stack, and drops what is below them.</summary>
    private void EmitReturn()
    {
        var results = _frames[0].Results;
        for (var i = results.Length - 1; i > 0; i--)
        {
            var temporary = RentTemporary(results[i]);
            _il.StLoc(temporary);
            ReturnArea.BeginStore(_il, _image, results[i], i, ContextArgument);
            _il.LdLoc(temporary);
            ReturnArea.EndStore(_il, _image, results[i]);
            ReturnTemporary(temporary);
        }

        // What stands below the floor is in temporaries.
        var below = _height - results.Length - _floor;
        if (below > 0)
        {
            var kept = -1;
            if (results.Length > 0)
            {
                kept = RentTemporary(results[0]);
                _il.StLoc(kept);
            }

            for (var i = 0; i < below; i++)
            {
                _il.Op(IlOpcode.Pop);
            }

            if (kept >= 0)
            {
                _il.LdLoc(kept);
                ReturnTemporary(kept);
            }
        }

        _il.Op(IlOpcode.Ret);
    }

    /// <summary>Undoes a validating pop of operands whose places are still needed.</summary>
    private void PutBack(int count)
    {
        _height += count;
        _firstPending = _height;
    }

    /// <summary>Types the top operands and leaves them.</summary>
    private void CheckKinds(ref WasmReader reader, ImmutableArray<ValueKind> kinds)
    {
        var (pending, floor) = (_firstPending, _floor);
        PopKinds(ref reader, kinds);
        _height += kinds.Length;
        (_firstPending, _floor) = (pending, floor);
    }

    private ref ControlFrame Target(ref WasmReader reader, out int depth)
    {
        var at = reader.Position;
        var label = reader.U32();
        if (label >= (uint)_depth)
        {
            throw reader.Invalid($"unknown label {label}", at);
        }

        depth = _depth - 1 - (int)label;
        return ref _frames[depth];
    }

    private void Br(ref WasmReader reader)
    {
        ref var target = ref Target(ref reader, out var depth);
        var kinds = target.LabelTypes;
        if (!_live)
        {
            PopKinds(ref reader, kinds);
        }
        else
        {
            CheckKinds(ref reader, kinds);
            if (depth == 0)
            {
                Flush(kinds.Length);
                EmitReturn();
            }
            else
            {
                StoreForLabel(ref target);
                for (var i = _firstPending; i > _floor; i--)
                {
                    _il.Op(IlOpcode.Pop);
                }

                RefreshLength();
                _il.Branch(IlOpcode.Br, target.Label);
                target.Targeted = true;
            }
        }

        MarkUnreachable();
    }

    private void BrIf(ref WasmReader reader)
    {
        ref var target = ref Target(ref reader, out _);
        var kinds = target.LabelTypes;
        if (!_live)
        {
            Pop(ref reader, ValueKind.I32);
            PopKinds(ref reader, kinds);
            PushKinds(kinds);
            return;
        }

        _branches++;
        RefreshLength();
        var condition = PopCondition(ref reader);
        CheckKinds(ref reader, kinds);
        if (kinds.Length > 0)
        {
            BranchWithValues(ref target, KeepCondition(condition));
        }
        else
        {
            Spill(keepLocals: true);
            BranchOnCondition(condition, target.Label, whenTrue: true);
        }

        target.Targeted = true;
        _effects++;
        EndRun();
    }

    /// <summary>
    /// A conditional branch that takes operands along. Where it is not taken they stay operands, and the label's temporaries must
    /// stay as they are: operands that stand for a loop's parameters may still be read from them.
    /// </summary>
    private void BranchWithValues(ref ControlFrame target, int condition)
    {
        var kinds = target.LabelTypes;
        Flush(kinds.Length);
        var copies = NewTemporaries(kinds);
        for (var i = kinds.Length - 1; i >= 0; i--)
        {
            _il.StLoc(copies[i]);
        }

        _height -= kinds.Length;
        _firstPending = _height;
        Spill(keepLocals: true);
        var next = _il.NewLabel();
        BranchOnCondition(condition, next, whenTrue: false);
        target.Temporaries ??= NewTemporaries(kinds);
        for (var i = 0; i < kinds.Length; i++)
        {
            _il.LdLoc(copies[i]);
            _il.StLoc(target.Temporaries[i]);
        }

        _il.Branch(IlOpcode.Br, target.Label);
        _il.Mark(next);
        for (var i = 0; i < kinds.Length; i++)
        {
            PushPending(TemporaryOperand(kinds[i], copies[i], owned: true));
        }
    }

    private void BrTable(ref WasmReader reader)
    {
        var at = reader.Position;
        var count = reader.Count("labels in one br_table", nameof(ModuleLimits.MaxBranchTableSize), _options.Limits.MaxBranchTableSize);
        var depths = new int[count + 1];
        for (var i = 0; i <= count; i++)
        {
            Target(ref reader, out depths[i]);
        }

        var arity = _frames[depths[count]].LabelTypes.Length;
        if (!_live)
        {
            Pop(ref reader, ValueKind.I32);
            CheckTableTargets(ref reader, depths, arity, at);
            PopKinds(ref reader, _frames[depths[count]].LabelTypes);
            MarkUnreachable();
            return;
        }

        RefreshLength();
        Flush(arity + 1);
        HideFalseFlags(Pop(ref reader, ValueKind.I32));
        CheckTableTargets(ref reader, depths, arity, at);
        var kinds = _frames[depths[count]].LabelTypes;
        CheckKinds(ref reader, kinds);
        var index = RentTemporary(ValueKind.I32);
        _il.StLoc(index);
        var values = new int[arity];
        for (var i = arity - 1; i >= 0; i--)
        {
            values[i] = RentTemporary(kinds[i]);
            _il.StLoc(values[i]);
        }

        for (var i = _height - arity; i > _floor; i--)
        {
            _il.Op(IlOpcode.Pop);
        }

        _il.LdLoc(index);
        var labels = new int[count + 1];
        var entries = new Dictionary<int, int>();
        for (var i = 0; i <= count; i++)
        {
            if (!entries.TryGetValue(depths[i], out labels[i]))
            {
                ref var target = ref _frames[depths[i]];
                target.Targeted = true;
                labels[i] = arity == 0 ? target.Label : _il.NewLabel();
                entries.Add(depths[i], labels[i]);
            }
        }

        _branches += entries.Count;
        _il.Switch(labels.AsSpan(0, count));
        _il.Branch(IlOpcode.Br, labels[count]);
        if (arity > 0)
        {
            foreach (var (depth, entry) in entries)
            {
                ref var target = ref _frames[depth];
                target.Temporaries ??= NewTemporaries(target.LabelTypes);
                _il.Mark(entry);
                for (var i = 0; i < arity; i++)
                {
                    _il.LdLoc(values[i]);
                    _il.StLoc(target.Temporaries[i]);
                }

                _il.Branch(IlOpcode.Br, target.Label);
            }
        }

        ReturnTemporary(index);
        foreach (var value in values)
        {
            ReturnTemporary(value);
        }

        MarkUnreachable();
    }

    private void CheckTableTargets(ref WasmReader reader, int[] depths, int arity, int at)
    {
        foreach (var depth in depths.AsSpan(0, depths.Length - 1))
        {
            var kinds = _frames[depth].LabelTypes;
            if (kinds.Length != arity)
            {
                throw reader.Invalid("type mismatch: the labels of a br_table take different numbers of operands", at);
            }

            // In unreachable code the operands may be of any type, so each label is checked against the operands themselves.
            for (var i = 0; i < arity; i++)
            {
                var operand = Peek(arity - 1 - i);
                var missing = _height - (arity - 1 - i) <= Frame.Height;
                if ((missing && !Frame.Unreachable) || (!missing && operand.Kind != kinds[i] && operand.Kind != 0))
                {
                    throw reader.Invalid($"type mismatch: a label of a br_table takes {Text(kinds[i])}, found {(missing ? "nothing" : Text(operand.Kind))}", at);
                }
            }
        }
    }

    private void MarkUnreachable()
    {
        ref var frame = ref Frame;
        frame.Unreachable = true;
        _height = _firstPending = _floor = frame.Height;
        _live = false;
        EndRun();
    }

    private int[] NewTemporaries(ImmutableArray<ValueKind> kinds)
    {
        var temporaries = new int[kinds.Length];
        for (var i = 0; i < kinds.Length; i++)
        {
            temporaries[i] = RentTemporary(kinds[i]);
        }

        return temporaries;
    }

    private static Operand TemporaryOperand(ValueKind kind, int temporary, bool owned) => new()
    {
        Kind = kind,
        Place = OperandPlace.Temporary,
        Index = temporary,
        OwnsTemporary = owned,
        Maximum = uint.MaxValue,

        // Ways that join bring values that nobody followed.
        Origin = kind switch
        {
            ValueKind.I32 or ValueKind.I64 => OperandOrigin.FalseFlags,
            ValueKind.V128 => OperandOrigin.Folded,
            _ => OperandOrigin.Other,
        },
    };

    /// <summary>Moves the top operands, whose types fit the label, to the label's temporaries and takes them off.</summary>
    private void StoreForLabel(ref ControlFrame target)
    {
        var kinds = target.LabelTypes;
        if (kinds.Length == 0)
        {
            return;
        }

        Flush(kinds.Length);
        target.Temporaries ??= NewTemporaries(kinds);
        for (var i = kinds.Length - 1; i >= 0; i--)
        {
            _il.StLoc(target.Temporaries[i]);
        }

        _height -= kinds.Length;
        _firstPending = _height;
    }

    // ---- conditions ----

    /// <summary>
    /// Takes an i32 condition off the operands: a comparison emitted just before is left to be fused with the branch, anything
    /// else is on the IL stack or in a temporary. Other operands may still be on the IL stack below it.
    /// </summary>
    private int PopCondition(ref WasmReader reader)
    {
        var late = Peek().Place != OperandPlace.Stack;
        var condition = Pop(ref reader, ValueKind.I32);
        if (late)
        {
            Load(condition);
        }

        HideFalseFlags(condition);
        return StackHoldsOperands(0) ? KeepCondition(-1) : -1;
    }

    private int KeepCondition(int condition)
    {
        if (condition >= 0)
        {
            return condition;
        }

        var temporary = RentTemporary(ValueKind.I32);
        _il.StLoc(temporary);
        _lastCompareEnd = -1;
        return temporary;
    }

    private void BranchOnCondition(int condition, int label, bool whenTrue)
    {
        if (condition >= 0)
        {
            _il.LdLoc(condition);
            ReturnTemporary(condition);
        }
        else if (_lastCompareEnd == _il.Length)
        {
            _il.Truncate(_lastCompareStart);
            _lastCompareEnd = -1;
            _il.Branch(whenTrue ? _branchIfTrue : _branchIfFalse, label);
            return;
        }

        _il.Branch(whenTrue ? IlOpcode.BrTrue : IlOpcode.BrFalse, label);
    }
}
