using System.Buffers.Binary;

namespace HeliosEdge.Benchmarks.Engine;

/// <summary>
/// Makes the module of 1 MiB for the start times: about three thousand functions with the shapes that a C compiler's
/// output has, the same bytes every time. It never traps and always ends: memory accesses stay below the end of memory
/// by a mask, loops count down from at most eight, and a call happens only while the depth that a function was given
/// lasts. <c>run(n)</c> reaches about an eighth of the functions, as a first request does; <c>run_all(n)</c> reaches each.
/// </summary>
internal static class SyntheticModule
{
    public const string RunExport = "run";
    public const string RunAllExport = "run_all";

    private const int TargetBytes = 1 << 20;
    private const int DataBytes = 64 << 10;

    // What the functions that only call others and the sections but code and data take, about.
    private const int ScaffoldBytes = 50 << 10;
    private const int MemoryPages = 4;
    private const int TableSize = 128;
    private const int Roots = 20;
    private const int GroupSize = 64;

    /// <summary>The types in the order of the type section; the first four are those of <see cref="Shape"/>.</summary>
    private const uint RunType = 4;

    private static ReadOnlySpan<byte> Magic => [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0];

    /// <summary>The module's bytes.</summary>
    public static byte[] Build()
    {
        var random = new XorShift(0x5EED1234);
        var shapes = new List<Shape>();
        var bodies = new WasmWriter();

        // The first functions fill the table, so they have the table's type.
        while (bodies.Length < TargetBytes - DataBytes - ScaffoldBytes)
        {
            Shape shape = shapes.Count < TableSize ? Shape.OneInteger : (Shape)random.Below(4);
            bodies.Sized(new FunctionBody(random, shapes, shape).Write());
            shapes.Add(shape);
        }

        int groups = (shapes.Count + GroupSize - 1) / GroupSize;
        for (int group = 0; group < groups; group++)
        {
            int first = group * GroupSize;
            bodies.Sized(FunctionBody.CallEach(shapes, first, Math.Min(first + GroupSize, shapes.Count), depth: 0));
        }

        bodies.Sized(FunctionBody.CallEach(shapes, shapes.Count - Roots, shapes.Count, depth: 7));
        bodies.Sized(FunctionBody.CallGroups(shapes.Count, groups));
        return Assemble(shapes, groups, bodies, random);
    }

    private static byte[] Assemble(List<Shape> shapes, int groups, WasmWriter bodies, XorShift random)
    {
        int functionCount = shapes.Count + groups + 2;
        var module = new WasmWriter();
        module.Raw(Magic);

        var types = new WasmWriter();
        types.Unsigned(5);
        types.Raw(0x60, 2, 0x7F, 0x7F, 1, 0x7F);
        types.Raw(0x60, 3, 0x7F, 0x7F, 0x7F, 1, 0x7F);
        types.Raw(0x60, 2, 0x7E, 0x7F, 1, 0x7E);
        types.Raw(0x60, 2, 0x7C, 0x7F, 1, 0x7C);
        types.Raw(0x60, 1, 0x7F, 1, 0x7F);
        module.Section(1, types);

        var functions = new WasmWriter();
        functions.Unsigned((uint)functionCount);
        foreach (Shape shape in shapes)
        {
            functions.Unsigned((uint)shape);
        }

        for (int i = 0; i < groups + 2; i++)
        {
            functions.Unsigned(RunType);
        }

        module.Section(3, functions);

        var tables = new WasmWriter();
        tables.Raw(1, 0x70, 0);
        tables.Unsigned(TableSize);
        module.Section(4, tables);

        var memories = new WasmWriter();
        memories.Raw(1, 1);
        memories.Unsigned(MemoryPages);
        memories.Unsigned(MemoryPages);
        module.Section(5, memories);

        var globals = new WasmWriter();
        globals.Raw(1, 0x7F, 1, (byte)Opcode.I32Const);
        globals.Signed(DataBytes);
        globals.Raw((byte)Opcode.End);
        module.Section(6, globals);

        var exports = new WasmWriter();
        exports.Unsigned(3);
        exports.Text("memory");
        exports.Raw(2, 0);
        exports.Text(RunExport);
        exports.Raw(0);
        exports.Unsigned((uint)(functionCount - 2));
        exports.Text(RunAllExport);
        exports.Raw(0);
        exports.Unsigned((uint)(functionCount - 1));
        module.Section(7, exports);

        var elements = new WasmWriter();
        elements.Raw(1, 0, (byte)Opcode.I32Const, 0, (byte)Opcode.End);
        elements.Unsigned(TableSize);
        for (uint i = 0; i < TableSize; i++)
        {
            elements.Unsigned(i);
        }

        module.Section(9, elements);

        var code = new WasmWriter();
        code.Unsigned((uint)functionCount);
        code.Raw(bodies.Written);
        module.Section(10, code);

        var data = new WasmWriter();
        data.Raw(1, 0, (byte)Opcode.I32Const, 0, (byte)Opcode.End);
        data.Unsigned(DataBytes);
        Span<byte> word = stackalloc byte[4];
        for (int i = 0; i < DataBytes; i += 4)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(word, random.Next());
            data.Raw(word);
        }

