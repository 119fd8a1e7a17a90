using HeliosEdge.Testing.Building;

namespace HeliosEdge.Sandbox.Tests.Engines.Differential;

/// <summary>
/// A random valid module that computes without end in sight but always ends: loops count down, calls only go to later functions.
/// It exports <c>memory</c> (1 page, at most 3) and <c>handle (i32, i32) -> (i64)</c>. The bits of a NaN that arithmetic makes are
/// the engine's choice (core spec 4.3.3), so every such NaN is replaced by one of fixed bits.
/// </summary>
internal sealed class GeneratedModule
{
    private const byte I32 = 0x7F;
    private const byte I64 = 0x7E;
    private const byte F32 = 0x7D;
    private const byte F64 = 0x7C;
    private const int Functions = 6;
    private const int FirstLeaf = 3;

    private static readonly byte[] Kinds = [I32, I64, F32, F64];

    // The type of each function: its parameters, then its result.
    private static readonly (byte[] Parameters, byte Result)[] Types =
        [([I32, I32], I64), ([I32], I32), ([I64, F64], F64), ([I32], I32), ([I64, F64], F64), ([I32], I32)];

    private readonly Random _random;
    private readonly List<byte> _code = [];
    private int _function;
    private int _parameters;
    private int _loops;

    private GeneratedModule(int seed)
    {
        _random = new Random(seed);
    }

    public static byte[] Make(int seed) => new GeneratedModule(seed).Write();

    private byte[] Write()
    {
        var module = new List<byte> { 0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0 };
        Section(module, 1, [3, 0x60, 2, I32, I32, 1, I64, 0x60, 1, I32, 1, I32, 0x60, 2, I64, F64, 1, F64]);
        Section(module, 3, [Functions, 0, 1, 2, 1, 2, 1]);
        Section(module, 4, [1, 0x70, 0, 5]);
        Section(module, 5, [1, 1, 1, 3]);
        Section(module, 6, [2, I32, 1, 0x41, 7, 0x0B, I64, 1, 0x42, 9, 0x0B]);
        Section(module, 7, [2, 6, .. "memory"u8, 2, 0, 6, .. "handle"u8, 0, 0]);
        Section(module, 9, [1, 0, 0x41, 0, 0x0B, 3, 3, 4, 5]);
        var bodies = new List<byte> { Functions };
        for (_function = 0; _function < Functions; _function++)
        {
            var body = Body();
            bodies.AddRange(Leb128.Unsigned((uint)body.Length));
            bodies.AddRange(body);
        }

        Section(module, 10, [.. bodies]);
        Section(module, 11, [1, 0, 0x41, 16, 0x0B, 8, .. BitConverter.GetBytes(_random.NextInt64())]);
        return [.. module];
    }

    // Locals behind the parameters: two of each kind, one of each for NaNs, three loop counters.
    private byte[] Body()
    {
        _code.Clear();
        _parameters = Types[_function].Parameters.Length;
        _loops = 0;
        _code.AddRange([5, 3, I32, 3, I64, 3, F32, 3, F64, 3, I32]);
        for (var i = _random.Next(1, 6); i > 0; i--)
        {
            Statement(3);
        }

        Expression(Types[_function].Result, 5);
        _code.Add(0x0B);
        return [.. _code];
    }

    private void Statement(int depth)
    {
        switch (_random.Next(depth > 0 ? 8 : 4))
        {
            case 0:
                var kind = Kinds[_random.Next(4)];
                Expression(kind, 4);
                _code.AddRange([0x21, Local(kind)]);
                break;
            case 1:
                var stored = Kinds[_random.Next(4)];
                Address();
                Expression(stored, 3);
                _code.AddRange([stored switch { I32 => Pick(0x36, 0x3A, 0x3B), I64 => Pick(0x37, 0x3C, 0x3D, 0x3E), F32 => 0x38, _ => 0x39 }, 0, .. Offset()]);
                break;
            case 2:
                Expression(I64, 3);
                _code.AddRange([0x24, 1]);
                break;
            case 3 when _random.Next(6) == 0:
                Expression(I32, 1);
                _code.AddRange([0x40, 0, 0x24, 0]);
                break;
            case 3:
                Expression(I32, 3);
                _code.AddRange([0x24, 0]);
                break;
            case 4 or 5:
                Expression(I32, 3);
                _code.AddRange([0x04, 0x40]);
                Statement(depth - 1);
                _code.Add(0x05);
                Statement(depth - 1);
                _code.Add(0x0B);
                break;
            case 6 when _loops < 3:
                var counter = (byte)(_parameters + 12 + _loops++);
                _code.AddRange([0x41, (byte)_random.Next(1, 12), 0x21, counter, 0x03, 0x40]);
                Statement(depth - 1);
                Statement(depth - 1);
                _code.AddRange([0x20, counter, 0x41, 0x7F, 0x6A, 0x22, counter, 0x0D, 0, 0x0B]);
                break;
            default:
                // A block that a branch may leave early.
                _code.AddRange([0x02, 0x40]);
                Statement(depth - 1);
                Expression(I32, 2);
                _code.AddRange([0x0D, 0]);
                Statement(depth - 1);
                _code.Add(0x0B);
                break;
        }
    }

