using System.Reflection;
using System.Runtime.CompilerServices;
using HeliosEdge.Wasm.Binary;
using HeliosEdge.Wasm.Runtime;

namespace HeliosEdge.Wasm.Compiler;

/// <summary>Numeric instructions (core spec 3.3.1).</summary>
internal sealed partial class FunctionCompiler
{
    private static readonly NumericOperation?[] Operations = BuildOperations();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void NumericInstruction(ref WasmReader reader, byte opcode)
    {
        var operation = Operations[opcode]!;
        if (opcode is (>= 0x6D and <= 0x70) or (>= 0x7F and <= 0x82) or (>= 0xA8 and <= 0xAB) or (>= 0xAE and <= 0xB1))
        {
            // Divisions and truncations trap in their own ways: no bounds check may be raised across them.
            _effects++;
            _branches++;
        }

        if (operation.Shift && Peek() is { Place: OperandPlace.Constant } count)
        {
            ConstantShift(ref reader, operation, (int)count.Constant & (operation.Operand == ValueKind.I32 ? 31 : 63));
            return;
        }

        if (operation.SignedRemainder && Peek() is { Place: OperandPlace.Constant, Constant: not (0 or -1) })
        {
            // With this divisor IL's rem cannot overflow.
            Flush(2);
            Pop(ref reader, operation.Operand);
            Pop(ref reader, operation.Operand);
            EmitIfLive(IlOpcode.Rem);
            Push(operation.Operand, depth: 1);
            return;
        }

        Flush(operation.Binary ? 2 : 1);
        Operand right = default;
        if (operation.Binary)
        {
            right = Pop(ref reader, operation.Operand);
        }

        var left = Pop(ref reader, operation.Operand);
        if (operation.BranchIfTrue != 0)
        {
            HideFalseFlagsOfBoth(operation, left, right);
        }

        if (_live)
        {
            var start = _il.Length;
            HideSource(operation);
            if (operation.TestsForZero)
            {
                HideFalseFlags(operation.Binary ? right : left);
            }

            if (operation.NarrowCount)
            {
                _il.Op(IlOpcode.ConvI4);
            }

            if (operation.Method is { } method)
            {
                Call(method);
            }

            foreach (var il in operation.Il)
            {
                _il.Op(il);
            }

            if (operation.BranchIfTrue != 0)
            {
                _lastCompareStart = start;
                _lastCompareEnd = _il.Length;
                _branchIfTrue = operation.BranchIfTrue;
                _branchIfFalse = operation.BranchIfFalse;
            }
        }

        var origin = OriginOf(opcode, operation, left.Origin | right.Origin);
        Push(operation.Result, BoundOf(opcode, operation, left, right), Math.Max(left.Depth, right.Depth) + 1, origin);
    }

    private static OperandOrigin OriginOf(byte opcode, NumericOperation operation, OperandOrigin operands)
    {
        switch (opcode)
        {
            case (>= 0x67 and <= 0x69) or (>= 0x79 and <= 0x7B):
                return OperandOrigin.FalseFlags;
            case 0x72 or 0x73 or 0x84 or 0x85 when (operands & OperandOrigin.Shift) != 0:
                // or and xor make a rotation of two shifts.
                return OperandOrigin.FalseFlags;
            case (>= 0x6A and <= 0x78) or (>= 0x7C and <= 0x8A) or 0xA7 or 0xAC or 0xAD or (>= 0xC0 and <= 0xC4):
                // With the right constant each of these is left out, and the result is the operand.
                return (operation.Shift ? operation.ShiftOrigin : OperandOrigin.Other) | (operands & OperandOrigin.FalseFlags);
            default:
                return OperandOrigin.Other;
        }
    }

    /// <summary>
    /// Hides where the value on the IL stack comes from if that may be a rotation or a count of bits: RyuJIT, as of .NET 10.0.12, takes the
    /// zero flag after it for the result's and leaves the comparison with zero out. The processor sets none after a rotation, and that of
    /// the operand where it counts trailing zeros without BMI1.
    /// </summary>
    private void HideFalseFlags(in Operand operand)
    {
        if ((operand.Origin & OperandOrigin.FalseFlags) != 0)
        {
            Hide(operand.Kind);
        }
    }

