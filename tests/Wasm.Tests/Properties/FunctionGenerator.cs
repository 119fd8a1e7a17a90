using HeliosEdge.Testing.Building;

namespace HeliosEdge.Wasm.Tests.Properties;

/// <summary>
/// Writes one function: instructions on instructions, and statements around them. Divisions, truncations and addresses are mostly kept
/// from trapping, or nothing behind them would run. Loops count down, and calls go to earlier functions only, so that every function ends.
/// </summary>
internal sealed class FunctionGenerator(
    Choices choices,
    ModuleGenerator module,
    GeneratedCallee[] callable,
    ValueKind[] parameters,
    ValueKind[] results)
{
    private const int MostLoops = 2;

    private static readonly ValueKind[] _numbers = [ValueKind.I32, ValueKind.I64, ValueKind.F32, ValueKind.F64, ValueKind.V128];

    private readonly List<ValueKind> _locals = [.. parameters];
    private readonly List<int> _counters = [];

    // What a branch to each label around takes, the outermost first; null for nothing, 0 where no branch may go.
    private readonly List<ValueKind?> _labels = [];
    private Code _code = null!;
    private bool _drops;
    private int _loops;
    private int _budget;
    private Leaves _leaves;

    /// <summary>What the leaves of a function are.</summary>
    private enum Leaves
    {
        Any,

        /// <summary>Constants, and instructions on constants: all can be folded.</summary>
        Constants,

        /// <summary>Constants, and parameters that nothing is known of.</summary>
        ConstantsAndParameters,
    }

    /// <summary>The functions that are made of the same choices, before this one.</summary>
    public IReadOnlyList<FunctionGenerator> Inner { get; init; } = [];

    /// <summary>Whether it or a function inside drops a segment; known once it is written.</summary>
    public bool Drops => _drops || Inner.Any(generator => generator.Drops);

    public void Generate(Code code, FunctionPlan plan)
    {
        _code = code;
        _leaves = plan.Shape == FunctionShape.Tree ? Leaves.Any : (Leaves)(choices.Below(6) / 2);
        switch (plan.Shape)
        {
            case FunctionShape.Pair:
                _budget = 40;
                Pair(plan.Pair);
                break;
            case FunctionShape.Chain:
                _budget = 60;
                Chain(results[0], 3 + choices.Below(4), "", choices.Below(2) == 1);
                break;
            default:
                Tree(60 + choices.Below(140), 2 + choices.Below(6), 4);
                break;
        }
    }

    /// <summary>Writes a function that a tree calls.</summary>
    public void GenerateInner(Code code)
    {
        _code = code;
        Tree(10 + choices.Below(40), choices.Below(3), 3);
    }

    private void Tree(int budget, int statements, int depth)
    {
        foreach (var kind in _numbers)
        {
            Local(kind);
            Local(kind);
        }

        _budget = budget;
        for (; statements > 0; statements--)
        {
            Statement(3);
        }

        foreach (var kind in results)
        {
            Expression(kind, depth);
        }
    }

    private void Pair(int number)
    {
        var (outer, position, inner) = GeneratedInstructions.Pairs[number];
        Instruction(outer, operand =>
        {
            var kind = outer.Operands[operand];
            if (operand != position)
            {
                Leaf(kind);
            }
            else
            {
                Via(kind, () => Instruction(inner, leaf => Leaf(inner.Operands[leaf])), always: false);
            }
        });
        End(outer.Result);
    }

    /// <summary>Leaves the function's one result where the last instruction left another type or nothing.</summary>
    private void End(ValueKind? left)
    {
        switch (left)
        {
            case ValueKind.FuncRef or ValueKind.ExternRef:
                var reference = Local(left.Value);
                _code.Set(reference).I32(3).Get(reference)
                    .TableSet(left == ValueKind.FuncRef ? ModuleGenerator.FunctionTable : ModuleGenerator.ObjectTable)
                    .Get(reference).Emit(Op.RefIsNull);
                break;
            case null:
                _code.I32(0);
                break;
        }
    }

    /// <param name="kind">What it leaves.</param>
    /// <param name="length">How many instructions.</param>
    /// <param name="family">What the instruction around works on.</param>
    /// <param name="related">Whether instructions work on the same where that is possible.</param>
    private void Chain(ValueKind kind, int length, string family, bool related)
    {
        if (length == 0)
        {
            Leaf(kind);
            return;
        }

        GeneratedInstruction[] same = related ? [.. GeneratedInstructions.Related[(family, kind)]] : [];
        var known = same.Length > 0 ? same : GeneratedInstructions.Giving[kind];
        var instruction = choices.Pick(known);
        if (instruction.TrapsOften && !choices.Chance(4))
        {
            instruction = choices.Pick(known);
        }

        var position = choices.Below(instruction.Operands.Length);
        Instruction(instruction, operand =>
        {
            var wanted = instruction.Operands[operand];
            if (operand != position)
            {
                Leaf(wanted);
            }
            else
            {
                Via(wanted, () => Chain(wanted, length - 1, instruction.Family, related), always: false);
            }
        });
    }

    /// <summary>Operands, each made fit for what it stands for, and the instruction.</summary>
    private void Instruction(GeneratedInstruction instruction, Action<int> operand)
    {
        for (var i = 0; i < instruction.Operands.Length; i++)
        {
            operand(i);
            MakeFit(instruction.Roles[i], Math.Max(1, instruction.AccessBytes));
        }

        instruction.Emit(_code, choices);
        _drops |= instruction.Drops;
        if (instruction.NaN != NaNResult.Fixed)
        {
            module.Canonical(_code, instruction.NaN);
        }
    }

    private void MakeFit(OperandRole role, int accessBytes)
    {
        if (role == OperandRole.Value || choices.Chance(25))
        {
            return;
        }

        switch (role)
        {
            case OperandRole.Address when choices.Below(3) == 1:
                // At the end: up to the last place where the access fits, and at times one byte over.
                _code.I32(15).Emit(Op.I32And).I32(ModuleGenerator.MemoryBytes - accessBytes - 15 + (choices.Chance(40) ? 1 : 0)).Emit(Op.I32Add);
                break;
            case OperandRole.Address:
                _code.I32(choices.Pick([0xFF, 0x0F, 0xFFF, 0xFF00])).Emit(Op.I32And);
                break;
            case OperandRole.Length:
                _code.I32(63).Emit(Op.I32And);
                break;
            case OperandRole.Element:
                _code.I32(choices.Pick([3, 1, 7])).Emit(Op.I32And);
                break;
            default:
                _code.I32(choices.Pick([1, 3])).Emit(Op.I32And);
                break;
        }
    }

    /// <summary>A value on its way through something that leaves it as it is, or nearly so.</summary>
    private void Via(ValueKind kind, Action value, bool always)
    {
        var way = choices.Below(always ? 10 : 24);
        switch (way)
        {
            case 1:
                value();
                var local = Local(kind);
                _code.Set(local).Get(local);
                break;
            case 2:
                value();
                var tee = Local(kind);
                _code.Tee(tee).Emit(Op.Drop).Get(tee);
                break;
            case 3:
                value();
                var global = VariableOf(kind);
                _code.GlobalSet(global).GlobalGet(global);
                break;
            case 4 when IsNumber(kind):
                ThroughMemory(kind, value);
                break;
            case 5 when IsNumber(kind):
                value();
                _code.Call(module.Library[Array.IndexOf(_numbers, kind)].Index);
                break;
            case 6:
                Labelled(Op.Block, kind, value);
                break;
            case 7:
                Leaf(ValueKind.I32);
                Labelled(Op.If, kind, () =>
                {
                    value();
                    _code.Emit(Op.Else);
                    Leaf(kind);
                });
                break;
            case 8:
                value();
                Leaf(kind);
                Leaf(ValueKind.I32);
                _code.Emit(Op.SelectTyped).Raw(1, (byte)kind);
                break;
            case 9 when _loops < MostLoops:
                ThroughLoop(kind, value);
                break;
            default:
                value();
                break;
        }
    }

    private void ThroughMemory(ValueKind kind, Action value)
    {
        var stored = Local(kind);
        value();
        _code.Set(stored);
        var address = choices.Pick([0, 1, 8, 100, ModuleGenerator.MemoryBytes - 16, ModuleGenerator.MemoryBytes - 17, 3_000]);
        _code.I32(address);
        var store = choices.Pick(GeneratedInstructions.Stores[kind]);
        _code.Get(stored);
        store.Emit(_code, choices);
        _code.I32(address);
        var load = choices.Pick(GeneratedInstructions.Loads[kind]);
        load.Emit(_code, choices);
    }

    private void ThroughLoop(ValueKind kind, Action value)
    {
        var counter = Counter();
        var local = Local(kind);
        _loops++;
        _code.I32(1 + choices.Below(3)).Set(counter);
        Labelled(Op.Loop, 0, () =>
        {
            value();
            _code.Set(local).Get(counter).I32(1).Emit(Op.I32Sub).Tee(counter).BrIf(0);
        });
        _code.Get(local);
        _loops--;
    }

    private void Leaf(ValueKind kind)
    {
        if (!IsNumber(kind))
        {
            Reference(kind);
            return;
        }

        switch (_leaves switch { Leaves.Constants => choices.Below(3) == 1 ? 8 : 0, Leaves.ConstantsAndParameters => choices.Below(2) == 0 ? 0 : 3, _ => choices.Below(12) })
        {
            case 0 or 1 or 2:
                GeneratedValues.Constant(_code, kind, choices);
                break;
            case 3 or 4:
                _code.Get(LocalOf(kind));
                break;
            case 5:
                _code.GlobalGet(choices.Pick([.. module.Variables.Where(g => g.Kind == kind), .. module.Constants.Where(g => g.Kind == kind)]).Index);
                break;
            case 6 or 7:
                var load = choices.Pick(GeneratedInstructions.Loads[kind]);
                _code.I32(EdgeAddress(load.AccessBytes));
                load.Emit(_code, choices);
                break;
            case 8:
                Folded(kind);
                break;
            case 9:
                var local = Local(kind);
                GeneratedValues.Constant(_code, kind, choices);
                _ = choices.Below(2) == 0 ? _code.Set(local).Get(local) : _code.Tee(local);
                break;
            case 10:
                var number = Array.IndexOf(_numbers, kind);
                if (choices.Below(2) == 0)
                {
                    _code.Call(module.Library[_numbers.Length + number].Index);
                }
                else
                {
                    GeneratedValues.Constant(_code, kind, choices);
                    _code.Call(module.Library[number].Index);
                }

                break;
            default:
                Lane(kind);
                break;
        }
    }

    private void Reference(ValueKind kind)
    {
        var table = kind == ValueKind.FuncRef ? ModuleGenerator.FunctionTable : ModuleGenerator.ObjectTable;
        switch (choices.Below(4))
        {
            case 0:
                _code.Zero(kind);
                break;
            case 1:
                _code.GlobalGet(VariableOf(kind));
                break;
            case 2 when kind == ValueKind.FuncRef:
                _code.RefFunc(ModuleGenerator.FirstNumbered + choices.Below(ModuleGenerator.Numbered));
                break;
            default:
                _code.I32(choices.Below(4)).TableGet(table);
                break;
        }
    }

    /// <summary>An instruction on constants, which the runtime's compiler may fold.</summary>
    private void Folded(ValueKind kind)
    {
        var instruction = choices.Pick(GeneratedInstructions.Giving[kind]);
        if (instruction.TrapsOften || instruction.Operands.Any(operand => !IsNumber(operand)))
        {
            GeneratedValues.Constant(_code, kind, choices);
            return;
        }

        Instruction(instruction, operand => GeneratedValues.Constant(_code, instruction.Operands[operand], choices));
    }

    /// <summary>A lane of a vector leaf, or a vector of a scalar leaf.</summary>
    private void Lane(ValueKind kind)
    {
        if (--_budget <= 0)
        {
            GeneratedValues.Constant(_code, kind, choices);
            return;
        }

        // Splats are 15 to 20, extractions of lanes are 21, 22, 24, 25, 27, 29, 31 and 33.
        var from = kind == ValueKind.V128 ? choices.Pick(_numbers[..4]) : ValueKind.V128;
        Leaf(from);
        (uint Op, int Lanes) choice = (from, kind) switch
        {
            (ValueKind.I32, _) => (15u + (uint)choices.Below(3), 0),
            (ValueKind.I64, _) => (18u, 0),
            (ValueKind.F32, _) => (19u, 0),
            (ValueKind.F64, _) => (20u, 0),
            (_, ValueKind.I32) => choices.Pick<(uint, int)>([(27, 4), (21, 16), (22, 16), (24, 8), (25, 8)]),
            (_, ValueKind.I64) => (29u, 2),
            (_, ValueKind.F32) => (31u, 4),
            _ => (33u, 2),
        };
        _code.Simd(choice.Op);
        if (choice.Lanes > 0)
        {
            _code.Raw((byte)choices.Below(choice.Lanes));
        }
    }

    private int EdgeAddress(int bytes) => choices.Below(4) switch
    {
        0 => choices.Below(9),
        1 => ModuleGenerator.MemoryBytes - bytes - choices.Below(3),
        2 => choices.Below(256),
        _ => ModuleGenerator.MemoryBytes - bytes - choices.Below(240),
    };

    private void Expression(ValueKind kind, int depth)
    {
        if (--_budget <= 0 || depth <= 0)
        {
            Leaf(kind);
            return;
        }

        switch (choices.Below(12))
        {
            case 0:
                Leaf(kind);
                break;
            case 1:
                Via(kind, () => Expression(kind, depth - 1), always: true);
                break;
            case 2 when IsNumber(kind):
                Expression(ValueKind.I32, depth - 1);
                Labelled(Op.If, kind, () =>
                {
                    Expression(kind, depth - 1);
                    _code.Emit(Op.Else);
                    Statement(depth - 1);
                    Expression(kind, depth - 1);
                });
                break;
            case 3 when IsNumber(kind):
                Labelled(Op.Block, kind, () => BlockWithValue(kind, depth));
                break;
            case 4 when IsNumber(kind):
                var local = LocalOf(kind);
                Expression(kind, depth - 1);
                _code.Tee(local);
                break;
            case 5 when Callable(kind) is { } function:
                Call(function, depth);
                break;
            default:
                var instruction = choices.Pick(GeneratedInstructions.Giving[kind]);
                if (instruction.TrapsOften && !choices.Chance(12))
                {
                    instruction = choices.Pick(GeneratedInstructions.Giving[kind]);
                }

                Instruction(instruction, operand => Expression(instruction.Operands[operand], depth - 1));
                break;
        }
    }

    private void Statement(int depth)
    {
        if (--_budget <= 0)
        {
            return;
        }

        switch (choices.Below(12))
        {
            case 0 or 1:
                Assign(depth);
                break;
            case 2:
                var (kind, global) = choices.Pick(module.Variables);
                Expression(kind, depth);
                _code.GlobalSet(global);
                break;
            case 3 or 4:
                var stored = choices.Pick(_numbers);
                var store = choices.Pick(GeneratedInstructions.Stores[stored]);
                Instruction(store, operand => Expression(store.Operands[operand], depth));
                break;
            case 5:
                Expression(ValueKind.I32, depth);
                Labelled(Op.If, null, () =>
                {
                    Statement(depth - 1);
                    if (choices.Below(2) == 1)
                    {
                        _code.Emit(Op.Else);
                        Statement(depth - 1);
                    }
                });
                break;
            case 6:
                Loop(depth);
                break;
            case 7:
                Branches(depth);
                break;
            case 8:
                Wide(depth);
                break;
            case 9:
                var statement = choices.Pick(GeneratedInstructions.Statements);
                if (!statement.Drops || choices.Chance(4))
                {
                    Instruction(statement, operand => Expression(statement.Operands[operand], depth - 1));
                }

                break;
            case 10 when choices.Chance(4):
                Expression(ValueKind.I32, depth);
                Labelled(Op.If, null, () =>
                {
                    foreach (var result in results)
                    {
                        Expression(result, depth - 1);
                    }

                    _code.Emit(Op.Return);
                });
                break;
            default:
                Assign(depth);
                break;
        }
    }

    private void Assign(int depth)
    {
        var kind = choices.Pick(_numbers);
        Expression(kind, depth);
        _ = choices.Chance(6) ? _code.Emit(Op.Drop) : _code.Set(LocalOf(kind));
    }

    private void Loop(int depth)
    {
        if (_loops == MostLoops)
        {
            return;
        }

        var counter = Counter();
        _loops++;
        _code.I32(1 + choices.Below(6)).Set(counter);
        Labelled(Op.Block, null, () => Labelled(Op.Loop, 0, () =>
        {
            for (var statements = 1 + choices.Below(3); statements > 0; statements--)
            {
                Statement(depth - 1);
            }

            if (choices.Below(2) == 1)
            {
                Expression(ValueKind.I32, depth - 1);
                _code.BrIf(1);
            }

            _code.Get(counter).I32(1).Emit(Op.I32Sub).Tee(counter).I32(0).Emit(Op.I32GtS).BrIf(0);
        }));
        _loops--;
    }

    private void Branches(int depth) =>
        Labelled(Op.Block, null, () =>
        {
            Statement(depth - 1);
            if (choices.Below(2) == 1)
            {
                Expression(ValueKind.I32, depth - 1);
                _code.BrIf(choices.Pick(Targets(null)));
            }

            Statement(depth - 1);
            if (choices.Below(3) == 1)
            {
                Expression(ValueKind.I32, depth - 1);
                Table(Targets(null), choices.Below(5));
            }
        });

    private void Table(int[] targets, int count)
    {
        int[] labels = [.. Enumerable.Range(0, count).Select(_ => choices.Pick(targets))];
        _code.BrTable(labels, choices.Pick(targets));
    }

    /// <summary>A block, if or loop with several parameters and results.</summary>
    private void Wide(int depth)
    {
        ValueKind[] taken = [.. Enumerable.Range(0, 1 + choices.Below(3)).Select(_ => choices.Pick(_numbers))];
        var form = choices.Below(_loops == MostLoops ? 2 : 4);
        ValueKind[] given = form == 1 ? taken : [.. Enumerable.Range(0, choices.Below(3)).Select(_ => choices.Pick(_numbers))];
        var type = module.Module.Type(taken, given);
        foreach (var kind in taken)
        {
            Expression(kind, depth - 1);
        }

        switch (form)
        {
            case 0:
                Typed(Op.Block, type, () =>
                {
                    Rearrange(taken, depth);
                    Consume(taken);
                    foreach (var kind in given)
                    {
                        Expression(kind, depth - 1);
                    }

                    if (choices.Below(2) == 1)
                    {
                        Expression(ValueKind.I32, depth - 1);
                        _code.BrIf(0);
                    }
                });
                break;
            case 1:
                Expression(ValueKind.I32, depth - 1);
                Typed(Op.If, type, () =>
                {
                    Rearrange(taken, depth);
                    if (choices.Below(2) == 1)
                    {
                        _code.Emit(Op.Else);
                        Rearrange(taken, depth);
                    }
                });
                break;
            default:
                WideLoop(type, taken, given, depth);
                break;
        }

        Consume(given);
    }

    private void WideLoop(int type, ValueKind[] taken, ValueKind[] given, int depth)
    {
        var counter = Counter();
        _loops++;
        _code.I32(1 + choices.Below(4)).Set(counter);
        Typed(Op.Loop, type, () =>
        {
            Rearrange(taken, depth);
            _code.Get(counter).I32(1).Emit(Op.I32Sub).Set(counter);
            switch (choices.Below(3))
            {
                case 0:
                    _code.Get(counter).I32(0).Emit(Op.I32GtS).BrIf(0);
                    break;
                case 1:
                    // The loop's own values wait below while an inner block hands it new ones.
                    Labelled(Op.Block, 0, () => Again(1));
                    break;
                default:
                    Again(0);
                    break;
            }

            Consume(taken);
            foreach (var kind in given)
            {
                Expression(kind, depth - 1);
            }
        });
        _loops--;

        void Again(int label)
        {
            foreach (var kind in taken)
            {
                Expression(kind, depth - 1);
            }

            _code.Get(counter).I32(0).Emit(Op.I32GtS);
            if (choices.Below(2) == 1)
            {
                Expression(ValueKind.I32, depth - 1);
                _code.Emit(Op.I32And);
            }

            _code.BrIf(label);
            foreach (var unused in taken)
            {
                _code.Emit(Op.Drop);
            }
        }
    }

    private void Rearrange(ValueKind[] kinds, int depth)
    {
        if (choices.Below(3) == 1)
        {
            Statement(depth - 1);
        }

        if (choices.Below(2) == 1)
        {
            var local = LocalOf(kinds[^1]);
            _code.Set(local);
            if (choices.Below(2) == 1)
            {
                Statement(depth - 1);
            }

            _code.Get(local);
        }
    }

    private void Consume(ValueKind[] kinds)
    {
        for (var i = kinds.Length - 1; i >= 0; i--)
        {
            _ = choices.Chance(5) ? _code.Emit(Op.Drop) : _code.Set(LocalOf(kinds[i]));
        }
    }

    private void BlockWithValue(ValueKind kind, int depth)
    {
        if (choices.Below(2) == 1)
        {
            Statement(depth - 1);
        }

        Expression(kind, depth - 1);
        if (choices.Below(2) == 1)
        {
            Expression(ValueKind.I32, depth - 2);
            _code.BrIf(0);
        }

        switch (choices.Below(5))
        {
            case 1:
                _code.Br(0);
                break;
            case 2:
                Expression(ValueKind.I32, depth - 2);
                Table(Targets(kind), 1 + choices.Below(4));
                break;
        }
    }

    private GeneratedCallee? Callable(ValueKind kind)
    {
        GeneratedCallee[] fitting = [.. callable.Where(function => function.Results[^1] == kind)];
        return fitting.Length == 0 || _loops == MostLoops ? null : choices.Pick(fitting);
    }

    private void Call(GeneratedCallee function, int depth)
    {
        foreach (var parameter in function.Parameters)
        {
            Expression(parameter, depth - 2);
        }

        _code.Call(function.Index);
        if (function.Results.Length > 1)
        {
            var last = Local(function.Results[^1]);
            _code.Set(last);
            Consume(function.Results[..^1]);
            _code.Get(last);
        }
    }

    /// <summary>A block, if or loop whose label takes nothing (null), a value, or no branches at all (0).</summary>
    private void Labelled(Op op, ValueKind? label, Action body)
    {
        _code.Emit(op).Raw(label is null or 0 ? (byte)0x40 : (byte)label);
        Inside(label, body);
    }

    private void Typed(Op op, int type, Action body)
    {
        _code.Emit(op).Raw(new WasmBuffer().Signed(type).Written);
        Inside(0, body);
    }

    private void Inside(ValueKind? label, Action body)
    {
        _labels.Add(label);
        body();
        _labels.RemoveAt(_labels.Count - 1);
        _code.Emit(Op.End);
    }

    private int[] Targets(ValueKind? kind) =>
        [.. Enumerable.Range(0, _labels.Count).Where(label => _labels[_labels.Count - 1 - label] == kind)];

    private int Local(ValueKind kind)
    {
        _locals.Add(kind);
        return _code.Local(kind);
    }

    /// <summary>A local that nothing but its loop sets.</summary>
    private int Counter()
    {
        while (_counters.Count <= _loops)
        {
            _locals.Add(0);
            _counters.Add(_code.Local(ValueKind.I32));
        }

        return _counters[_loops];
    }

    private int LocalOf(ValueKind kind)
    {
        int[] fitting = [.. Enumerable.Range(0, _locals.Count).Where(local => _locals[local] == kind)];
        return fitting.Length == 0 ? Local(kind) : choices.Pick(fitting);
    }

    private int VariableOf(ValueKind kind) => choices.Pick([.. module.Variables.Where(global => global.Kind == kind).Select(global => global.Index)]);

    private static bool IsNumber(ValueKind kind) => kind is not (ValueKind.FuncRef or ValueKind.ExternRef);
}