    private void Expression(byte kind, int depth)
    {
        if (depth == 0 || _random.Next(5) == 0)
        {
            Leaf(kind);
            return;
        }

        switch (_random.Next(10))
        {
            case 0:
                Address();
                _code.AddRange([kind switch { I32 => Pick(0x28, 0x2C, 0x2D, 0x2E, 0x2F), I64 => Pick(0x29, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35), F32 => 0x2A, _ => 0x2B }, 0, .. Offset()]);
                break;
            case 1:
                Expression(kind, depth - 1);
                Expression(kind, depth - 1);
                Expression(I32, depth - 1);
                _code.Add(0x1B);
                break;
            case 2:
                Expression(I32, depth - 1);
                _code.AddRange([0x04, kind]);
                Expression(kind, depth - 1);
                _code.Add(0x05);
                Expression(kind, depth - 1);
                _code.Add(0x0B);
                break;
            case 3 when _function < FirstLeaf && kind is I32 or F64:
                Call(kind, depth);
                break;
            default:
                Operation(kind, depth);
                break;
        }
    }

    private void Call(byte kind, int depth)
    {
        var candidates = Enumerable.Range(_function + 1, Functions - _function - 1).Where(callee => Types[callee].Result == kind).ToArray();
        if (_function >= FirstLeaf || candidates.Length == 0)
        {
            Leaf(kind);
            return;
        }

        var callee = candidates[_random.Next(candidates.Length)];
        foreach (var parameter in Types[callee].Parameters)
        {
            Expression(parameter, depth - 1);
        }

        if (_random.Next(3) == 0)
        {
            // Mostly a leaf of the right type; sometimes one of another type, nothing, or past the end.
            _code.AddRange([0x41, (byte)(_random.Next(10) == 0 ? _random.Next(7) : kind == I32 ? _random.Next(2) * 2 : 1), 0x11, (byte)(kind == I32 ? 1 : 2), 0]);
        }
        else
        {
            _code.AddRange([0x10, (byte)callee]);
        }
    }

    private void Operation(byte kind, int depth)
    {
        switch (kind)
        {
            case I32:
                Integer(depth, I32, unary: [0x67, 0x68, 0x69, 0xC0, 0xC1], binary: Range(0x6A, 0x78), compare: true);
                break;
            case I64:
                Integer(depth, I64, unary: [0x79, 0x7A, 0x7B, 0xC2, 0xC3, 0xC4], binary: Range(0x7C, 0x8A), compare: false);
                break;
            case F32:
                Float(depth, F32, exact: [0x8B, 0x8C], unary: Range(0x8D, 0x91), binary: Range(0x92, 0x97), copySign: 0x98);
                break;
            default:
                Float(depth, F64, exact: [0x99, 0x9A], unary: Range(0x9B, 0x9F), binary: Range(0xA0, 0xA5), copySign: 0xA6);
                break;
        }
    }

    private void Integer(int depth, byte kind, byte[] unary, byte[] binary, bool compare)
    {
        switch (_random.Next(8))
        {
            case 0:
                Expression(kind, depth - 1);
                _code.Add(Pick(unary));
                break;
            case 1:
                Convert(kind, depth);
                break;
            case 2 when compare:
                var compared = Kinds[_random.Next(4)];
                Expression(compared, depth - 1);
                Expression(compared, depth - 1);
                _code.Add(Pick(compared switch { I32 => Range(0x46, 0x4F), I64 => Range(0x51, 0x5A), F32 => Range(0x5B, 0x60), _ => Range(0x61, 0x66) }));
                break;
            case 3 when compare:
                var tested = Pick(I32, I64);
                Expression(tested, depth - 1);
                _code.Add((byte)(tested == I32 ? 0x45 : 0x50));
                break;
            default:
                Expression(kind, depth - 1);
                Expression(kind, depth - 1);
                var operation = Pick(binary);
                if (operation is (>= 0x6D and <= 0x70) or (>= 0x7F and <= 0x82) && _random.Next(25) > 0)
                {
                    // Mostly no division by zero.
                    _code.AddRange(kind == I32 ? [0x41, 1, 0x72] : [0x42, 1, 0x84]);
                }

                _code.Add(operation);
                break;
        }
    }

