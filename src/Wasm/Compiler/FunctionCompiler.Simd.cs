using HeliosEdge.Wasm.Binary;
using HeliosEdge.Wasm.Simd;

namespace HeliosEdge.Wasm.Compiler;

/// <summary>Vector instructions (core spec 3.3.2, 3.3.7).</summary>
internal sealed partial class FunctionCompiler
{
    private void SimdInstruction(ref WasmReader reader, int at)
    {
        var code = reader.U32();
        if (SimdOpcodes.Get(code) is not { } operation)
        {
            throw code >= 0x100
                ? reader.Unsupported("relaxed SIMD", at)
                : reader.Malformed($"illegal opcode fd {code:x2}", at);
        }

        var lane = -1;
        uint offset = 0;
        ulong low = 0, high = 0;
        switch (operation.Immediate)
        {
            case SimdImmediate.Const:
                low = (ulong)reader.F64Bits();
                high = (ulong)reader.F64Bits();
                PushVector(low, high);
                return;
            case SimdImmediate.Shuffle:
                low = (ulong)reader.F64Bits();
                high = (ulong)reader.F64Bits();
                if ((((low | high) >> 5) & 0x0707070707070707) != 0)
                {
                    throw reader.Invalid("invalid lane index", at);
                }

                break;
            case SimdImmediate.MemArg or SimdImmediate.MemArgLane:
                RequireMemory(ref reader, at);
                offset = MemoryArgument(ref reader, operation.AccessBytes);
                break;
        }

        if (operation.Immediate is SimdImmediate.Lane or SimdImmediate.MemArgLane)
        {
            lane = reader.Byte();
            if (lane >= operation.Lanes)
            {
                throw reader.Invalid($"invalid lane index {lane}", at);
            }
        }

        if (operation.Folding == SimdFolding.Splat && Peek() is { Place: OperandPlace.Constant } scalar)
        {
            Pop(ref reader, operation.Operands[0]);
            low = Repeat((ulong)scalar.Constant, operation.Lanes);
            PushVector(low, low);
            return;
        }

        var origin = SimdOperands(ref reader, operation, offset);
        if (_live)
        {
            if (lane >= 0)
            {
                _il.LdcI4(lane);
            }
            else if (operation.Immediate == SimdImmediate.Shuffle)
            {
                _il.LdcI8((long)low);
                _il.LdcI8((long)high);
            }

            Call(RuntimeMembers.SimdOperation(operation.Method));
        }

        if (operation.Result is { } result)
        {
            Push(result, depth: 4, origin: origin);
        }
    }

    /// <summary>Takes the operands off and leaves them, or the address and what is behind it, on the IL stack.</summary>
    /// <returns>What the result may come from.</returns>
    private OperandOrigin SimdOperands(ref WasmReader reader, SimdOpcode operation, uint offset)
    {
        if (operation.AccessBytes > 0)
        {
            if (operation.Operands.Length == 1)
            {
                LoadFrom(ref reader, operation.AccessBytes, offset);
                return OperandOrigin.Other;
            }

            var value = Peek();
            StoreTo(ref reader, ValueKind.V128, operation.AccessBytes, offset);
            if (operation.Folding == SimdFolding.Other)
            {
                HideFoldedVector(value);
            }

            return OperandOrigin.Other;
        }

        Flush(operation.Operands.Length);
        var last = Pop(ref reader, operation.Operands[^1]);
        var first = operation.Operands.Length > 1 ? Pop(ref reader, operation.Operands[^2]) : default;
        var origin = last.Origin | first.Origin;
        if (operation.Operands.Length > 2)
        {
            origin |= Pop(ref reader, operation.Operands[^3]).Origin;
        }

        switch (operation.Folding)
        {
            case SimdFolding.Splat when last.Kind is ValueKind.I32 or ValueKind.I64:
                Hide(last.Kind);
                return OperandOrigin.Other;
            case SimdFolding.Bits:
                return operation.Result == ValueKind.V128 ? origin & OperandOrigin.Folded : OperandOrigin.Other;
            case SimdFolding.ToBits:
                return OperandOrigin.Folded;
            case SimdFolding.ToBitsOfLanes:
                HideFoldedVectors(first, last);
                return OperandOrigin.Folded;
            default:
                HideFoldedVectors(first, last);
                return OperandOrigin.Other;
        }
    }

    private void PushVector(ulong low, ulong high)
    {
        Flush(0);
        if (_live)
        {
            LoadPooled(ValueKind.V128, low, high);
        }

        Push(ValueKind.V128, depth: 2);
    }

    /// <summary>The 8 bytes of so many lanes of 16 bytes that have this value.</summary>
    private static ulong Repeat(ulong value, int lanes) => lanes switch
    {
        16 => (byte)value * 0x0101_0101_0101_0101UL,
        8 => (ushort)value * 0x0001_0001_0001_0001UL,
        4 => (uint)value * 0x0000_0001_0000_0001UL,
        _ => value,
    };
}
