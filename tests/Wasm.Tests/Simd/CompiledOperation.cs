using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using HeliosEdge.Wasm.Simd;

namespace HeliosEdge.Wasm.Tests.Simd;

/// <summary>
/// A vector instruction compiled to IL as the engine does it, immediates being constants, so that the JIT compiler inlines and
/// folds as it does in guest code.
/// </summary>
internal sealed class CompiledOperation
{
    private const int MemoryBytes = 64;
    private const int MemoryOffset = 16;
    private const byte Untouched = 0xCD;

    private readonly SimdOpcode opcode;
    private readonly Execute execute;

    private CompiledOperation(SimdOpcode opcode, Execute execute)
    {
        this.opcode = opcode;
        this.execute = execute;
    }

    private delegate void Execute(nint operands, nint memory, nint result);

    internal static CompiledOperation Compile(SimdOpcode opcode, SimdCase @case)
    {
        var method = new DynamicMethod(
            opcode.Method, typeof(void), [typeof(nint), typeof(nint), typeof(nint)], typeof(SimdOpcode).Module, skipVisibility: true);
        ILGenerator il = method.GetILGenerator();
        if (opcode.Result is not null)
        {
            il.Emit(OpCodes.Ldarg_2);
        }

        for (int i = 0; i < opcode.Operands.Length; i++)
        {
            bool isAddress = i == 0 && opcode.AccessBytes > 0;
            if (isAddress)
            {
                il.Emit(OpCodes.Ldarg_1);
            }
            else
            {
                il.Emit(OpCodes.Ldarg_0);
                il.Emit(OpCodes.Ldc_I4, i * SimdCase.VectorBytes);
                il.Emit(OpCodes.Add);
                il.Emit(OpCodes.Unaligned, (byte)1);
                il.Emit(OpCodes.Ldobj, TypeOf(opcode.Operands[i]));
            }
        }

        switch (opcode.Immediate)
        {
            case SimdImmediate.Lane or SimdImmediate.MemArgLane:
                il.Emit(OpCodes.Ldc_I4, @case.Lane(opcode));
                break;
            case SimdImmediate.Shuffle:
                (ulong lowLanes, ulong highLanes) = Halves(@case.Lanes);
                EmitHalves(il, lowLanes, highLanes);
                break;
            default:
                break;
        }

        il.Emit(OpCodes.Call, Method(opcode.Method));
        if (opcode.Result is ValueKind result)
        {
            il.Emit(OpCodes.Unaligned, (byte)1);
            il.Emit(OpCodes.Stobj, TypeOf(result));
        }

        il.Emit(OpCodes.Ret);
        return new CompiledOperation(opcode, method.CreateDelegate<Execute>());
    }

    /// <summary>The result in the first bytes, and the 16 bytes of memory at the address afterwards.</summary>
    internal (byte[] Result, byte[] Memory) Run(SimdCase @case)
    {
        byte[] operands = GC.AllocateArray<byte>(3 * SimdCase.VectorBytes, pinned: true);
        byte[] result = GC.AllocateArray<byte>(SimdCase.VectorBytes, pinned: true);
        byte[] memory = GC.AllocateArray<byte>(MemoryBytes, pinned: true);
        @case.A.CopyTo(operands, 0);
        @case.B.CopyTo(operands, SimdCase.VectorBytes);
        @case.C.CopyTo(operands, 2 * SimdCase.VectorBytes);
        int address = MemoryOffset + @case.Misalignment;
        Array.Fill(memory, Untouched);
        @case.Memory.CopyTo(memory, address);
        execute(
            Marshal.UnsafeAddrOfPinnedArrayElement(operands, 0),
            Marshal.UnsafeAddrOfPinnedArrayElement(memory, address),
            Marshal.UnsafeAddrOfPinnedArrayElement(result, 0));
        bool strayWrite = memory.AsSpan(0, address).ContainsAnyExcept(Untouched)
            || memory.AsSpan(address + SimdCase.VectorBytes).ContainsAnyExcept(Untouched);
        return strayWrite
            ? throw new InvalidOperationException($"{opcode.Name} wrote outside the 16 bytes at its address.")
            : (result, memory.AsSpan(address, SimdCase.VectorBytes).ToArray());
    }

    internal static Type TypeOf(ValueKind kind) => kind switch
    {
        ValueKind.I32 => typeof(int),
        ValueKind.I64 => typeof(long),
        ValueKind.F32 => typeof(float),
        ValueKind.F64 => typeof(double),
        ValueKind.V128 => typeof(Vector128<byte>),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No vector instruction has an operand of this type."),
    };

    private static MethodInfo Method(string name) =>
        typeof(SimdOperations).GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic)
            ?? throw new MissingMethodException(nameof(SimdOperations), name);

    private static (ulong Low, ulong High) Halves(byte[] vector) =>
        (BinaryPrimitives.ReadUInt64LittleEndian(vector), BinaryPrimitives.ReadUInt64LittleEndian(vector.AsSpan(sizeof(ulong))));

    private static void EmitHalves(ILGenerator il, ulong low, ulong high)
    {
        il.Emit(OpCodes.Ldc_I8, (long)low);
        il.Emit(OpCodes.Ldc_I8, (long)high);
    }
}