    private void Convert(byte kind, int depth)
    {
        var from = Pick(kind == I32 ? I64 : I32, F32, F64);
        Expression(from, depth - 1);
        if (from is I32 or I64)
        {
            _code.Add(kind == I32 ? (byte)0xA7 : Pick(0xAC, 0xAD));
        }
        else if ((kind, from) is (I32, F32) or (I64, F64) && _random.Next(2) == 0)
        {
            _code.Add(kind == I32 ? (byte)0xBC : (byte)0xBD);
        }
        else if (_random.Next(25) > 0)
        {
            var first = (kind == I32 ? 0 : 4) + (from == F32 ? 0 : 2);
            _code.AddRange([0xFC, (byte)(first + _random.Next(2))]);
        }
        else
        {
            var first = (kind == I32 ? 0xA8 : 0xAE) + (from == F32 ? 0 : 2);
            _code.Add((byte)(first + _random.Next(2)));
        }
    }

    private void Float(int depth, byte kind, byte[] exact, byte[] unary, byte[] binary, byte copySign)
    {
        switch (_random.Next(6))
        {
            case 0:
                Expression(kind, depth - 1);
                _code.Add(Pick(exact));
                return;
            case 1:
                Expression(kind, depth - 1);
                Expression(kind, depth - 1);
                _code.Add(copySign);
                return;
            case 2:
                Expression(kind, depth - 1);
                _code.Add(Pick(unary));
                break;
            case 3:
                var from = Pick(I32, I64, kind == F32 ? F64 : F32);
                Expression(from, depth - 1);
                _code.Add((kind, from) switch
                {
                    (F32, I32) => Pick(0xB2, 0xB3),
                    (F32, I64) => Pick(0xB4, 0xB5),
                    (F32, _) => 0xB6,
                    (_, I32) => Pick(0xB7, 0xB8),
                    (_, I64) => Pick(0xB9, 0xBA),
                    _ => 0xBB,
                });
                break;
            default:
                Expression(kind, depth - 1);
                Expression(kind, depth - 1);
                _code.Add(Pick(binary));
                break;
        }

        var t = (byte)(_parameters + (kind == F32 ? 8 : 11));
        byte[] nan = kind == F32 ? [0x43, .. BitConverter.GetBytes(float.NaN)] : [0x44, .. BitConverter.GetBytes(double.NaN)];
        _code.AddRange([0x22, t, .. nan, 0x20, t, 0x20, t, (byte)(kind == F32 ? 0x5B : 0x61), 0x1B]);
    }

    private void Leaf(byte kind)
    {
        switch (_random.Next(3))
        {
            case 0:
                _code.AddRange([0x20, Local(kind)]);
                break;
            case 1 when kind is I32 or I64:
                _code.AddRange(kind == I32 ? [0x23, 0] : [0x23, 1]);
                break;
            default:
                Constant(kind);
                break;
        }
    }

    private void Constant(byte kind)
    {
        // Small numbers, the ends of the ranges, any bits.
        var bits = _random.Next(3) switch
        {
            0 => _random.Next(-3, 70),
            1 => (1L << _random.Next(64)) - _random.Next(2),
            _ => _random.NextInt64(long.MinValue, long.MaxValue),
        };
        switch (kind)
        {
            case I32:
                _code.AddRange([0x41, .. Leb128.Signed((int)bits)]);
                break;
            case I64:
                _code.AddRange([0x42, .. Leb128.Signed(bits)]);
                break;
            case F32:
                _code.AddRange([0x43, .. BitConverter.GetBytes(_random.Next(2) == 0 ? (float)bits : BitConverter.Int32BitsToSingle((int)bits))]);
                break;
            default:
                _code.AddRange([0x44, .. BitConverter.GetBytes(_random.Next(2) == 0 ? bits : BitConverter.Int64BitsToDouble(bits))]);
                break;
        }
    }

    private void Address()
    {
        // Mostly within the first page.
        Expression(I32, 2);
        if (_random.Next(100) > 0)
        {
            _code.AddRange([0x41, .. Leb128.Signed(0xFFF8), 0x71]);
        }
    }

    private byte[] Offset() => _random.Next(150) == 0 ? Leb128.Unsigned((uint)_random.NextInt64(1L << 32)) : [(byte)_random.Next(9)];

    private byte Local(byte kind)
    {
        var parameters = Types[_function].Parameters;
        var own = Enumerable.Range(0, parameters.Length).Where(i => parameters[i] == kind).ToArray();
        var first = _parameters + (3 * Array.IndexOf(Kinds, kind));
        return own.Length > 0 && _random.Next(2) == 0 ? (byte)own[_random.Next(own.Length)] : (byte)(first + _random.Next(2));
    }

    private byte Pick(params ReadOnlySpan<byte> choices) => choices[_random.Next(choices.Length)];

    private static byte[] Range(int first, int last) => [.. Enumerable.Range(first, last - first + 1).Select(i => (byte)i)];

    private static void Section(List<byte> module, byte id, byte[] content)
    {
        module.Add(id);
        module.AddRange(Leb128.Unsigned((uint)content.Length));
        module.AddRange(content);
    }
}
