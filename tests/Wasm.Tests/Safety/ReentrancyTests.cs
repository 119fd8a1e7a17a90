using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Tests.Running;

namespace HeliosEdge.Wasm.Tests.Safety;

/// <summary>Host functions that come back into stores, from this thread and from others, and in the middle of things.</summary>
public sealed class ReentrancyTests
{
    [Theory]
    [InlineData(256 * 1024)]
    [InlineData(1600 * 1024)]
    [InlineData(8 * 1024 * 1024)]
    public void Two_stores_that_call_each_other_endlessly_trap(int stackBytes) =>
        Watchdog.Run(
            () =>
            {
                Guest? first = null;
                Guest? second = null;
                using (first = new Guest(Caller(), (linker, _) => linker.DefineFunction("env", "other", () => { second!.Invoke("run"); })))
                using (second = new Guest(Caller(), (linker, _) => linker.DefineFunction("env", "other", () => { first!.Invoke("run"); })))
                {
                    for (var i = 0; i < 3; i++)
                    {
                        first.Trap(TrapCode.StackExhausted, "run");
                        second.Trap(TrapCode.StackExhausted, "run");
                        first.Call("one").ShouldBe(1);
                        second.Call("one").ShouldBe(1);
                    }
                }
            },
            stackBytes: stackBytes);

    [Fact]
    public void Another_thread_is_kept_out_of_a_store_in_use() =>
        Watchdog.Run(() =>
        {
            Exception? refused = null;
            Guest? guest = null;
            using (guest = new Guest(Caller(), (linker, _) => linker.DefineFunction("env", "other", () =>
            {
                var thread = new Thread(() => refused = Record.Exception(() => guest!.Call("one")));
                thread.Start();
                thread.Join();
            })))
            {
                guest.Invoke("run");
                refused.ShouldBeOfType<InvalidOperationException>();
                guest.Call("one").ShouldBe(1);
            }
        });

    [Fact]
    public void A_store_is_not_disposed_under_a_running_call()
    {
        Guest? guest = null;
        using (guest = new Guest(Caller(), (linker, _) => linker.DefineFunction("env", "other", () =>
        {
            Should.Throw<InvalidOperationException>(() => guest!.Store.Dispose());
        })))
        {
            guest.Invoke("run");
            guest.Call("one").ShouldBe(1);
        }
    }

    [Fact]
    public void A_host_function_can_interrupt_its_own_caller()
    {
        var module = new ModuleBuilder();
        var other = module.ImportFunction("env", "other", [], []);
        module.Function("run", [], [], c => c.Call(other).Loop(l => l.Br(0)));
        Watchdog.Run(() =>
        {
            using var guest = new Guest(module, (linker, store) => linker.DefineFunction("env", "other", store.Interrupt));
            guest.Trap(TrapCode.Interrupted, "run");
        });
    }

    [Fact]
    public void Several_results_survive_other_calls_and_instances_made_in_between()
    {
        // Results beyond the first travel through memory of the store: nobody else may write there before they are read.
        var many = new ModuleBuilder();
        many.Function("many", [], Kinds.Many(ValueKind.I64, 200), c =>
        {
            for (var i = 0; i < 200; i++)
            {
                c.I64(-i);
            }
        });
        using var manyModule = Module.Compile(many.Build());

        var module = new ModuleBuilder();
        ValueKind[] three = [ValueKind.I32, ValueKind.ExternRef, ValueKind.F64];
        var other = module.ImportFunction("env", "other", Kinds.I32, three);
        var pair = module.Function("pair", Kinds.I32, three, c => c.Get(0).Call(other));
        module.Function("run", Kinds.I32, [ValueKind.I32, ValueKind.ExternRef, ValueKind.F64, ValueKind.I32], c => c
            .Get(0).Call(pair)
            .Get(0).I32(1).Emit(Op.I32Add).Call(pair).Emit(Op.Drop, Op.Drop));
        using var guest = new Guest(module, (linker, _) => linker.DefineFunction(
            "env",
            "other",
            new FunctionType([ValueKind.I32], [.. three]),
            (caller, arguments, results) =>
            {
                var number = arguments[0].I32;
                if (number % 2 == 0)
                {
                    new Linker().Instantiate(caller.Store, manyModule).GetFunction("many")!.Invoke()[199].I64.ShouldBe(-199);
                }

                results[0] = WasmValue.FromI32(number);
                results[1] = WasmValue.FromExternRef($"object {number}");
                results[2] = WasmValue.FromF64(number / 2.0);
                if (number is > 10 and < 15)
                {
                    caller.Instance.GetFunction("pair")!.Invoke(WasmValue.FromI32(number + 5))[1].ExternRef.ShouldBe($"object {number + 5}");
                }
            }));
        for (var i = 0; i < 20; i++)
        {
            guest.Invoke("run", WasmValue.FromI32(i)).ShouldBe(
                [WasmValue.FromI32(i), WasmValue.FromExternRef($"object {i}"), WasmValue.FromF64(i / 2.0), WasmValue.FromI32(i + 1)],
                new ByText());
        }
    }

    [Fact]
    public void References_that_only_a_guest_holds_survive_garbage_collection()
    {
        var module = new ModuleBuilder();
        var collect = module.ImportFunction("env", "collect", [], []);
        var make = module.ImportFunction("env", "make", Kinds.I32, Kinds.ExternRef);
        module.Table(ValueKind.ExternRef, 2);
        module.Global(ValueKind.ExternRef, true, c => c.Zero(ValueKind.ExternRef));
        module.Function("run", [], Kinds.Many(ValueKind.ExternRef, 4), c =>
        {
            var local = c.Local(ValueKind.ExternRef);
            c.I32(1).Call(make).Set(local)
                .I32(0).I32(2).Call(make).TableSet(0)
                .I32(3).Call(make).GlobalSet(0)
                .I32(4).Call(make)
                .Call(collect)
                .Get(local).I32(0).TableGet(0).GlobalGet(0);
        });
        using var guest = new Guest(module, (linker, _) =>
        {
            linker.DefineFunction("env", "make", (int number) => (object?)new string('x', number));
            linker.DefineFunction("env", "collect", () =>
            {
                for (var i = 0; i < 3; i++)
                {
                    GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
                    GC.WaitForPendingFinalizers();
                }
            });
        });
        guest.Invoke("run").Select(value => value.ExternRef).ShouldBe(["xxxx", "x", "xx", "xxx"]);
    }

    private static ModuleBuilder Caller()
    {
        var module = new ModuleBuilder();
        var other = module.ImportFunction("env", "other", [], []);
        module.Function("run", [], [], c => c.Call(other));
        module.Function("one", [], Kinds.I32, c => c.I32(1));
        return module;
    }

    // Equal objects count as equal here: each call makes its own strings.
    private sealed class ByText : IEqualityComparer<WasmValue>
    {
        public bool Equals(WasmValue x, WasmValue y) => x.Kind == y.Kind && x.ToString() == y.ToString();

        public int GetHashCode(WasmValue value) => value.ToString().GetHashCode(StringComparison.Ordinal);
    }
}
