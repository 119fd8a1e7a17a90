using HeliosEdge.Testing.Building;

namespace HeliosEdge.Wasm.Tests.Properties;

/// <summary>One of a generated module's functions: its number among the lists of results, and whether a call of it needs an instance of its own.</summary>
internal readonly record struct GeneratedFunction(int Results, bool NeedsNewInstance);

/// <summary>
/// A valid module whose functions end. <c>run(function, input, results)</c> calls one with one of the inputs after it has put memory,
/// tables and globals back; <c>finish()</c> then writes what came of it to the start of memory.
/// </summary>
internal sealed record GeneratedModule(byte[] Bytes, IReadOnlyList<GeneratedFunction> Functions);

/// <summary>A function that generated code may call.</summary>
internal sealed record GeneratedCallee(int Index, ValueKind[] Parameters, ValueKind[] Results);

/// <summary>
/// Makes a module of many functions, each out of choices of its own and independent of the others. All take the same parameters.
/// What an engine may choose is the bits of some NaNs: in a canonical module a call behind each instruction that gives one makes
/// all quiet NaNs one and all signaling NaNs another, and counts them.
/// </summary>
internal sealed class ModuleGenerator(ulong seed, IReadOnlyList<Choices> functions, bool canonical = false)
{
    public const string Memory = "memory";
    public const string Run = "run";
    public const string Finish = "finish";

    /// <summary>How many inputs each function can be called with.</summary>
    public const int Inputs = 4;

    /// <summary>How many bytes <c>finish</c> writes.</summary>
    public const int RecordBytes = 272;

    /// <summary>Where in them the count of NaNs stands that a canonical module saw.</summary>
    public const int WitnessOffset = 264;

    /// <summary>Where the sizes of the two tables and of memory stand.</summary>
    public const int SizesOffset = 128;

    public const uint Pages = 1;
    public const uint FunctionElements = 8;
    public const uint ObjectElements = 4;

    // Where things are in every module.
    internal const int FreeData = 3;
    internal const int FreeElements = 1;
    internal const int NumberedType = 2;
    internal const int OtherType = 3;
    internal const int FirstNumbered = 2;
    internal const int Numbered = 5;
    internal const int FunctionTable = 1;
    internal const int ObjectTable = 2;
    internal const int MemoryBytes = 65_536;

    private const int KeptObjects = 3;
    private const int WindowBytes = 256;
    private const int InputBytes = 80;
    private const int NumberOf = 0;
    private const int ObjectOf = 1;

    /// <summary>The parameters of every function.</summary>
    internal static readonly ValueKind[] Parameters =
    [
        ValueKind.I32, ValueKind.I32, ValueKind.I64, ValueKind.I64, ValueKind.F32, ValueKind.F32, ValueKind.F64, ValueKind.F64, ValueKind.V128, ValueKind.V128,
    ];

    /// <summary>The lists of results that functions have; no list has a type twice.</summary>
    internal static readonly ValueKind[][] ResultLists =
    [
        Kinds.I32, Kinds.I64, Kinds.F32, Kinds.F64, Kinds.V128, [ValueKind.I32, ValueKind.F64, ValueKind.V128], [ValueKind.F32, ValueKind.I64],
    ];

    private static readonly ValueKind[] _numbers = [ValueKind.I32, ValueKind.I64, ValueKind.F32, ValueKind.F64, ValueKind.V128];

    private readonly Choices _data = new(seed);
    private readonly List<(ValueKind Kind, int Index)> _variables = [];
    private readonly List<(ValueKind Kind, int Index)> _constants = [];
    private readonly Dictionary<ValueKind, int> _results = [];
    private readonly Dictionary<NaNResult, int> _canonical = [];
    private readonly List<GeneratedCallee> _library = [];
    private int _functionGlobal;
    private int _objectGlobal;
    private int _witness;

    internal ModuleBuilder Module { get; } = new();

    /// <summary>Globals that can be set, two of each type of number, one of each type of reference.</summary>
    internal IReadOnlyList<(ValueKind Kind, int Index)> Variables => _variables;

    /// <summary>Globals that cannot.</summary>
    internal IReadOnlyList<(ValueKind Kind, int Index)> Constants => _constants;

    /// <summary>Functions that all may call: the identity of each type first.</summary>
    internal IReadOnlyList<GeneratedCallee> Library => _library;

