using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using V128 = System.Runtime.Intrinsics.Vector128<byte>;

namespace HeliosEdge.Wasm.Simd;

// The operations that move whole lanes.
internal static partial class SimdOperations
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I8x16Shuffle(V128 a, V128 b, ulong low, ulong high)
    {
        const ulong SecondOperand = 0x1010_1010_1010_1010;
        const ulong ToOutOfRange = 0x7070_7070_7070_7070;

        if (AdvSimd.Arm64.IsSupported)
        {
            return AdvSimd.Arm64.VectorTableLookup((a, b), Vector128.Create(low, high).AsByte());
        }

        // The lanes are constants of the guest's code, so that these tests cost nothing once this is inlined.
        if (((low | high) & SecondOperand) == 0)
        {
            return Vector128.Shuffle(a, Vector128.Create(low, high).AsByte());
        }

        if ((low & high & SecondOperand) == SecondOperand)
        {
            return Vector128.Shuffle(b, Vector128.Create(low ^ SecondOperand, high ^ SecondOperand).AsByte());
        }

        if (Avx512Vbmi.VL.IsSupported)
        {
            return Avx512Vbmi.VL.PermuteVar16x8x2(a, Vector128.Create(low, high).AsByte(), b);
        }

        // Lane numbers of the other operand become numbers of 128 and more, which select zero; pshufb takes 0x70 and more for 0 and more.
        V128 fromA = Vector128.Create(low + ToOutOfRange, high + ToOutOfRange).AsByte();
        V128 fromB = Vector128.Create((low ^ SecondOperand) + ToOutOfRange, (high ^ SecondOperand) + ToOutOfRange).AsByte();
        if (Ssse3.IsSupported)
        {
            return Ssse3.Shuffle(a, fromA) | Ssse3.Shuffle(b, fromB);
        }

        V128 lane = Vector128.Create((byte)0x8F);
        return Vector128.Shuffle(a, fromA & lane) | Vector128.Shuffle(b, fromB & lane);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I8x16Swizzle(V128 a, V128 indices)
    {
        if (Ssse3.IsSupported)
        {
            // pshufb looks at bit 7 and bits 0 to 3 only: the sum has bit 7 set exactly for 16 and more.
            return Ssse3.Shuffle(a, Sse2.AddSaturate(indices, Vector128.Create((byte)0x70)));
        }

        if (AdvSimd.Arm64.IsSupported)
        {
            return AdvSimd.Arm64.VectorTableLookup(a, indices);
        }

        return Vector128.Shuffle(a, indices);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I8x16Splat(int value) => Vector128.Create((byte)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I16x8Splat(int value) => Vector128.Create((short)value).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I32x4Splat(int value) => Vector128.Create(value).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I64x2Splat(long value) => Vector128.Create(value).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F32x4Splat(float value) => Vector128.Create(value).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F64x2Splat(double value) => Vector128.Create(value).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int I8x16ExtractLaneS(V128 a, int lane) => a.AsSByte().GetElement(lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int I8x16ExtractLaneU(V128 a, int lane) => a.GetElement(lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int I16x8ExtractLaneS(V128 a, int lane) => a.AsInt16().GetElement(lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int I16x8ExtractLaneU(V128 a, int lane) => a.AsUInt16().GetElement(lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int I32x4ExtractLane(V128 a, int lane) => a.AsInt32().GetElement(lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long I64x2ExtractLane(V128 a, int lane) => a.AsInt64().GetElement(lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float F32x4ExtractLane(V128 a, int lane) => a.AsSingle().GetElement(lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static double F64x2ExtractLane(V128 a, int lane) => a.AsDouble().GetElement(lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I8x16ReplaceLane(V128 a, int value, int lane) => a.WithElement(lane, (byte)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I16x8ReplaceLane(V128 a, int value, int lane) => a.AsInt16().WithElement(lane, (short)value).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I32x4ReplaceLane(V128 a, int value, int lane) => a.AsInt32().WithElement(lane, value).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I64x2ReplaceLane(V128 a, long value, int lane) => a.AsInt64().WithElement(lane, value).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F32x4ReplaceLane(V128 a, float value, int lane) => a.AsSingle().WithElement(lane, value).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F64x2ReplaceLane(V128 a, double value, int lane) => a.AsDouble().WithElement(lane, value).AsByte();
}
