using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Simd;

namespace HeliosEdge.Wasm.Tests.Properties;

/// <summary>What an operand stands for, which says how a value is kept from trapping at once.</summary>
internal enum OperandRole
{
    Value,

    /// <summary>An address in memory.</summary>
    Address,

    /// <summary>How many bytes of memory.</summary>
    Length,

    /// <summary>By how many pages or elements to grow.</summary>
    Growth,

    /// <summary>A place in a table.</summary>
    Element,

    /// <summary>A place in a segment, or how many elements.</summary>
    Few,
}

/// <summary>How the bits of a NaN that an instruction gives are fixed.</summary>
internal enum NaNResult
{
    /// <summary>By the specification.</summary>
    Fixed,

    /// <summary>By the engine, in an f32.</summary>
    F32,

    /// <summary>By the engine, in an f64.</summary>
    F64,

    /// <summary>By the engine, in lanes of f32.</summary>
    F32Lanes,

    /// <summary>By the engine, in lanes of f64.</summary>
    F64Lanes,
}

/// <summary>An instruction that takes operands and leaves a value or nothing.</summary>
internal sealed record GeneratedInstruction(string Name, ValueKind[] Operands, ValueKind? Result, Action<Code, Choices> Emit)
{
    public OperandRole[] Roles { get; init; } = new OperandRole[Operands.Length];

    /// <summary>How many bytes of memory it reads or writes at its address; 0 for none.</summary>
    public int AccessBytes { get; init; }

    public NaNResult NaN { get; init; }

    /// <summary>Whether it traps for a good part of all values.</summary>
    public bool TrapsOften { get; init; }

    /// <summary>Whether what it does stays done in an instance: it drops a segment.</summary>
    public bool Drops { get; init; }

    /// <summary>What it works on: the name's first part; empty for those that are not about numbers.</summary>
    public string Family => AccessBytes > 0 || Operands.Length == 0 || Result is null || Array.Exists(Roles, role => role != OperandRole.Value) ? ""
        : Name.Contains('.', StringComparison.Ordinal) ? Name[..Name.IndexOf('.', StringComparison.Ordinal)]
        : Operands[0] == Result ? $"{Result}" : "";

    public override string ToString() => Name;
}

/// <summary>All instructions of WebAssembly 2.0 that are neither control flow nor variables; those for any type, once for each.</summary>
internal static class GeneratedInstructions
{
    private static readonly ValueKind[] _everyKind =
        [ValueKind.I32, ValueKind.I64, ValueKind.F32, ValueKind.F64, ValueKind.V128, ValueKind.FuncRef, ValueKind.ExternRef];

    public static IReadOnlyList<GeneratedInstruction> All { get; } =
        [.. Numeric(), .. Saturating(), .. Memory(), .. Vector(), .. Parametric(), .. References(), .. Tables()];

    /// <summary>Those that leave a value of a type and take operands.</summary>
    public static IReadOnlyDictionary<ValueKind, GeneratedInstruction[]> Giving { get; } =
        _everyKind.ToDictionary(kind => kind, kind => All.Where(instruction => instruction.Result == kind && instruction.Operands.Length > 0).ToArray());

    /// <summary>Those that leave nothing.</summary>
    public static IReadOnlyList<GeneratedInstruction> Statements { get; } = [.. All.Where(instruction => instruction.Result is null)];

    /// <summary>The loads of a scalar or vector type.</summary>
    public static IReadOnlyDictionary<ValueKind, GeneratedInstruction[]> Loads { get; } = _everyKind.ToDictionary(
        kind => kind,
        kind => All.Where(instruction => instruction.Result == kind && instruction.AccessBytes > 0 && instruction.Operands.Length == 1).ToArray());

    /// <summary>The stores of a scalar or vector type.</summary>
    public static IReadOnlyDictionary<ValueKind, GeneratedInstruction[]> Stores { get; } = _everyKind.ToDictionary(
        kind => kind,
        kind => All.Where(instruction => instruction.Result is null && instruction.AccessBytes > 0 && instruction.Operands[1] == kind).ToArray());

    /// <summary>Every instruction, operand and instruction that can give that operand.</summary>
    public static IReadOnlyList<(GeneratedInstruction Outer, int Operand, GeneratedInstruction Inner)> Pairs { get; } =
    [
        .. All.SelectMany(outer => Enumerable.Range(0, outer.Operands.Length).SelectMany(
            operand => All.Where(inner => inner.Result == outer.Operands[operand]).Select(inner => (outer, operand, inner)))),
    ];

    /// <summary>The numbers of those pairs whose instructions work on the same: what a compiler has rules about.</summary>
    public static IReadOnlyList<int> RelatedPairs { get; } =
    [
        .. Enumerable.Range(0, Pairs.Count).Where(pair => Pairs[pair].Outer.Family is { Length: > 0 } family && Pairs[pair].Inner.Family == family),
    ];