    public GeneratedModule Make()
    {
        Module.ImportFunction("host", "number", Kinds.ExternRef, Kinds.I32);
        Module.ImportFunction("host", "object", Kinds.I32, Kinds.ExternRef);
        Module.Type([], Kinds.I32);
        Module.Type(Kinds.I32, Kinds.I32);
        for (var i = 0; i < Numbered; i++)
        {
            var number = i;
            Module.Function(null, [], Kinds.I32, c => c.I32(number));
        }

        AddData();
        AddTables();
        AddGlobals();
        AddLibrary();
        AddRun();
        AddFinish();
        var generators = new List<FunctionGenerator>();
        var lists = new List<int>();
        var indices = new List<int>();
        foreach (var choices in functions)
        {
            var (index, list, generator) = AddFunction(choices);
            indices.Add(index);
            lists.Add(list);
            generators.Add(generator);
        }

        Module.Elements(0, [.. indices]);
        var bytes = Module.Build();
        return new(bytes, [.. generators.Select((generator, i) => new GeneratedFunction(lists[i], generator.Drops))]);
    }

    /// <summary>Makes the NaN on top of the stack one that every engine gives, in a canonical module.</summary>
    internal void Canonical(Code code, NaNResult nan)
    {
        if (canonical && nan != NaNResult.Fixed)
        {
            code.Call(_canonical[nan]);
        }
    }

    private (int Index, int List, FunctionGenerator Generator) AddFunction(Choices choices)
    {
        var plan = FunctionPlan.Choose(choices);
        var callable = new List<GeneratedCallee>(_library);
        var inner = new List<FunctionGenerator>();
        for (var i = 0; i < plan.Helpers; i++)
        {
            ValueKind[] parameters = [.. Enumerable.Range(0, choices.Below(5)).Select(_ => _numbers[choices.Below(_numbers.Length)])];
            ValueKind[] results = [.. Enumerable.Range(0, choices.Chance(4) ? 2 + choices.Below(3) : 1).Select(_ => _numbers[choices.Below(_numbers.Length)])];
            GeneratedCallee[] known = [.. callable];
            var generator = new FunctionGenerator(choices, this, known, parameters, results);
            inner.Add(generator);
            callable.Add(new(Module.Function(null, parameters, results, generator.GenerateInner), parameters, results));
        }

        var main = new FunctionGenerator(choices, this, [.. callable], Parameters, ResultLists[plan.Results]) { Inner = inner };
        return (Module.Function(null, Parameters, ResultLists[plan.Results], code => main.Generate(code, plan)), plan.Results, main);
    }

    private void AddData()
    {
        Module.Memory(Pages, 3, Memory);
        Module.PassiveData(Window());
        Module.PassiveData(Window());
        var inputs = new WasmBuffer();
        for (var i = 0; i < Inputs; i++)
        {
            inputs.Int32Bits(GeneratedValues.I32(_data)).Int32Bits(GeneratedValues.I32(_data))
                .Int64Bits(GeneratedValues.I64(_data)).Int64Bits(GeneratedValues.I64(_data))
                .Int32Bits((int)GeneratedValues.F32(_data)).Int32Bits((int)GeneratedValues.F32(_data))
                .Int64Bits((long)GeneratedValues.F64(_data)).Int64Bits((long)GeneratedValues.F64(_data));
            Vector(inputs);
            Vector(inputs);
        }

        Module.PassiveData(inputs.ToArray());
        Module.PassiveData(Window()[..32]);

        byte[] Window()
        {
            var window = new WasmBuffer();
            while (window.Length < WindowBytes)
            {
                _ = _data.Below(5) switch
                {
                    0 => window.Int32Bits(GeneratedValues.I32(_data)).Int32Bits((int)GeneratedValues.F32(_data)),
                    1 => window.Int64Bits((long)GeneratedValues.F64(_data)),
                    2 => window.Int64Bits((long)_data.Bits()),
                    3 => window.Int32Bits((int)GeneratedValues.F32(_data)).Int32Bits((int)GeneratedValues.F32(_data)),
                    _ => window.Int64Bits(GeneratedValues.I64(_data)),
                };
            }

            return window.ToArray();
        }

        void Vector(WasmBuffer buffer)
        {
            Span<byte> bytes = stackalloc byte[16];
            System.Runtime.Intrinsics.Vector128.CopyTo(GeneratedValues.V128(_data), bytes);
            buffer.Bytes(bytes);
        }
    }

    private void AddTables()
    {
        Module.Table(ValueKind.FuncRef, (uint)Math.Max(1, functions.Count));
        Module.Table(ValueKind.FuncRef, FunctionElements, FunctionElements + 4);
        Module.Table(ValueKind.ExternRef, ObjectElements, ObjectElements + 4);
        Module.Table(ValueKind.ExternRef, ObjectElements);
        int[] numbered = [.. Enumerable.Range(FirstNumbered, Numbered)];
        Module.PassiveElements(numbered);
        Module.PassiveElements([.. numbered.Reverse()]);
    }

