using System.Reflection;
using HeliosEdge.Wasm.Simd;

namespace HeliosEdge.Wasm.Tests.Simd;

public sealed class SimdOpcodesTests
{
    private static readonly uint[] Reserved =
    [
        0x9A, 0xA2, 0xA5, 0xA6, 0xAF, 0xB0, 0xB2, 0xB3, 0xB4, 0xBB, 0xC2, 0xC5, 0xC6, 0xCF, 0xD0, 0xD2, 0xD3, 0xD4, 0xE2, 0xEE,
    ];

    private static readonly SimdOpcode[] All = Enumerable.Range(0, 256).Select(code => SimdOpcodes.Get((uint)code)).OfType<SimdOpcode>().ToArray();

    [Fact]
    public void Defines_the_236_instructions_of_WebAssembly_2()
    {
        All.Length.ShouldBe(236);
        All.Select(opcode => opcode.Name).ShouldBeUnique();
        All.Select(opcode => opcode.Method).ShouldBeUnique();
    }

    [Fact]
    public void Leaves_reserved_numbers_and_relaxed_instructions_undefined()
    {
        Enumerable.Range(0, 256).Select(code => (uint)code).Where(code => SimdOpcodes.Get(code) is null).ShouldBe(Reserved);
        SimdOpcodes.Get(0x100).ShouldBeNull();
        SimdOpcodes.Get(uint.MaxValue).ShouldBeNull();
    }

    [Fact]
    public void Gives_each_instruction_under_its_own_number()
    {
        foreach (SimdOpcode opcode in All)
        {
            SimdOpcodes.Get(opcode.Code).ShouldBeSameAs(opcode);
        }
    }

    [Theory]
    [InlineData(0x00, "v128.load")]
    [InlineData(0x0B, "v128.store")]
    [InlineData(0x0D, "i8x16.shuffle")]
    [InlineData(0x22, "f64x2.replace_lane")]
    [InlineData(0x2C, "i8x16.ge_u")]
    [InlineData(0x40, "i32x4.ge_u")]
    [InlineData(0x4C, "f64x2.ge")]
    [InlineData(0x53, "v128.any_true")]
    [InlineData(0x5B, "v128.store64_lane")]
    [InlineData(0x5F, "f64x2.promote_low_f32x4")]
    [InlineData(0x6A, "f32x4.nearest")]
    [InlineData(0x7B, "i8x16.avgr_u")]
    [InlineData(0x94, "f64x2.nearest")]
    [InlineData(0x9F, "i16x8.extmul_high_i8x16_u")]
    [InlineData(0xBA, "i32x4.dot_i16x8_s")]
    [InlineData(0xDF, "i64x2.extmul_high_i32x4_u")]
    [InlineData(0xEF, "f64x2.sqrt")]
    [InlineData(0xFF, "f64x2.convert_low_i32x4_u")]
    public void Numbers_the_instructions_as_the_binary_format_does(int code, string name) =>
        SimdOpcodes.Get((uint)code).ShouldNotBeNull().Name.ShouldBe(name);

    [Fact]
    public void Names_a_method_that_takes_the_operands_and_then_the_immediates()
    {
        foreach (SimdOpcode opcode in All.Where(opcode => opcode.Immediate != SimdImmediate.Const))
        {
            MethodInfo method = typeof(SimdOperations).GetMethod(opcode.Method, BindingFlags.Static | BindingFlags.NonPublic)
                .ShouldNotBeNull(opcode.Name);
            List<Type> parameters = opcode.Operands.Select(CompiledOperation.TypeOf).ToList();
            if (opcode.AccessBytes > 0)
            {
                parameters[0] = typeof(byte).MakePointerType();
            }

            parameters.AddRange(opcode.Immediate switch
            {
                SimdImmediate.Lane or SimdImmediate.MemArgLane => [typeof(int)],
                SimdImmediate.Shuffle => [typeof(ulong), typeof(ulong)],
                _ => Type.EmptyTypes,
            });
            method.GetParameters().Select(parameter => parameter.ParameterType).ShouldBe(parameters, opcode.Name);
            method.ReturnType.ShouldBe(opcode.Result is ValueKind result ? CompiledOperation.TypeOf(result) : typeof(void), opcode.Name);
        }
    }

    [Fact]
    public void States_the_bounds_of_lane_immediates_and_the_widths_of_accesses()
    {
        foreach (SimdOpcode opcode in All)
        {
            bool hasLane = opcode.Immediate is SimdImmediate.Lane or SimdImmediate.MemArgLane or SimdImmediate.Shuffle || opcode.Folding == SimdFolding.Splat;
            (opcode.Lanes > 0).ShouldBe(hasLane, opcode.Name);
            bool hasAddress = opcode.Immediate is SimdImmediate.MemArg or SimdImmediate.MemArgLane;
            (opcode.AccessBytes > 0).ShouldBe(hasAddress, opcode.Name);
        }
    }
}