        module.Section(11, data);
        return module.Written.ToArray();
    }

    /// <summary>The four signatures of the made-up functions; the last parameter is always the depth, an i32.</summary>
    private enum Shape : byte
    {
        /// <summary>(i32, depth) -> i32</summary>
        OneInteger,

        /// <summary>(i32, i32, depth) -> i32</summary>
        TwoIntegers,

        /// <summary>(i64, depth) -> i64</summary>
        Long,

        /// <summary>(f64, depth) -> f64</summary>
        Float,
    }

    private sealed class XorShift(uint state)
    {
        public uint Next()
        {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            return state;
        }

        public int Below(int limit) => (int)(Next() % (uint)limit);

        public bool OneIn(int count) => Below(count) == 0;
    }

    /// <summary>Writes one function: a few locals, a run of statements, a result made from the locals.</summary>
    private sealed class FunctionBody
    {
        private const int IntegerLocals = 4;
        private const byte EmptyBlock = 0x40;

        // All of memory but the last 4 KiB, which constant offsets may reach into.
        private const int AddressMask = 0x3EFF8;
        private const int OffsetLimit = 2048;

        private readonly WasmWriter _code = new();
        private readonly XorShift _random;
        private readonly List<Shape> _callees;
        private readonly Shape _shape;
        private readonly uint _depth;
        private readonly uint _integers;
        private readonly uint _counters;
        private readonly uint _long;
        private readonly uint _float;
        private int _nesting;
        private int _calls;

        public FunctionBody(XorShift random, List<Shape> callees, Shape shape)
        {
            _random = random;
            _callees = callees;
            _shape = shape;
            _depth = shape == Shape.TwoIntegers ? 2u : 1u;
            _integers = _depth + 1;
            _counters = _integers + IntegerLocals;
            _long = _counters + 2;
            _float = _long + 1;
        }

        public WasmWriter Write()
        {
            _code.Unsigned(3);
            _code.Unsigned(IntegerLocals + 2);
            _code.Raw(0x7F, 1, 0x7E, 1, 0x7C);
            TakeParameters();

            // Most functions are small and a few are large, as in real programs.
            int statements = _random.OneIn(20) ? 30 + _random.Below(60) : 2 + _random.Below(6);
            for (int i = 0; i < statements; i++)
            {
                Statement();
                if (i == 1 && _callees.Count > 0)
                {
                    // Every function calls another, so that the depth that a call starts with is used up.
                    GuardedCall();
                }
            }

            Result();
            Emit(Opcode.End);
            return _code;
        }

        /// <summary>A body of type (i32) -> i32 that calls some functions one after the other and mixes what they return.</summary>
        public static WasmWriter CallEach(List<Shape> shapes, int first, int end, int depth)
        {
            const byte argument = 0;
            const byte sum = 1;
            var code = new WasmWriter();
            code.Raw(1, 1, 0x7F);
            for (int callee = first; callee < end; callee++)
            {
                code.Raw((byte)Opcode.LocalGet, sum, (byte)Opcode.I32Const, 1, (byte)Opcode.I32Rotl, (byte)Opcode.LocalGet, argument);
                switch (shapes[callee])
                {
                    case Shape.TwoIntegers:
                        code.Raw((byte)Opcode.LocalGet, argument);
                        break;
                    case Shape.Long:
                        code.Raw((byte)Opcode.I64ExtendI32U);
                        break;
                    case Shape.Float:
                        code.Raw((byte)Opcode.F64ConvertI32S);
                        break;
                    default:
                        break;
                }

                code.Raw((byte)Opcode.I32Const);
                code.Signed(depth);
                code.Raw((byte)Opcode.Call);
                code.Unsigned((uint)callee);
                ToInteger(code, shapes[callee]);
                code.Raw((byte)Opcode.I32Xor, (byte)Opcode.LocalSet, sum);
            }

            code.Raw((byte)Opcode.LocalGet, sum, (byte)Opcode.End);
            return code;
        }

        /// <summary>A body of type (i32) -> i32 that calls functions of that type.</summary>
        public static WasmWriter CallGroups(int first, int count)
        {
            var code = new WasmWriter();
            code.Raw(0, (byte)Opcode.LocalGet, 0);
            for (int i = 0; i < count; i++)
            {
                code.Raw((byte)Opcode.Call);
                code.Unsigned((uint)(first + i));
            }

            code.Raw((byte)Opcode.End);
            return code;
        }

        private static void ToInteger(WasmWriter code, Shape shape)
        {
            if (shape == Shape.Long)
            {
                code.Raw((byte)Opcode.I32WrapI64);
            }
            else if (shape == Shape.Float)
            {
                // i32.trunc_sat_f64_s, which makes the same number of every NaN.
                code.Raw(0xFC, 2);
            }
        }

        private void TakeParameters()
        {
            Local(Opcode.LocalGet, 0);
            ToInteger(_code, _shape);
            Local(Opcode.LocalSet, _integers);
            switch (_shape)
            {
                case Shape.Long:
                    Local(Opcode.LocalGet, 0);
                    Local(Opcode.LocalSet, _long);
                    break;
                case Shape.Float:
                    Local(Opcode.LocalGet, 0);
                    Local(Opcode.LocalSet, _float);
                    break;
                case Shape.TwoIntegers:
                    Local(Opcode.LocalGet, 1);
                    Local(Opcode.LocalSet, _integers + 1);
                    break;
                default:
                    break;
            }
        }

        private void Result()
        {
            switch (_shape)
            {
                case Shape.Long:
                    Local(Opcode.LocalGet, _long);
                    Integer(2);
                    Emit(Opcode.I64ExtendI32U);
                    Emit(Opcode.I64Xor);
                    break;
                case Shape.Float:
                    Local(Opcode.LocalGet, _float);
                    Integer(1);
                    Emit(Opcode.F64ConvertI32S);
                    Emit(Opcode.F64Add);
                    break;
                default:
                    Integer(3);
                    Local(Opcode.LocalGet, AnyInteger());
                    Emit(Opcode.I32Xor);
                    break;
            }
        }

        private void Statement()
        {
            int kind = _random.Below(24);
            switch (kind)
            {
                case < 8:
                    Integer(3);
                    Local(Opcode.LocalSet, AnyInteger());
                    break;
                case < 11:
                    Store();
                    break;
                case < 13:
                    LongStatement();
                    break;
                case < 15:
                    FloatStatement();
                    break;
                case < 17 when _nesting < 3:
                    Choice();
                    break;
                case < 19 when _nesting < 2:
                    CountedLoop();
                    break;
                case 19 when _nesting < 2:
                    Switch();
                    break;
                case < 22 when _nesting == 0 && _calls < 3 && _callees.Count > 0:
                    GuardedCall();
                    break;
                case 22:
                    Emit(Opcode.GlobalGet);
                    _code.Unsigned(0);
                    Integer(1);
                    Emit(Opcode.I32Add);
                    Emit(Opcode.GlobalSet);
                    _code.Unsigned(0);
                    break;
                default:
                    Integer(2);
                    Local(Opcode.LocalTee, AnyInteger());
                    Local(Opcode.LocalSet, AnyInteger());
                    break;
            }
        }

        private void Store()
        {
            switch (_random.Below(4))
            {
                case 0:
                    Address();
                    Integer(2);
                    Access(Opcode.I32Store8, alignment: 0);
                    break;
                case 1:
                    Address();
                    Local(Opcode.LocalGet, _long);
                    Access(Opcode.I64Store, alignment: 3);
                    break;
                default:
                    Address();
                    Integer(2);
                    Access(Opcode.I32Store, alignment: 2);
                    break;
            }
        }

        private void LongStatement()
        {
            if (_random.OneIn(3))
            {
                Address();
                Access(Opcode.I64Load, alignment: 3);
            }
            else
            {
                Local(Opcode.LocalGet, _long);
            }

            Integer(1);
            Emit(Opcode.I64ExtendI32U);
            Emit(Pick(Opcode.I64Add, Opcode.I64Mul, Opcode.I64Xor, Opcode.I64ShrU));
            Local(Opcode.LocalSet, _long);
        }

        private void FloatStatement()
        {
            // What is in memory may be a NaN of any kind, and sums keep its kind; no bits of it are ever stored.
            if (_random.OneIn(3))
            {
                Address();
                Access(Opcode.F64Load, alignment: 3);
            }
            else
            {
                Local(Opcode.LocalGet, _float);
            }

            Integer(1);
            Emit(Opcode.F64ConvertI32S);
            Emit(Pick(Opcode.F64Add, Opcode.F64Sub, Opcode.F64Mul));
            if (_random.OneIn(4))
            {
                Emit(Opcode.F64Abs);
                Emit(Opcode.F64Sqrt);
            }

            Local(Opcode.LocalSet, _float);
        }

        private void Choice()
        {
            Condition();
            Emit(Opcode.If);
            _code.Raw(EmptyBlock);
            Nested(1 + _random.Below(2));
            if (_random.OneIn(2))
            {
                Emit(Opcode.Else);
                Nested(1 + _random.Below(2));
            }

            Emit(Opcode.End);
        }

        private void CountedLoop()
        {
            uint counter = _counters + (uint)_nesting;
            Integer(1);
            Constant(7);
            Emit(Opcode.I32And);
            Constant(1);
            Emit(Opcode.I32Add);
            Local(Opcode.LocalSet, counter);
            Emit(Opcode.Loop);
            _code.Raw(EmptyBlock);
            Nested(1 + _random.Below(3));
            Local(Opcode.LocalGet, counter);
            Constant(1);
            Emit(Opcode.I32Sub);
            Local(Opcode.LocalTee, counter);
            Emit(Opcode.BrIf);
            _code.Unsigned(0);
            Emit(Opcode.End);
        }

        private void Switch()
        {
            int cases = 3 + _random.Below(5);
            for (int i = 0; i <= cases; i++)
            {
                Emit(Opcode.Block);
                _code.Raw(EmptyBlock);
            }

            Integer(1);
            Constant(15);
            Emit(Opcode.I32And);
            Emit(Opcode.BrTable);
            _code.Unsigned((uint)cases);
            for (int i = 0; i <= cases; i++)
            {
                _code.Unsigned((uint)Math.Min(i, cases - 1));
            }

            for (int i = 0; i < cases; i++)
            {
                Emit(Opcode.End);
                Nested(1);
                if (i < cases - 1)
                {
                    Emit(Opcode.Br);
                    _code.Unsigned((uint)(cases - 1 - i));
                }
            }

            Emit(Opcode.End);
        }

        private void GuardedCall()
        {
            _calls++;
            Local(Opcode.LocalGet, _depth);
            Emit(Opcode.If);
            _code.Raw(EmptyBlock);
            if (_callees.Count >= TableSize && _random.OneIn(6))
            {
                Integer(2);
                Deeper();
                Integer(1);
                Constant(TableSize - 1);
                Emit(Opcode.I32And);
                Emit(Opcode.CallIndirect);
                _code.Unsigned((uint)Shape.OneInteger);
                _code.Unsigned(0);
                Local(Opcode.LocalSet, AnyInteger());
            }
            else
            {
                // Mostly a neighbour, as functions of one source file call each other; now and then any earlier one.
                int count = _callees.Count;
                int callee = _random.OneIn(4) ? _random.Below(count) : count - 1 - _random.Below(Math.Min(count, 150));
                CallDirectly(callee);
            }

            Emit(Opcode.End);
        }

        private void CallDirectly(int callee)
        {
            Shape shape = _callees[callee];
            uint target = shape switch
            {
                Shape.Long => _long,
                Shape.Float => _float,
                _ => AnyInteger(),
            };
            if (shape is Shape.Long or Shape.Float)
            {
                Local(Opcode.LocalGet, target);
            }
            else
            {
                Integer(2);
            }

            if (shape == Shape.TwoIntegers)
            {
                Integer(1);
            }

            Deeper();
            Emit(Opcode.Call);
            _code.Unsigned((uint)callee);
            Local(Opcode.LocalSet, target);
        }

        private void Deeper()
        {
            Local(Opcode.LocalGet, _depth);
            Constant(1);
            Emit(Opcode.I32Sub);
        }

        private void Nested(int statements)
        {
            _nesting++;
            for (int i = 0; i < statements; i++)
            {
                Statement();
            }

            _nesting--;
        }

        /// <summary>Leaves an i32 that serves as a condition.</summary>
        private void Condition()
        {
            Integer(2);
            if (_random.OneIn(3))
            {
                Emit(Opcode.I32Eqz);
            }
            else
            {
                Integer(1);
                Emit((Opcode)((byte)Opcode.I32Eq + _random.Below(Opcode.I32GeU - Opcode.I32Eq + 1)));
            }
        }

        /// <summary>Leaves an i32; the deeper, the larger the expression may be.</summary>
        private void Integer(int depth)
        {
            if (depth == 0 || _random.OneIn(4))
            {
                if (_random.OneIn(3))
                {
                    Constant(_random.OneIn(3) ? (int)_random.Next() : _random.Below(256));
                }
                else
                {
                    Local(Opcode.LocalGet, AnyInteger());
                }

                return;
            }

            switch (_random.Below(16))
            {
                case < 9:
                    Integer(depth - 1);
                    Integer(depth - 1);
                    Emit(Pick(
                        Opcode.I32Add, Opcode.I32Add, Opcode.I32Sub, Opcode.I32Mul, Opcode.I32And, Opcode.I32Or, Opcode.I32Xor,
                        Opcode.I32Shl, Opcode.I32ShrU, Opcode.I32Rotl));
                    break;
                case < 12:
                    Address();
                    Access(Pick(Opcode.I32Load, Opcode.I32Load8U, Opcode.I32Load16U), alignment: 0);
                    break;
                case 12:
                    Integer(depth - 1);
                    Constant(1 + _random.Below(1000));
                    Emit(Pick(Opcode.I32DivU, Opcode.I32RemU));
                    break;
                case 13:
                    Integer(depth - 1);
                    Emit(Pick(Opcode.I32Clz, Opcode.I32Popcnt, Opcode.I32Eqz));
                    break;
                case 14:
                    Integer(depth - 1);
                    Integer(depth - 1);
                    Condition();
                    Emit(Opcode.Select);
                    break;
                default:
                    if (_random.OneIn(2))
                    {
                        Local(Opcode.LocalGet, _long);
                        Emit(Opcode.I32WrapI64);
                    }
                    else
                    {
                        Local(Opcode.LocalGet, _float);
                        ToInteger(_code, Shape.Float);
                    }

                    break;
            }
        }

        /// <summary>Leaves an address that every access with an offset below <see cref="OffsetLimit"/> may use.</summary>
        private void Address()
        {
            Local(Opcode.LocalGet, AnyInteger());
            Constant(AddressMask);
            Emit(Opcode.I32And);
        }

        private void Access(Opcode opcode, uint alignment)
        {
            Emit(opcode);
            _code.Unsigned(alignment);
            _code.Unsigned((uint)_random.Below(OffsetLimit / 8) * 8);
        }

        private uint AnyInteger() => _integers + (uint)_random.Below(IntegerLocals);

        private Opcode Pick(params ReadOnlySpan<Opcode> choices) => choices[_random.Below(choices.Length)];

        private void Constant(int value)
        {
            Emit(Opcode.I32Const);
            _code.Signed(value);
        }

        private void Local(Opcode opcode, uint local)
        {
            Emit(opcode);
            _code.Unsigned(local);
        }

        private void Emit(Opcode opcode) => _code.Raw((byte)opcode);
    }
}