    private void AddGlobals()
    {
        foreach (var kind in _numbers)
        {
            _constants.Add((kind, Module.Global(kind, false, c => GeneratedValues.Constant(c, kind, _data))));
            _variables.Add((kind, Module.Global(kind, true, c => c.Zero(kind))));
            _variables.Add((kind, Module.Global(kind, true, c => c.Zero(kind))));
            _results.Add(kind, Module.Global(kind, true, c => c.Zero(kind)));
        }

        _functionGlobal = Module.Global(ValueKind.FuncRef, true, c => c.Zero(ValueKind.FuncRef));
        _objectGlobal = Module.Global(ValueKind.ExternRef, true, c => c.Zero(ValueKind.ExternRef));
        _variables.Add((ValueKind.FuncRef, _functionGlobal));
        _variables.Add((ValueKind.ExternRef, _objectGlobal));
        _witness = Module.Global(ValueKind.I32, true, c => c.I32(0));
    }

    private void AddLibrary()
    {
        foreach (var kind in _numbers)
        {
            Add([kind], [kind], c => c.Get(0));
        }

        foreach (var kind in _numbers)
        {
            Add([], [kind], c => GeneratedValues.Constant(c, kind, _data));
        }

        Add([ValueKind.I64, ValueKind.F32], [ValueKind.F32, ValueKind.I64], c => c.Get(1).Get(0));
        Add([ValueKind.V128, ValueKind.F64, ValueKind.I32], [ValueKind.I32, ValueKind.F64, ValueKind.V128], c => c.Get(2).Get(1).Get(0));
        if (canonical)
        {
            _canonical.Add(NaNResult.F32, Module.Function(null, Kinds.F32, Kinds.F32, c => c
                .Get(0).Get(0).Emit(Op.F32Eq).If(
                    t => t.Get(0),
                    e => Count(e.I32(1)).Get(0).Emit(Op.I32ReinterpretF32).I32(0x0040_0000).Emit(Op.I32And).I32(0x7FA0_0000).Emit(Op.I32Or, Op.F32ReinterpretI32),
                    ValueKind.F32)));
            _canonical.Add(NaNResult.F64, Module.Function(null, Kinds.F64, Kinds.F64, c => c
                .Get(0).Get(0).Emit(Op.F64Eq).If(
                    t => t.Get(0),
                    e => Count(e.I32(1)).Get(0).Emit(Op.I64ReinterpretF64).I64(0x0008_0000_0000_0000).Emit(Op.I64And)
                        .I64(0x7FF4_0000_0000_0000).Emit(Op.I64Or, Op.F64ReinterpretI64),
                    ValueKind.F64)));
            _canonical.Add(NaNResult.F32Lanes, Module.Function(null, Kinds.V128, Kinds.V128, c => Lanes(c, 0x42, 0x11, x => x.I32(0x0040_0000), x => x.I32(0x7FA0_0000))));
            _canonical.Add(NaNResult.F64Lanes, Module.Function(
                null, Kinds.V128, Kinds.V128, c => Lanes(c, 0x48, 0x12, x => x.I64(0x0008_0000_0000_0000), x => x.I64(0x7FF4_0000_0000_0000))));
        }

        void Add(ValueKind[] parameters, ValueKind[] results, Action<Code> body) =>
            _library.Add(new(Module.Function(null, parameters, results, body), parameters, results));

        // v128.and is 78, or 80, bitselect 82, any_true 83.
        void Lanes(Code c, uint notEqual, uint splat, Func<Code, Code> quiet, Func<Code, Code> signaling)
        {
            signaling(quiet(c.Get(0)).Simd(splat).Simd(78)).Simd(splat).Simd(80);
            c.Get(0).Get(0).Get(0).Simd(notEqual).Simd(82);
            Count(c.Get(0).Get(0).Simd(notEqual).Simd(83));
        }

        Code Count(Code c) => c.GlobalGet(_witness).Emit(Op.I32Add).GlobalSet(_witness);
    }

    private void AddRun() => Module.Function(Run, Kinds.Many(ValueKind.I32, 3), [], c =>
    {
        int[] locals = [.. Parameters.Select(c.Local)];
        c.I32(0).Get(1).I32(InputBytes).Emit(Op.I32Mul).I32(InputBytes).MemoryInit(2);
        var offset = 0u;
        for (var i = 0; i < locals.Length; i++)
        {
            c.I32(0);
            _ = Parameters[i] switch
            {
                ValueKind.I32 => c.Access(Op.I32Load, offset),
                ValueKind.I64 => c.Access(Op.I64Load, offset),
                ValueKind.F32 => c.Access(Op.F32Load, offset),
                ValueKind.F64 => c.Access(Op.F64Load, offset),
                _ => c.SimdAccess(0, offset),
            };
            c.Set(locals[i]);
            offset += Size(Parameters[i]);
        }

        PutBack(c);
        var ends = ResultLists.Length;
        foreach (var _ in ResultLists)
        {
            c.Emit(Op.Block).Raw(0x40);
        }

        c.Get(2).BrTable([.. Enumerable.Range(0, ends - 1)], ends - 1);
        foreach (var results in ResultLists)
        {
            c.Emit(Op.End);
            foreach (var local in locals)
            {
                c.Get(local);
            }

            c.Get(0).CallIndirect(Module.Type(Parameters, results));
            foreach (var kind in results.Reverse())
            {
                c.GlobalSet(_results[kind]);
            }

            c.Emit(Op.Return);
        }
    });