    /// <summary>Those of a family that give a type.</summary>
    public static ILookup<(string Family, ValueKind Result), GeneratedInstruction> Related { get; } =
        All.Where(instruction => instruction.Family.Length > 0).ToLookup(instruction => (instruction.Family, instruction.Result!.Value));

    private static IEnumerable<GeneratedInstruction> Numeric()
    {
        for (var op = Op.I32Eqz; op <= Op.I64Extend32S; op++)
        {
            var instruction = op;
            var (operands, result) = OpSignature.Of(op);
            yield return new(op.ToString(), operands, result, (code, _) => code.Emit(instruction))
            {
                NaN = op switch
                {
                    (>= Op.F32Ceil and <= Op.F32Max) or Op.F32DemoteF64 => NaNResult.F32,
                    (>= Op.F64Ceil and <= Op.F64Max) or Op.F64PromoteF32 => NaNResult.F64,
                    _ => NaNResult.Fixed,
                },
                TrapsOften = op is (>= Op.I32TruncF32S and <= Op.I32TruncF64U) or (>= Op.I64TruncF32S and <= Op.I64TruncF64U)
                    or (>= Op.I32DivS and <= Op.I32RemU) or (>= Op.I64DivS and <= Op.I64RemU),
            };
        }
    }

    private static IEnumerable<GeneratedInstruction> Saturating()
    {
        for (uint op = 0; op < 8; op++)
        {
            var number = op;
            var from = (op & 2) == 0 ? ValueKind.F32 : ValueKind.F64;
            var to = op < 4 ? ValueKind.I32 : ValueKind.I64;
            yield return new($"{to}TruncSat{from}{((op & 1) == 0 ? 'S' : 'U')}", [from], to, (code, _) => code.Bulk(number));
        }
    }

    private static IEnumerable<GeneratedInstruction> Memory()
    {
        for (var op = Op.I32Load; op <= Op.I64Store32; op++)
        {
            var instruction = op;
            var name = op.ToString();
            var kind = OpSignature.KindOf(name);
            var bytes = name.Contains('8', StringComparison.Ordinal) ? 1
                : name.Contains("16", StringComparison.Ordinal) ? 2
                : name.EndsWith("32", StringComparison.Ordinal) || name.Contains("32S", StringComparison.Ordinal) || name.Contains("32U", StringComparison.Ordinal) ? 4
                : kind is ValueKind.I32 or ValueKind.F32 ? 4 : 8;
            var alignments = int.Log2(bytes) + 1;
            void Emit(Code code, Choices choices) => code.Access(instruction, Offset(choices), (uint)choices.Below(alignments));
            yield return op < Op.I32Store
                ? new(name, [ValueKind.I32], kind, Emit) { Roles = [OperandRole.Address], AccessBytes = bytes }
                : new(name, [ValueKind.I32, kind], null, Emit) { Roles = [OperandRole.Address, OperandRole.Value], AccessBytes = bytes };
        }

        yield return new("MemorySize", [], ValueKind.I32, (code, _) => code.MemorySize());
        yield return new("MemoryGrow", Kinds.I32, ValueKind.I32, (code, _) => code.MemoryGrow()) { Roles = [OperandRole.Growth] };
        yield return new("MemoryFill", Kinds.Many(ValueKind.I32, 3), null, (code, _) => code.MemoryFill())
        {
            Roles = [OperandRole.Address, OperandRole.Value, OperandRole.Length],
        };
        yield return new("MemoryCopy", Kinds.Many(ValueKind.I32, 3), null, (code, _) => code.MemoryCopy())
        {
            Roles = [OperandRole.Address, OperandRole.Address, OperandRole.Length],
        };
        yield return new("MemoryInit", Kinds.Many(ValueKind.I32, 3), null, (code, _) => code.MemoryInit(ModuleGenerator.FreeData))
        {
            Roles = [OperandRole.Address, OperandRole.Few, OperandRole.Few],
        };
        yield return new("DataDrop", [], null, (code, _) => code.DataDrop(ModuleGenerator.FreeData)) { Drops = true };
    }

    // Mostly near; so far at times that the access is outside, with and without the sum passing 32 bits.
    private static uint Offset(Choices choices) => choices.Below(40) switch
    {
        < 34 => (uint)(choices.Below(2) * choices.Below(20)),
        < 38 => (uint)choices.Below(70_000),
        _ => (uint)choices.Bits(),
    };

    private static IEnumerable<GeneratedInstruction> Vector()
    {
        for (uint number = 0; number < 256; number++)
        {
            if (SimdOpcodes.Get(number) is not { } opcode || opcode.Immediate == SimdImmediate.Const)
            {
                continue;
            }

            yield return new(opcode.Name, [.. opcode.Operands], opcode.Result, (code, choices) => EmitVector(code, opcode, choices))
            {
                Roles = [.. opcode.Operands.Select((_, i) => i == 0 && opcode.AccessBytes > 0 ? OperandRole.Address : OperandRole.Value)],
                AccessBytes = opcode.AccessBytes,
                NaN = number switch
                {
                    0x5E or (>= 0x67 and <= 0x6A) or (>= 0xE3 and <= 0xE9) => NaNResult.F32Lanes,
                    0x5F or 0x74 or 0x75 or 0x7A or 0x94 or (>= 0xEF and <= 0xF5) => NaNResult.F64Lanes,
                    _ => NaNResult.Fixed,
                },
            };
        }
    }