    /// <summary>
    /// Hides the operand on top of the IL stack from an operation that RyuJIT, as of .NET 10.0.12, gets wrong where it knows it. It
    /// folds an i32 rotation of a constant by a constant to a number that is not brought back to 32 bits; it makes floats that it
    /// then knows of integers that it knows; and it reads four bytes where the bits of an f32 come from a narrower place.
    /// </summary>
    private void HideSource(NumericOperation operation)
    {
        if (operation.HidesSource)
        {
            Hide(operation.Operand);
        }
    }

    private void HideFalseFlagsOfBoth(NumericOperation operation, in Operand left, in Operand right)
    {
        if (!_live || operation.Operand is ValueKind.F32 or ValueKind.F64)
        {
            return;
        }

        if (!operation.Binary || (left.Origin & OperandOrigin.FalseFlags) == 0)
        {
            HideFalseFlags(operation.Binary ? right : left);
            return;
        }

        HideFalseFlags(right);
        var temporary = RentTemporary(operation.Operand);
        _il.StLoc(temporary);
        HideFalseFlags(left);
        _il.LdLoc(temporary);
        ReturnTemporary(temporary);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static uint BoundOf(byte opcode, NumericOperation operation, in Operand left, in Operand right)
    {
        if (operation.BranchIfTrue != 0)
        {
            return 1;
        }

        switch (opcode)
        {
            case Opcode.I32Add:
                var sum = (ulong)left.Maximum + right.Maximum;
                return sum <= uint.MaxValue ? (uint)sum : uint.MaxValue;
            case Opcode.I32Mul:
                var product = (ulong)left.Maximum * right.Maximum;
                return product <= uint.MaxValue ? (uint)product : uint.MaxValue;
            case 0x71:
                return Math.Min(left.Maximum, right.Maximum);
            case 0x70:
                return right.Maximum == 0 ? uint.MaxValue : Math.Min(left.Maximum, right.Maximum - 1);
            case 0x6E:
                return left.Maximum;
            case 0x72 or 0x73:
                // Neither has a bit above the highest one of its operands.
                var bits = left.Maximum | right.Maximum;
                return bits == 0 ? 0 : (uint)((1UL << (32 - System.Numerics.BitOperations.LeadingZeroCount(bits))) - 1);
            case 0x67 or 0x68 or 0x69:
                return 32;
            default:
                return uint.MaxValue;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ConstantShift(ref WasmReader reader, NumericOperation operation, int count)
    {
        // The count is dropped unloaded; its type still counts.
        Pop(ref reader, operation.Operand);
        Flush(1);
        var left = Pop(ref reader, operation.Operand);
        var maximum = uint.MaxValue;
        if (_live)
        {
            HideSource(operation);
            _il.LdcI4(count);
            if (operation.Method is { } method)
            {
                Call(method);
            }
            else
            {
                _il.Op(operation.Il[^1]);
            }

            if (operation.Operand == ValueKind.I32 && operation.Method is null)
            {
                maximum = operation.Il[^1] switch
                {
                    IlOpcode.ShrUn => left.Maximum >> count,
                    IlOpcode.Shl when (ulong)left.Maximum << count <= uint.MaxValue => left.Maximum << count,
                    _ => uint.MaxValue,
                };
            }
        }

        Push(operation.Result, maximum, left.Depth + 1, operation.ShiftOrigin | (left.Origin & OperandOrigin.FalseFlags));
    }

    private void SaturatingTruncation(ref WasmReader reader, int code)
    {
        var from = (code & 2) == 0 ? ValueKind.F32 : ValueKind.F64;
        var to = code < 4 ? ValueKind.I32 : ValueKind.I64;
        var name = (to == ValueKind.I32, (code & 1) == 0) switch
        {
            (true, true) => nameof(NumericOperations.SaturateToI32),
            (true, false) => nameof(NumericOperations.SaturateToU32),
            (false, true) => nameof(NumericOperations.SaturateToI64),
            _ => nameof(NumericOperations.SaturateToU64),
        };
        Flush(1);
        var operand = Pop(ref reader, from);
        if (_live)
        {
            Call(RuntimeMembers.Numeric(name, ClrTypes.Of(from)));
        }

        Push(to, depth: operand.Depth + 1);
    }

    private void EmitIfLive(ushort opcode)
    {
        if (_live)
        {
            _il.Op(opcode);
        }
    }

    private static NumericOperation?[] BuildOperations()
    {
        var table = new NumericOperation?[256];
        Integers(table, ValueKind.I32, 0x45, 0x67, 31);
        Integers(table, ValueKind.I64, 0x50, 0x79, 63);
        Floats(table, ValueKind.F32, 0x5B, 0x8B, typeof(MathF), typeof(float));
        Floats(table, ValueKind.F64, 0x61, 0x99, typeof(Math), typeof(double));

        Convert(0xA7, ValueKind.I64, ValueKind.I32, IlOpcode.ConvI4);
        ConvertBy(0xA8, ValueKind.F32, ValueKind.I32, nameof(NumericOperations.TruncateToI32));
        ConvertBy(0xA9, ValueKind.F32, ValueKind.I32, nameof(NumericOperations.TruncateToU32));
        ConvertBy(0xAA, ValueKind.F64, ValueKind.I32, nameof(NumericOperations.TruncateToI32));
        ConvertBy(0xAB, ValueKind.F64, ValueKind.I32, nameof(NumericOperations.TruncateToU32));
        Convert(0xAC, ValueKind.I32, ValueKind.I64, IlOpcode.ConvI8);
        Convert(0xAD, ValueKind.I32, ValueKind.I64, IlOpcode.ConvU8);
        ConvertBy(0xAE, ValueKind.F32, ValueKind.I64, nameof(NumericOperations.TruncateToI64));
        ConvertBy(0xAF, ValueKind.F32, ValueKind.I64, nameof(NumericOperations.TruncateToU64));
        ConvertBy(0xB0, ValueKind.F64, ValueKind.I64, nameof(NumericOperations.TruncateToI64));
        ConvertBy(0xB1, ValueKind.F64, ValueKind.I64, nameof(NumericOperations.TruncateToU64));
        Convert(0xB2, ValueKind.I32, ValueKind.F32, IlOpcode.ConvR4);
        ConvertBy(0xB3, ValueKind.I32, ValueKind.F32, nameof(NumericOperations.U32ToF32));
        Convert(0xB4, ValueKind.I64, ValueKind.F32, IlOpcode.ConvR4);
        ConvertBy(0xB5, ValueKind.I64, ValueKind.F32, nameof(NumericOperations.U64ToF32));
        Convert(0xB6, ValueKind.F64, ValueKind.F32, IlOpcode.ConvR4);
        Convert(0xB7, ValueKind.I32, ValueKind.F64, IlOpcode.ConvR8);
        ConvertBy(0xB8, ValueKind.I32, ValueKind.F64, nameof(NumericOperations.U32ToF64));
        Convert(0xB9, ValueKind.I64, ValueKind.F64, IlOpcode.ConvR8);
        ConvertBy(0xBA, ValueKind.I64, ValueKind.F64, nameof(NumericOperations.U64ToF64));
        ConvertBy(0xBB, ValueKind.F32, ValueKind.F64, nameof(NumericOperations.Promote));
        table[0xBC] = new NumericOperation(ValueKind.F32, ValueKind.I32, Method: RuntimeMembers.SingleToBits);
        table[0xBD] = new NumericOperation(ValueKind.F64, ValueKind.I64, Method: RuntimeMembers.DoubleToBits);
        table[0xBE] = new NumericOperation(ValueKind.I32, ValueKind.F32, Method: RuntimeMembers.SingleFromBits);
        table[0xBF] = new NumericOperation(ValueKind.I64, ValueKind.F64, Method: RuntimeMembers.DoubleFromBits);
        Convert(0xC0, ValueKind.I32, ValueKind.I32, IlOpcode.ConvI1);
        Convert(0xC1, ValueKind.I32, ValueKind.I32, IlOpcode.ConvI2);
        Convert(0xC2, ValueKind.I64, ValueKind.I64, IlOpcode.ConvI1, IlOpcode.ConvI8);
        Convert(0xC3, ValueKind.I64, ValueKind.I64, IlOpcode.ConvI2, IlOpcode.ConvI8);
        Convert(0xC4, ValueKind.I64, ValueKind.I64, IlOpcode.ConvI4, IlOpcode.ConvI8);
        foreach (var opcode in (int[])[0x77, 0x78, 0xB2, 0xB3, 0xB4, 0xB5, 0xB7, 0xB8, 0xB9, 0xBA, 0xBE, 0xBF])
        {
            table[opcode] = table[opcode]! with { HidesSource = true };
        }

        return table;

        void Convert(int opcode, ValueKind from, ValueKind to, params ushort[] il) => table[opcode] = new NumericOperation(from, to) { Il = il };

        void ConvertBy(int opcode, ValueKind from, ValueKind to, string name) =>
            table[opcode] = new NumericOperation(from, to, Method: RuntimeMembers.Numeric(name, ClrTypes.Of(from)));
    }

    private static void Integers(NumericOperation?[] table, ValueKind kind, int compare, int arithmetic, byte shiftMask)
    {
        var wide = kind == ValueKind.I64;
        table[compare] = new NumericOperation(kind, ValueKind.I32)
        {
            Il = wide ? [(ushort)0x16, IlOpcode.ConvI8, IlOpcode.Ceq] : [(ushort)0x16, IlOpcode.Ceq],
            BranchIfTrue = IlOpcode.BrFalse,
            BranchIfFalse = IlOpcode.BrTrue,
        };
        Compare(table, kind, compare + 1, IlOpcode.Beq, IlOpcode.BneUn, IlOpcode.Ceq);
        Compare(table, kind, compare + 2, IlOpcode.BneUn, IlOpcode.Beq, IlOpcode.Ceq, 0x16, IlOpcode.Ceq);
        Compare(table, kind, compare + 3, IlOpcode.Blt, IlOpcode.Bge, IlOpcode.Clt);
        Compare(table, kind, compare + 4, IlOpcode.BltUn, IlOpcode.BgeUn, IlOpcode.CltUn);
        Compare(table, kind, compare + 5, IlOpcode.Bgt, IlOpcode.Ble, IlOpcode.Cgt);
        Compare(table, kind, compare + 6, IlOpcode.BgtUn, IlOpcode.BleUn, IlOpcode.CgtUn);
        Compare(table, kind, compare + 7, IlOpcode.Ble, IlOpcode.Bgt, IlOpcode.Cgt, 0x16, IlOpcode.Ceq);
        Compare(table, kind, compare + 8, IlOpcode.BleUn, IlOpcode.BgtUn, IlOpcode.CgtUn, 0x16, IlOpcode.Ceq);
        Compare(table, kind, compare + 9, IlOpcode.Bge, IlOpcode.Blt, IlOpcode.Clt, 0x16, IlOpcode.Ceq);
        Compare(table, kind, compare + 10, IlOpcode.BgeUn, IlOpcode.BltUn, IlOpcode.CltUn, 0x16, IlOpcode.Ceq);

        MethodInfo[] counts = wide
            ? [RuntimeMembers.LeadingZeros64, RuntimeMembers.TrailingZeros64, RuntimeMembers.PopCount64]
            : [RuntimeMembers.LeadingZeros32, RuntimeMembers.TrailingZeros32, RuntimeMembers.PopCount32];
        for (var i = 0; i < 3; i++)
        {
            table[arithmetic + i] = new NumericOperation(kind, kind, Method: counts[i]) { Il = wide ? [IlOpcode.ConvI8] : [] };
        }

        ushort[] binary =
        [
            IlOpcode.Add, IlOpcode.Sub, IlOpcode.Mul, IlOpcode.Div, IlOpcode.DivUn, 0, IlOpcode.RemUn, IlOpcode.And, IlOpcode.Or, IlOpcode.Xor,
        ];
        for (var i = 0; i < binary.Length; i++)
        {
            table[arithmetic + 3 + i] = binary[i] != 0
                ? new NumericOperation(kind, kind, Binary: true) { Il = [binary[i]] }
                : new NumericOperation(kind, kind, Binary: true, Method: RuntimeMembers.Numeric(nameof(NumericOperations.RemS), ClrTypes.Of(kind), ClrTypes.Of(kind))) { SignedRemainder = true };
        }

        // IL leaves shifts by the width or more undefined: the count is cut to the width first.
        ushort[] narrow = wide ? [IlOpcode.ConvI4] : [];
        foreach (var (opcode, il) in ((int, ushort)[])[(13, IlOpcode.Shl), (14, IlOpcode.Shr), (15, IlOpcode.ShrUn)])
        {
            table[arithmetic + opcode] = new NumericOperation(kind, kind, Binary: true) { Il = [.. narrow, .. Mask(shiftMask), IlOpcode.And, il], Shift = true };
        }

        table[arithmetic + 16] = new NumericOperation(kind, kind, Binary: true, Method: wide ? RuntimeMembers.RotateLeft64 : RuntimeMembers.RotateLeft32) { Shift = true, NarrowCount = wide };
        table[arithmetic + 17] = new NumericOperation(kind, kind, Binary: true, Method: wide ? RuntimeMembers.RotateRight64 : RuntimeMembers.RotateRight32) { Shift = true, NarrowCount = wide };
    }

    // ldc.i4.s mask, as two one-byte opcodes.
    private static ushort[] Mask(byte mask) => [0x1F, mask];

    private static void Compare(NumericOperation?[] table, ValueKind kind, int opcode, ushort ifTrue, ushort ifFalse, params ushort[] il) =>
        table[opcode] = new NumericOperation(kind, ValueKind.I32, Binary: true) { Il = il, BranchIfTrue = ifTrue, BranchIfFalse = ifFalse };

    private static void Floats(NumericOperation?[] table, ValueKind kind, int compare, int arithmetic, Type maths, Type clr)
    {
        // The branch that stands for a comparison being false is taken for NaN too, hence the unordered forms.
        Compare(table, kind, compare, IlOpcode.Beq, IlOpcode.BneUn, IlOpcode.Ceq);
        Compare(table, kind, compare + 1, IlOpcode.BneUn, IlOpcode.Beq, IlOpcode.Ceq, 0x16, IlOpcode.Ceq);
        Compare(table, kind, compare + 2, IlOpcode.Blt, IlOpcode.BgeUn, IlOpcode.Clt);
        Compare(table, kind, compare + 3, IlOpcode.Bgt, IlOpcode.BleUn, IlOpcode.Cgt);
        Compare(table, kind, compare + 4, IlOpcode.Ble, IlOpcode.BgtUn, IlOpcode.CgtUn, 0x16, IlOpcode.Ceq);
        Compare(table, kind, compare + 5, IlOpcode.Bge, IlOpcode.BltUn, IlOpcode.CltUn, 0x16, IlOpcode.Ceq);

        string[] unary = [nameof(MathF.Abs), string.Empty, nameof(MathF.Ceiling), nameof(MathF.Floor), nameof(MathF.Truncate), nameof(MathF.Round), nameof(MathF.Sqrt)];
        for (var i = 0; i < unary.Length; i++)
        {
            table[arithmetic + i] = unary[i].Length == 0
                ? new NumericOperation(kind, kind) { Il = [IlOpcode.Neg] }
                : new NumericOperation(kind, kind, Method: RuntimeMembers.Maths(maths, unary[i], clr));
        }

        ushort[] binary = [IlOpcode.Add, IlOpcode.Sub, IlOpcode.Mul, IlOpcode.Div];
        for (var i = 0; i < binary.Length; i++)
        {
            table[arithmetic + 7 + i] = new NumericOperation(kind, kind, Binary: true) { Il = [binary[i]] };
        }

        table[arithmetic + 11] = new NumericOperation(kind, kind, Binary: true, Method: RuntimeMembers.Numeric(nameof(NumericOperations.Min), clr, clr));
        table[arithmetic + 12] = new NumericOperation(kind, kind, Binary: true, Method: RuntimeMembers.Numeric(nameof(NumericOperations.Max), clr, clr));
        table[arithmetic + 13] = new NumericOperation(kind, kind, Binary: true, Method: RuntimeMembers.Maths(maths, nameof(MathF.CopySign), clr, clr));
    }

    /// <summary>How one numeric instruction is emitted: a call, then plain IL.</summary>
    private sealed record NumericOperation(ValueKind Operand, ValueKind Result, bool Binary = false, MethodInfo? Method = null)
    {
        public ushort[] Il { get; init; } = [];

        public bool Shift { get; init; }

        public OperandOrigin ShiftOrigin => Method is null ? OperandOrigin.Shift : OperandOrigin.FalseFlags;

        /// <summary>Whether a 64-bit count must become the 32-bit one that the method takes.</summary>
        public bool NarrowCount { get; init; }

        public bool SignedRemainder { get; init; }

        /// <summary>
        /// Whether what the method does for the operand on top of the stack may begin with a comparison with zero: of a divisor, or, on
        /// processors without LZCNT and BMI1, of what is counted.
        /// </summary>
        public bool TestsForZero => SignedRemainder || (!Binary && !HidesSource && Method is not null && Operand is ValueKind.I32 or ValueKind.I64);

        /// <summary>Whether RyuJIT must not know what the operand is; of a rotation, what is rotated or by how much.</summary>
        public bool HidesSource { get; init; }

        /// <summary>The branch that does the comparison's work and is taken when it is true; 0 for other instructions.</summary>
        public ushort BranchIfTrue { get; init; }

        public ushort BranchIfFalse { get; init; }
    }
}