    private void PutBack(Code c)
    {
        c.I32(0).I32(0).I32(WindowBytes).MemoryInit(0);
        c.I32(WindowBytes).I32(0).I32(MemoryBytes - (2 * WindowBytes)).MemoryFill();
        c.I32(MemoryBytes - WindowBytes).I32(0).I32(WindowBytes).MemoryInit(1);
        foreach (var (kind, index) in _variables.Take(2 * _numbers.Length))
        {
            GeneratedValues.Constant(c, kind, _data);
            c.GlobalSet(index);
        }

        foreach (var (kind, index) in _results)
        {
            c.Zero(kind).GlobalSet(index);
        }

        c.I32(0).GlobalSet(_witness);
        c.I32(0).Zero(ValueKind.FuncRef).I32((int)FunctionElements).TableFill(FunctionTable);
        c.I32(0).I32(0).I32(Numbered).TableInit(0, FunctionTable);
        c.RefFunc(FirstNumbered + 1).GlobalSet(_functionGlobal);

        // The first call in an instance asks the host for the objects, once.
        c.I32(1).TableGet(KeptObjects).Emit(Op.RefIsNull).If(t => t
            .I32(1).I32(1).Call(ObjectOf).TableSet(KeptObjects)
            .I32(2).I32(2).Call(ObjectOf).TableSet(KeptObjects));
        c.I32(0).I32(0).I32((int)ObjectElements).TableCopy(ObjectTable, KeptObjects);
        c.I32(2).TableGet(KeptObjects).GlobalSet(_objectGlobal);
    }

    private void AddFinish() => Module.Function(Finish, [], [], c =>
    {
        var at = c.Local(ValueKind.I32);
        var offset = 0u;
        foreach (var (kind, index) in _results.Select(result => (result.Key, result.Value)).Concat(_variables.Take(2 * _numbers.Length)))
        {
            c.I32(0).GlobalGet(index);
            Store(kind);
        }

        offset = SizesOffset;
        c.I32(0).TableSize(FunctionTable);
        Store(ValueKind.I32);
        c.I32(0).TableSize(ObjectTable);
        Store(ValueKind.I32);
        c.I32(0).MemorySize();
        Store(ValueKind.I32);

        c.I32(0).GlobalGet(_objectGlobal).Call(NumberOf);
        Store(ValueKind.I32);
        c.I32(0).GlobalGet(_functionGlobal).Emit(Op.RefIsNull);
        Store(ValueKind.I32);
        Elements(FunctionTable, (int)FunctionElements + 4, x => x.Get(at).CallIndirect(NumberedType, FunctionTable));
        Elements(ObjectTable, (int)ObjectElements + 4, x => x.Get(at).TableGet(ObjectTable).Call(NumberOf));
        c.I32(0).GlobalGet(_witness).Access(Op.I32Store, WitnessOffset);

        void Elements(int table, int most, Action<Code> number)
        {
            // Elements past the table's end are written as -2, null as -1.
            var start = offset;
            c.I32(0).Set(at).Loop(l =>
            {
                l.Get(at).I32(2).Emit(Op.I32Shl);
                l.Get(at).TableSize(table).Emit(Op.I32GeU).If(
                    t => t.I32(-2),
                    e => e.Get(at).TableGet(table).Emit(Op.RefIsNull).If(n => n.I32(-1), number, ValueKind.I32),
                    ValueKind.I32);
                l.Access(Op.I32Store, start);
                l.Get(at).I32(1).Emit(Op.I32Add).Tee(at).I32(most).Emit(Op.I32LtU).BrIf(0);
            });
            offset += (uint)most * 4;
        }

        void Store(ValueKind kind)
        {
            _ = kind switch
            {
                ValueKind.I32 => c.Access(Op.I32Store, offset),
                ValueKind.I64 => c.Access(Op.I64Store, offset),
                ValueKind.F32 => c.Access(Op.F32Store, offset),
                ValueKind.F64 => c.Access(Op.F64Store, offset),
                _ => c.SimdAccess(11, offset),
            };
            offset += Size(kind);
        }
    });

    private static uint Size(ValueKind kind) => kind switch
    {
        ValueKind.I32 or ValueKind.F32 => 4,
        ValueKind.I64 or ValueKind.F64 => 8,
        _ => 16,
    };
}