    private static void EmitVector(Code code, SimdOpcode opcode, Choices choices)
    {
        switch (opcode.Immediate)
        {
            case SimdImmediate.MemArg or SimdImmediate.MemArgLane:
                code.SimdAccess(opcode.Code, Offset(choices), (uint)choices.Below(int.Log2(opcode.AccessBytes) + 1));
                break;
            default:
                code.Simd(opcode.Code);
                break;
        }

        for (var lanes = opcode.Immediate switch { SimdImmediate.Shuffle => 16, SimdImmediate.Lane or SimdImmediate.MemArgLane => 1, _ => 0 }; lanes > 0; lanes--)
        {
            code.Raw((byte)choices.Below(opcode.Lanes));
        }
    }

    private static IEnumerable<GeneratedInstruction> Parametric()
    {
        foreach (var kind in _everyKind)
        {
            ValueKind[] operands = [kind, kind, ValueKind.I32];
            yield return new($"SelectTyped {kind}", operands, kind, (code, _) => code.Emit(Op.SelectTyped).Raw(1, (byte)kind));
            if (kind is not (ValueKind.FuncRef or ValueKind.ExternRef))
            {
                yield return new($"Select {kind}", operands, kind, (code, _) => code.Emit(Op.Select));
            }

            yield return new($"Drop {kind}", [kind], null, (code, _) => code.Emit(Op.Drop));
        }
    }

    private static IEnumerable<GeneratedInstruction> References()
    {
        yield return new("RefNull func", [], ValueKind.FuncRef, (code, _) => code.Zero(ValueKind.FuncRef));
        yield return new("RefNull extern", [], ValueKind.ExternRef, (code, _) => code.Zero(ValueKind.ExternRef));
        yield return new("RefIsNull func", Kinds.FuncRef, ValueKind.I32, (code, _) => code.Emit(Op.RefIsNull));
        yield return new("RefIsNull extern", Kinds.ExternRef, ValueKind.I32, (code, _) => code.Emit(Op.RefIsNull));
        yield return new("RefFunc", [], ValueKind.FuncRef, (code, choices) => code.RefFunc(ModuleGenerator.FirstNumbered + choices.Below(ModuleGenerator.Numbered)));
    }

    private static IEnumerable<GeneratedInstruction> Tables()
    {
        foreach (var (kind, table) in ((ValueKind, int)[])[(ValueKind.FuncRef, ModuleGenerator.FunctionTable), (ValueKind.ExternRef, ModuleGenerator.ObjectTable)])
        {
            yield return new($"TableGet {kind}", Kinds.I32, kind, (code, _) => code.TableGet(table)) { Roles = [OperandRole.Element] };
            yield return new($"TableSet {kind}", [ValueKind.I32, kind], null, (code, _) => code.TableSet(table)) { Roles = [OperandRole.Element, OperandRole.Value] };
            yield return new($"TableSize {kind}", [], ValueKind.I32, (code, _) => code.TableSize(table));
            yield return new($"TableGrow {kind}", [kind, ValueKind.I32], ValueKind.I32, (code, _) => code.TableGrow(table))
            {
                Roles = [OperandRole.Value, OperandRole.Growth],
            };
            yield return new($"TableFill {kind}", [ValueKind.I32, kind, ValueKind.I32], null, (code, _) => code.TableFill(table))
            {
                Roles = [OperandRole.Element, OperandRole.Value, OperandRole.Few],
            };
            yield return new($"TableCopy {kind}", Kinds.Many(ValueKind.I32, 3), null, (code, _) => code.TableCopy(table, table))
            {
                Roles = [OperandRole.Element, OperandRole.Element, OperandRole.Few],
            };
        }

        yield return new("TableInit", Kinds.Many(ValueKind.I32, 3), null, (code, _) => code.TableInit(ModuleGenerator.FreeElements, ModuleGenerator.FunctionTable))
        {
            Roles = [OperandRole.Element, OperandRole.Few, OperandRole.Few],
        };
        yield return new("ElementDrop", [], null, (code, _) => code.ElementDrop(ModuleGenerator.FreeElements)) { Drops = true };
        yield return new("CallIndirect", Kinds.I32, ValueKind.I32, (code, _) => code.CallIndirect(ModuleGenerator.NumberedType, ModuleGenerator.FunctionTable))
        {
            Roles = [OperandRole.Element],
        };
        yield return new("CallIndirect other", Kinds.Many(ValueKind.I32, 2), ValueKind.I32, (code, _) => code.CallIndirect(ModuleGenerator.OtherType, ModuleGenerator.FunctionTable))
        {
            Roles = [OperandRole.Value, OperandRole.Element],
            TrapsOften = true,
        };
    }
}
