using System.Runtime.Intrinsics;
using HeliosEdge.Wasm;

namespace HeliosEdge.Testing.Building;

/// <summary>One load or store instruction: how many bytes it touches and how to write it.</summary>
public sealed record MemoryAccess(string Name, int Width, bool IsStore, ValueKind Kind, Action<Code, uint> Emit)
{
    public static IReadOnlyList<MemoryAccess> All { get; } = [.. Scalar(), .. Vector()];

    /// <summary>A body that makes the access at the address on the stack: loads drop their result.</summary>
    public void EmitBody(Code code, uint offset, Action<Code> address)
    {
        address(code);
        if (IsStore)
        {
            Pattern(code);
            Emit(code, offset);
        }
        else
        {
            if (Name.EndsWith("_lane", StringComparison.Ordinal))
            {
                code.V128(default);
            }

            Emit(code, offset);
            code.Emit(Op.Drop);
        }
    }

    public override string ToString() => Name;

    // Every byte that a store writes is 0xA5.
    private void Pattern(Code code)
    {
        switch (Kind)
        {
            case ValueKind.I32:
                code.I32(unchecked((int)0xA5A5_A5A5));
                break;
            case ValueKind.I64:
                code.I64(unchecked((long)0xA5A5_A5A5_A5A5_A5A5));
                break;
            case ValueKind.F32:
                code.F32(BitConverter.UInt32BitsToSingle(0xA5A5_A5A5));
                break;
            case ValueKind.F64:
                code.F64(BitConverter.UInt64BitsToDouble(0xA5A5_A5A5_A5A5_A5A5));
                break;
            default:
                code.V128(Vector128.Create((byte)0xA5));
                break;
        }
    }

    private static IEnumerable<MemoryAccess> Scalar()
    {
        (Op Op, int Width)[] loads =
        [
            (Op.I32Load, 4), (Op.I64Load, 8), (Op.F32Load, 4), (Op.F64Load, 8),
            (Op.I32Load8S, 1), (Op.I32Load8U, 1), (Op.I32Load16S, 2), (Op.I32Load16U, 2),
            (Op.I64Load8S, 1), (Op.I64Load8U, 1), (Op.I64Load16S, 2), (Op.I64Load16U, 2),
            (Op.I64Load32S, 4), (Op.I64Load32U, 4),
        ];
        (Op Op, int Width)[] stores =
        [
            (Op.I32Store, 4), (Op.I64Store, 8), (Op.F32Store, 4), (Op.F64Store, 8),
            (Op.I32Store8, 1), (Op.I32Store16, 2),
            (Op.I64Store8, 1), (Op.I64Store16, 2), (Op.I64Store32, 4),
        ];
        foreach (var (op, width) in loads)
        {
            yield return new(op.ToString(), width, false, KindOf(op), (code, offset) => code.Access(op, offset));
        }

        foreach (var (op, width) in stores)
        {
            yield return new(op.ToString(), width, true, KindOf(op), (code, offset) => code.Access(op, offset));
        }
    }

    private static ValueKind KindOf(Op op) => op.ToString()[..3] switch
    {
        "I32" => ValueKind.I32,
        "I64" => ValueKind.I64,
        "F32" => ValueKind.F32,
        _ => ValueKind.F64,
    };

    private static IEnumerable<MemoryAccess> Vector()
    {
        (uint Op, string Name, int Width)[] plain =
        [
            (0, "v128.load", 16),
            (1, "v128.load8x8_s", 8), (2, "v128.load8x8_u", 8), (3, "v128.load16x4_s", 8),
            (4, "v128.load16x4_u", 8), (5, "v128.load32x2_s", 8), (6, "v128.load32x2_u", 8),
            (7, "v128.load8_splat", 1), (8, "v128.load16_splat", 2), (9, "v128.load32_splat", 4), (10, "v128.load64_splat", 8),
            (11, "v128.store", 16),
            (92, "v128.load32_zero", 4), (93, "v128.load64_zero", 8),
        ];
        foreach (var (op, name, width) in plain)
        {
            yield return new(name, width, op == 11, ValueKind.V128, (code, offset) => code.SimdAccess(op, offset));
        }

        for (var i = 0; i < 4; i++)
        {
            var load = (uint)(84 + i);
            var store = (uint)(88 + i);
            var lane = (byte)((16 >> i) - 1);
            yield return new($"v128.load{8 << i}_lane", 1 << i, false, ValueKind.V128, (code, offset) => code.SimdAccess(load, offset).Raw(lane));
            yield return new($"v128.store{8 << i}_lane", 1 << i, true, ValueKind.V128, (code, offset) => code.SimdAccess(store, offset).Raw(lane));
        }
    }
}
