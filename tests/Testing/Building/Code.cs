using System.Runtime.Intrinsics;
using HeliosEdge.Wasm;

namespace HeliosEdge.Testing.Building;

/// <summary>One function's locals and instructions in the making.</summary>
public sealed class Code(int parameterCount)
{
    private readonly List<(uint Count, ValueKind Kind)> _locals = [];
    private readonly WasmBuffer _instructions = new();
    private uint _localCount = (uint)parameterCount;

    public ReadOnlySpan<byte> Instructions => _instructions.Written;

    /// <summary>Adds a local and gives its index.</summary>
    public int Local(ValueKind kind) => Locals(1, kind);

    /// <summary>Adds locals of one type and gives the first one's index.</summary>
    public int Locals(uint count, ValueKind kind)
    {
        _locals.Add((count, kind));
        var first = _localCount;
        _localCount += count;
        return (int)first;
    }

    public Code Emit(Op op)
    {
        _instructions.Byte((byte)op);
        return this;
    }

    public Code Emit(params ReadOnlySpan<Op> ops)
    {
        foreach (var op in ops)
        {
            Emit(op);
        }

        return this;
    }

    public Code Raw(params ReadOnlySpan<byte> bytes)
    {
        _instructions.Bytes(bytes);
        return this;
    }

    public Code I32(int value) => With(Op.I32Const).SignedImmediate(value);

    public Code I64(long value) => With(Op.I64Const).SignedImmediate(value);

    public Code F32(float value) => F32Bits(BitConverter.SingleToUInt32Bits(value));

    public Code F64(double value) => F64Bits(BitConverter.DoubleToUInt64Bits(value));

    /// <summary>An f32 constant by its bits, which a signaling NaN keeps this way.</summary>
    public Code F32Bits(uint bits)
    {
        Emit(Op.F32Const);
        _instructions.Int32Bits((int)bits);
        return this;
    }

    /// <summary>An f64 constant by its bits.</summary>
    public Code F64Bits(ulong bits)
    {
        Emit(Op.F64Const);
        _instructions.Int64Bits((long)bits);
        return this;
    }

    public Code V128(Vector128<byte> value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.CopyTo(bytes);
        Simd(12);
        return Raw(bytes);
    }

    /// <summary>The zero or null of a type.</summary>
    public Code Zero(ValueKind kind) => kind switch
    {
        ValueKind.I32 => I32(0),
        ValueKind.I64 => I64(0),
        ValueKind.F32 => F32(0),
        ValueKind.F64 => F64(0),
        ValueKind.V128 => V128(default),
        _ => Emit(Op.RefNull).Raw((byte)kind),
    };

    public Code Get(int local) => Immediate(Op.LocalGet, (uint)local);

    public Code Set(int local) => Immediate(Op.LocalSet, (uint)local);

    public Code Tee(int local) => Immediate(Op.LocalTee, (uint)local);

    public Code GlobalGet(int global) => Immediate(Op.GlobalGet, (uint)global);

    public Code GlobalSet(int global) => Immediate(Op.GlobalSet, (uint)global);

    public Code Call(int function) => Immediate(Op.Call, (uint)function);

    public Code CallIndirect(int type, int table = 0) => Immediate(Op.CallIndirect, (uint)type).Unsigned((uint)table);

    public Code RefFunc(int function) => Immediate(Op.RefFunc, (uint)function);

    public Code TableGet(int table) => Immediate(Op.TableGet, (uint)table);

    public Code TableSet(int table) => Immediate(Op.TableSet, (uint)table);

    public Code Br(int depth) => Immediate(Op.Br, (uint)depth);

    public Code BrIf(int depth) => Immediate(Op.BrIf, (uint)depth);

    public Code BrTable(ReadOnlySpan<int> labels, int defaultLabel)
    {
        Immediate(Op.BrTable, (uint)labels.Length);
        foreach (var label in labels)
        {
            Unsigned((uint)label);
        }

        return Unsigned((uint)defaultLabel);
    }

    public Code Block(Action<Code> body, ValueKind? result = null) => Structured(Op.Block, body, result);

    public Code Loop(Action<Code> body, ValueKind? result = null) => Structured(Op.Loop, body, result);

    public Code If(Action<Code> then, Action<Code>? otherwise = null, ValueKind? result = null) =>
        Structured(
            Op.If,
            c =>
            {
                then(c);
                if (otherwise is not null)
                {
                    c.Emit(Op.Else);
                    otherwise(c);
                }
            },
            result);

    /// <summary>Runs the body as many times as the local counts down from the given number; at least once.</summary>
    public Code Times(int counter, int count, Action<Code> body) =>
        I32(count).Set(counter).Loop(c =>
        {
            body(c);
            c.Get(counter).I32(1).Emit(Op.I32Sub).Tee(counter).BrIf(0);
        });

    /// <summary>A load or store with its alignment exponent (0: always valid) and offset.</summary>
    public Code Access(Op op, uint offset, uint align = 0) => Immediate(op, align).Unsigned(offset);

    /// <summary>A vector instruction without immediates.</summary>
    public Code Simd(uint op)
    {
        _instructions.Byte(0xFD).Unsigned(op);
        return this;
    }

    /// <summary>A vector load or store.</summary>
    public Code SimdAccess(uint op, uint offset, uint align = 0) => Simd(op).Unsigned(align).Unsigned(offset);

    /// <summary>An instruction behind the prefix byte 0xFC: saturating conversion, bulk memory and tables.</summary>
    public Code Bulk(uint op, params ReadOnlySpan<uint> immediates)
    {
        _instructions.Byte(0xFC).Unsigned(op);
        foreach (var immediate in immediates)
        {
            Unsigned(immediate);
        }

        return this;
    }

    public Code MemorySize() => Emit(Op.MemorySize).Raw(0);

    public Code MemoryGrow() => Emit(Op.MemoryGrow).Raw(0);

    public Code MemoryInit(int segment) => Bulk(8, (uint)segment, 0);

    public Code DataDrop(int segment) => Bulk(9, (uint)segment);

    public Code MemoryCopy() => Bulk(10, 0, 0);

    public Code MemoryFill() => Bulk(11, 0);

    public Code TableInit(int segment, int table = 0) => Bulk(12, (uint)segment, (uint)table);

    public Code ElementDrop(int segment) => Bulk(13, (uint)segment);

    public Code TableCopy(int destination = 0, int source = 0) => Bulk(14, (uint)destination, (uint)source);

    public Code TableGrow(int table = 0) => Bulk(15, (uint)table);

    public Code TableSize(int table = 0) => Bulk(16, (uint)table);

    public Code TableFill(int table = 0) => Bulk(17, (uint)table);

    public WasmBuffer Finish()
    {
        var body = new WasmBuffer().Unsigned((ulong)_locals.Count);
        foreach (var (count, kind) in _locals)
        {
            body.Unsigned(count).Byte((byte)kind);
        }

        return body.Bytes(Instructions).Byte((byte)Op.End);
    }

    private Code Structured(Op op, Action<Code> body, ValueKind? result)
    {
        Emit(op).Raw(result is { } kind ? (byte)kind : (byte)0x40);
        body(this);
        return Emit(Op.End);
    }

    private Code Immediate(Op op, uint value) => With(op).Unsigned(value);

    private Code With(Op op) => Emit(op);

    private Code Unsigned(uint value)
    {
        _instructions.Unsigned(value);
        return this;
    }

    private Code SignedImmediate(long value)
    {
        _instructions.Signed(value);
        return this;
    }
}
