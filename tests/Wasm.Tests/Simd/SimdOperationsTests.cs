using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Wasm.Simd;

namespace HeliosEdge.Wasm.Tests.Simd;

/// <summary>Each vector instruction against its scalar definition.</summary>
[Trait("Category", "Slow")]
public sealed class SimdOperationsTests
{
    private const int LaneImmediates = 16;

    public static TheoryData<string> Instructions =>
        new(Enumerable.Range(0, 256).Select(code => SimdOpcodes.Get((uint)code)).OfType<SimdOpcode>().Where(opcode => opcode.Immediate != SimdImmediate.Const).Select(opcode => opcode.Name));

    [Theory]
    [MemberData(nameof(Instructions))]
    public void Agrees_with_the_scalar_definition_on_any_lanes(string name)
    {
        SimdOpcode opcode = Find(name);
        bool isShuffle = opcode.Immediate == SimdImmediate.Shuffle;
        var byLane = new CompiledOperation?[LaneImmediates * 2];
        Check(200, @case =>
        {
            CompiledOperation operation = isShuffle
                ? CompiledOperation.Compile(opcode, @case)
                : byLane[@case.Lane(opcode)] ??= CompiledOperation.Compile(opcode, @case);
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
                    compiled = compiled ?? CompiledOperation.Compile(opcode, @case);
                    ShouldAgree(opcode, compiled, @case);
                }
            }
        }
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
        ShouldAgree(opcode, CompiledOperation.Compile(opcode, @case), @case);
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
}
