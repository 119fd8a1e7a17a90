using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Wasm.Simd;

namespace HeliosEdge.Wasm.Tests.Simd;

/// <summary>Each vector instruction against its scalar definition.</summary>
public sealed class SimdOperationsTests
{
    private const int LaneImmediates = 16;

    public static TheoryData<string> Instructions =>
        new(Enumerable.Range(0, 256).Select(code => SimdOpcodes.Get((uint)code)?.Name).OfType<string>());

    [Theory]
    [MemberData(nameof(Instructions))]
    public void Agrees_with_the_scalar_definition_on_any_lanes(string name)
    {
        SimdOpcode opcode = Find(name);
        bool isShuffle = opcode.Immediate == SimdImmediate.Shuffle;
        bool isConst = opcode.Immediate == SimdImmediate.Const;
        var byLane = new CompiledOperation?[LaneImmediates * 2];
        Check(200, @case =>
        {
            CompiledOperation operation = isShuffle || isConst
                ? CompiledOperation.Compile(opcode, @case, ConstantOperands.None)
                : byLane[@case.Lane(opcode)] ??= CompiledOperation.Compile(opcode, @case, ConstantOperands.None);
            ShouldAgree(opcode, operation, @case);
        });
    }

    [Theory]
    [MemberData(nameof(Instructions))]
    public void Agrees_with_the_scalar_definition_on_every_pair_of_special_lanes(string name)
    {
        SimdOpcode opcode = Find(name);
        byte[] identity = Enumerable.Range(0, SimdCase.VectorBytes).Select(lane => (byte)lane).ToArray();
        byte[] empty = new byte[SimdCase.VectorBytes];
        bool isConst = opcode.Immediate == SimdImmediate.Const;
        CompiledOperation? compiled = null;
        foreach (byte[][] lanes in SimdCaseGenerator.SpecialLanes)
        {
            int step = SimdCase.VectorBytes / lanes[0].Length;
            for (int distance = 0; distance < lanes.Length; distance++)
            {
                for (int start = 0; start < lanes.Length; start += step)
                {
                    byte[] a = SimdCaseGenerator.Cycle(lanes, start);
                    byte[] b = SimdCaseGenerator.Cycle(lanes, start + distance);
                    var @case = new SimdCase(a, b, empty, a, identity);
                    compiled = isConst || compiled is null ? CompiledOperation.Compile(opcode, @case, ConstantOperands.None) : compiled;
                    ShouldAgree(opcode, compiled, @case);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Instructions))]
    public void Agrees_with_the_scalar_definition_where_all_operands_are_constants(string name)
    {
        SimdOpcode opcode = Find(name);
        Check(12, @case => ShouldAgree(opcode, CompiledOperation.Compile(opcode, @case, ConstantOperands.All), @case));
    }

    [Theory]
    [MemberData(nameof(Instructions))]
    public void Agrees_with_the_scalar_definition_where_one_operand_is_a_constant(string name)
    {
        SimdOpcode opcode = Find(name);
        bool canBecomeItsOperand = name[0] == 'f' && name[6..] is "add" or "sub" or "mul" or "div";
        Check(8, generated =>
        {
            // The JIT compiler makes x of x * 1: a signalling NaN is then left as it is.
            SimdCase @case = canBecomeItsOperand
                ? generated with { A = Quieted(generated.A, name), B = Quieted(generated.B, name) }
                : generated;
            ShouldAgree(opcode, CompiledOperation.Compile(opcode, @case, ConstantOperands.First), @case);
            ShouldAgree(opcode, CompiledOperation.Compile(opcode, @case, ConstantOperands.Second), @case);
        });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(31)]
    public void Shuffles_every_lane_to_every_place(int first)
    {
        SimdOpcode opcode = Find("i8x16.shuffle");
        byte[] a = Enumerable.Range(0x10, SimdCase.VectorBytes).Select(lane => (byte)lane).ToArray();
        byte[] b = Enumerable.Range(0xE0, SimdCase.VectorBytes).Select(lane => (byte)lane).ToArray();
        byte[] lanes = Enumerable.Range(first, SimdCase.VectorBytes).Select(lane => (byte)(lane % 32)).ToArray();
        var @case = new SimdCase(a, b, a, a, lanes);
        ShouldAgree(opcode, CompiledOperation.Compile(opcode, @case, ConstantOperands.None), @case);
    }

    private static SimdOpcode Find(string name) =>
        Enumerable.Range(0, 256).Select(code => SimdOpcodes.Get((uint)code)).OfType<SimdOpcode>().Single(opcode => opcode.Name == name);

    private static void Check(int cases, Action<SimdCase> property) =>
        FsCheck.Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(cases),
            Prop.ForAll(SimdCaseGenerator.Cases, property));

    private static void ShouldAgree(SimdOpcode opcode, CompiledOperation operation, SimdCase @case)
    {
        (ExpectedLane[] expected, byte[] expectedMemory) = ScalarReference.Evaluate(opcode, @case);
        (byte[] actual, byte[] memory) = operation.Run(@case);
        for (int i = 0; i < expected.Length; i++)
        {
            ulong lane = LaneVector.Bits(actual, expected[i].Width, i);
            expected[i].Accepts(lane).ShouldBeTrue($"{opcode.Name} {@case}: lane {i} is {lane:X}, expected {expected[i]}");
        }

        memory.ShouldBe(expectedMemory, $"{opcode.Name} {@case}");
    }

    private static byte[] Quieted(byte[] vector, string name)
    {
        byte[] quieted = [.. vector];
        bool single = name.StartsWith("f32x4", StringComparison.Ordinal);
        int width = single ? 32 : 64;
        (ulong infinity, int lastByte, byte quiet) = single ? (0x7F80_0000UL, 2, (byte)0x40) : (0x7FF0_0000_0000_0000UL, 6, (byte)0x08);
        for (int lane = 0; lane < 128 / width; lane++)
        {
            if ((LaneVector.Bits(vector, width, lane) & ((1UL << (width - 1)) - 1)) > infinity)
            {
                quieted[(lane * width / 8) + lastByte] |= quiet;
            }
        }

        return quieted;
    }
}
