using HeliosEdge.Sandbox.Engines;
using static HeliosEdge.Sandbox.Engines.HostValueKind;

namespace HeliosEdge.Sandbox.Tests.Engines;

public sealed class HostFunctionTests
{
    private static readonly InstanceLimits Ample = new(8 << 20, 1_000, TimeSpan.FromSeconds(30));

    [Fact]
    public void Arguments_and_results_of_every_type_cross_unchanged()
    {
        var seen = new List<long[]>();
        using var module = Guests.Compile("host_calls");
        using var instance = module.Instantiate(Ample, Offer(seen));
        seen.Clear();

        instance.Run("nothing");
        instance.Call("mix", -5, -6).ShouldBe(long.MinValue + 1);
        instance.Call("floats").ShouldBe(42 + 14);
        instance.Call("nine").ShouldBe(-99);
        instance.Call("eleven").ShouldBe(55);

        seen[0].ShouldBe([]);
        seen[1].ShouldBe([-5, -6, BitConverter.SingleToInt32Bits(1.5f), BitConverter.DoubleToInt64Bits(-2.25)]);
        seen[2].ShouldBe([1, 2, 3, 4, 5, 0x1_0000_0006, -7, 8, 9]);
        seen[3].ShouldBe(
            [-1, 2, BitConverter.SingleToInt32Bits(3), BitConverter.DoubleToInt64Bits(4), 5, 6, 7, 8, 9, 10, 11]);
    }

    [Fact]
    public void A_start_function_reaches_the_host_and_the_host_its_memory()
    {
        using var module = Guests.Compile("host_calls");
        using var instance = module.Instantiate(Ample, Offer([]));

        instance.Call("peek").ShouldBe(41);
        instance.Run("store", 8, 43);
        instance.Call("peek").ShouldBe(43);
    }

    [Fact]
    public void Each_instance_has_its_own_state_even_when_one_calls_another()
    {
        using var module = Guests.Compile("host_calls");
        var states = new List<object?>();
        IGuestInstance? other = null;
        var imports = Offer([], (caller, argument) =>
        {
            states.Add(caller.State);
            if (argument == 1)
            {
                other!.Call("outer", 2);
                states.Add(caller.State);
            }

            return 0;
        });
        using var first = module.Instantiate(Ample, imports, "first");
        other = module.Instantiate(Ample, imports, "second");
        using (other)
        {
            first.Call("outer", 1);
            first.Call("outer", 3);
        }

        states.ShouldBe(["first", "second", "first", "first"]);
    }

    [Fact]
    public void A_host_function_may_call_the_guest_and_sees_its_memory_grow()
    {
        using var module = Guests.Compile("host_calls");
        var lengths = new List<long>();
        using var instance = module.Instantiate(Ample, Offer([], (caller, argument) =>
        {
            lengths.Add(caller.MemoryLength);
            var doubled = caller.Call("inner", argument);
            lengths.Add(caller.MemoryLength);
            return doubled;
        }));

        instance.Call("outer", 21).ShouldBe(42);
        lengths.ShouldBe([65_536, 131_072]);
        Should.Throw<GuestTrapException>(() => instance.Call("outer", 13)).Message.ShouldContain("unreachable");
    }

    [Fact]
    public void What_a_host_function_throws_ends_the_call_unchanged()
    {
        using var module = Guests.Compile("host_calls");
        var thrown = new SandboxException(ErrorCodes.InvalidParameter, "no");
        using var instance = module.Instantiate(Ample, Offer([], (_, argument) => argument == 1 ? throw thrown : argument));

        Should.Throw<SandboxException>(() => instance.Call("outer", 1)).ShouldBeSameAs(thrown);
        instance.Call("outer", 2).ShouldBe(2);
    }

    [Fact]
    public void Missing_and_misfitting_imports_are_refused_by_name()
    {
        using var module = Guests.Compile("host_calls");
        var offered = Offer([]).Functions;

        Refusal(new HostFunctionSet(offered.Where(function => function.Name != "half"))).ShouldContain("\"test\" \"half\"");
        Refusal(new HostFunctionSet([.. offered.Where(function => function.Name != "half"), new HostFunction("test", "half", [F64], null, Nothing)]))
            .ShouldContain("\"test\" \"half\"");

        string Refusal(HostFunctionSet imports)
        {
            var refused = Should.Throw<SandboxException>(() => module.Instantiate(Ample, imports));
            refused.Code.ShouldBe(ErrorCodes.InvalidModule);
            return refused.Message;
        }
    }

    [Fact]
    public void A_set_holds_a_name_once_and_describes_its_types()
    {
        var function = new HostFunction("m", "f", [I32, I64, F32, F64], I64, Nothing);

        function.Type.ShouldBe("(i32, i64, f32, f64) -> (i64)");
        new HostFunction("m", "g", [], null, Nothing).Type.ShouldBe("() -> ()");
        Should.Throw<ArgumentException>(() => new HostFunctionSet([function, function])).Message.ShouldContain("m.f");
        new HostFunctionSet([function]).TryFind("m", "f", out var found).ShouldBeTrue();
        found.ShouldBeSameAs(function);
        new HostFunctionSet([function]).TryFind("m", "g", out _).ShouldBeFalse();
    }

    [Fact]
    public void Functions_are_found_by_name_and_type()
    {
        using var module = Guests.Compile("host_calls");
        using var instance = module.Instantiate(Ample, Offer([]));

        instance.HasFunction("outer", "(i32) -> (i32)").ShouldBeTrue();
        instance.HasFunction("outer", "(i32, i32) -> ()").ShouldBeFalse();
        instance.HasFunction("memory", "(i32) -> (i32)").ShouldBeFalse();
        instance.HasFunction("none", "(i32) -> (i32)").ShouldBeFalse();
    }

    private static long Nothing(IHostCaller caller, ReadOnlySpan<long> arguments) => 0;

    private static HostFunctionSet Offer(List<long[]> seen, Func<IHostCaller, int, int>? reEnter = null)
    {
        return new HostFunctionSet(
        [
            new HostFunction("test", "nothing", [], null, Note(0)),
            new HostFunction("test", "mix", [I32, I64, F32, F64], I64, Note(long.MinValue + 1)),
            new HostFunction("test", "half", [F64], F64, (_, arguments) =>
                BitConverter.DoubleToInt64Bits(BitConverter.Int64BitsToDouble(arguments[0]) / 2)),
            new HostFunction("test", "single", [F32], F32, (_, arguments) =>
                BitConverter.SingleToInt32Bits(BitConverter.Int32BitsToSingle((int)arguments[0]) * 2)),
            new HostFunction("test", "nine", [I32, I32, I32, I32, I32, I64, I64, I32, I32], I32, Note(-99)),
            new HostFunction(
                "test", "eleven", [I32, I64, F32, F64, I32, I32, I32, I32, I32, I32, I32], F64, Note(BitConverter.DoubleToInt64Bits(55))),
            new HostFunction("test", "re_enter", [I32], I32, (caller, arguments) => reEnter?.Invoke(caller, (int)arguments[0]) ?? 0),
            new HostFunction("test", "poke", [I32, I32], null, (caller, arguments) =>
            {
                BitConverter.TryWriteBytes(caller.Memory(arguments[0], 4), (int)arguments[1]).ShouldBeTrue();
                return 0;
            }),
        ]);

        HostCallback Note(long result) => (_, arguments) =>
        {
            seen.Add(arguments.ToArray());
            return result;
        };
    }
}
