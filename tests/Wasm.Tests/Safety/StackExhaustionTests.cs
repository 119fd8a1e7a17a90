using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Tests.Running;

namespace HeliosEdge.Wasm.Tests.Safety;

/// <summary>
/// However a guest recurses and however small the thread's stack is, it traps; a process that overflows its stack is
/// gone, and this test run with it.
/// </summary>
[Trait("Category", "Slow")]
public sealed class StackExhaustionTests
{
    private const int KiB = 1024;

    public static TheoryData<int> StackSizes => [256 * KiB, 512 * KiB, 1024 * KiB, 1600 * KiB, 16 * 1024 * KiB];

    public static TheoryData<string, int> EveryRecursionOnEveryStack
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var kind in _recursions.Keys)
            {
                foreach (var size in new[] { 256, 512, 1024, 1600, 2048, 16 * 1024 })
                {
                    data.Add(kind, size * KiB);
                }
            }

            return data;
        }
    }

    private static readonly Dictionary<string, Action<ModuleBuilder, int>> _recursions = new()
    {
        ["direct"] = (m, _) =>
        {
            var self = 0;
            self = m.Function("recurse", Kinds.I32, Kinds.I32, c => c.Get(0).I32(1).Emit(Op.I32Add).Call(self).I32(1).Emit(Op.I32Add));
        },
        ["direct in tail position"] = (m, _) =>
        {
            var self = 0;
            self = m.Function("recurse", Kinds.I32, Kinds.I32, c => c.Get(0).I32(1).Emit(Op.I32Add).Call(self));
        },
        ["returning a call"] = (m, _) =>
        {
            var self = 0;
            self = m.Function("recurse", Kinds.I32, Kinds.I32, c => c.Get(0).Call(self).Emit(Op.Return).Get(0));
        },
        ["without parameters"] = (m, _) =>
        {
            var inner = 0;
            inner = m.Function(null, [], [], c => c.Call(inner));
            m.Function("recurse", Kinds.I32, Kinds.I32, c => c.Call(inner).Get(0));
        },
        ["mutual"] = (m, _) =>
        {
            int second = 0, third = 0;
            var first = m.Function("recurse", Kinds.I32, Kinds.I32, c => c.Get(0).Call(second));
            second = m.Function(null, Kinds.I32, Kinds.I32, c => c.Get(0).Emit(Op.I64ExtendI32U).Call(third).Emit(Op.I32WrapI64));
            third = m.Function(null, Kinds.I64, Kinds.I64, c => c.Get(0).Emit(Op.I32WrapI64).Call(first).Emit(Op.I64ExtendI32S));
        },
        ["through a table"] = (m, _) =>
        {
            m.Table(ValueKind.FuncRef, 1);
            var type = m.Type(Kinds.I32, Kinds.I32);
            m.Elements(0, m.Function("recurse", Kinds.I32, Kinds.I32, c => c.Get(0).I32(0).CallIndirect(type).I32(1).Emit(Op.I32Add)));
        },
        ["through the host"] = (m, host) => m.Function("recurse", Kinds.I32, Kinds.I32, c => c.Get(0).Call(host).I32(1).Emit(Op.I32Add)),
        ["through the host and itself"] = (m, host) =>
        {
            var self = 0;
            self = m.Function("recurse", Kinds.I32, Kinds.I32, c => c
                .Get(0).I32(1).Emit(Op.I32Add).Tee(0).I32(7).Emit(Op.I32And)
                .If(t => t.Get(0).Call(self), e => e.Get(0).Call(host), ValueKind.I32));
        },
        ["many locals"] = (m, _) => Locals(m, ValueKind.I64, 1_000),
        ["very many locals"] = (m, _) => Locals(m, ValueKind.I64, 20_000),
        ["as many locals as a frame has room for"] = (m, _) => Locals(m, ValueKind.I64, 32_000),
        ["many vectors"] = (m, _) => Locals(m, ValueKind.V128, 2_000),
        ["as many vectors as a frame has room for"] = (m, _) => Locals(m, ValueKind.V128, 16_000),
        ["to a leaf with as many vectors"] = (m, _) =>
        {
            var leaf = m.Function(null, [], [], c =>
            {
                var first = c.Locals(16_000, ValueKind.V128);
                for (var i = 0; i < 16_000; i++)
                {
                    c.Get(first + i).Emit(Op.Drop);
                }
            });
            var self = 0;
            self = m.Function("recurse", Kinds.I32, Kinds.I32, c => c.Call(leaf).Get(0).Call(self).I32(1).Emit(Op.I32Add));
        },
        ["very many operations"] = (m, _) =>
        {
            var self = 0;
            self = m.Function("recurse", Kinds.I32, Kinds.I32, c =>
            {
                c.Get(0).Call(self);
                for (var i = 0; i < 30_000; i++)
                {
                    c.Get(0).Emit(i % 2 == 0 ? Op.I32Xor : Op.I32Mul);
                }
            });
        },
        ["many references"] = (m, _) => Locals(m, ValueKind.ExternRef, 5_000),
        ["many operands"] = (m, _) =>
        {
            var self = 0;
            self = m.Function("recurse", Kinds.I32, Kinds.I32, c =>
            {
                for (var i = 0; i < 2_000; i++)
                {
                    c.Get(0).I32(i).Emit(Op.I32Mul);
                }

                c.Get(0).Call(self);
                for (var i = 0; i < 2_000; i++)
                {
                    c.Emit(Op.I32Xor);
                }
            });
        },
        ["many parameters and results"] = (m, _) =>
        {
            const int Count = 300;
            var self = 0;
            self = m.Function(null, Kinds.Many(ValueKind.I64, Count), Kinds.Many(ValueKind.I64, Count), c =>
            {
                for (var i = 0; i < Count; i++)
                {
                    c.Get(i);
                }

                c.Call(self);
            });
            m.Function("recurse", Kinds.I32, Kinds.I32, c =>
            {
                for (var i = 0; i < Count; i++)
                {
                    c.I64(i);
                }

                c.Call(self);
                for (var i = 0; i < Count; i++)
                {
                    c.Emit(Op.Drop);
                }

                c.I32(1);
            });
        },
        ["in a loop"] = (m, _) =>
        {
            var self = 0;
            self = m.Function("recurse", Kinds.I32, Kinds.I32, c => c.Loop(l => l.Get(0).Call(self).BrIf(0)).Get(0));
        },
    };

    [Theory]
    [MemberData(nameof(EveryRecursionOnEveryStack))]
    public void Endless_recursion_traps_and_leaves_the_store_usable(string recursion, int stackBytes)
    {
        Watchdog.Run(
            () =>
            {
                using var guest = Build(_recursions[recursion]);
                for (var i = 0; i < 3; i++)
                {
                    guest.Trap(TrapCode.StackExhausted, "recurse", 1).Message.ShouldStartWith("call stack exhausted");
                    guest.Call("add", 20, 22).ShouldBe(42);
                }
            },
            stackBytes: stackBytes);
    }

    [Theory]
    [MemberData(nameof(StackSizes))]
    public void A_store_with_a_large_stack_limit_traps_on_any_threads_stack(int stackBytes)
    {
        Watchdog.Run(
            () =>
            {
                // Larger than most of these stacks, and no larger: every collection that another test sets off scans each frame on it.
                using var guest = Build(_recursions["direct"], new StoreLimits { MaxStackBytes = 4 * 1024 * KiB });
                guest.Trap(TrapCode.StackExhausted, "recurse", 1);
                guest.Call("add", 20, 22).ShouldBe(42);
            },
            stackBytes: stackBytes);
    }

    [Fact]
    public void A_smaller_stack_limit_stops_recursion_sooner()
    {
        var small = DepthReached(64 * KiB);
        var large = DepthReached(768 * KiB);
        small.ShouldBeGreaterThan(50);
        large.ShouldBeGreaterThan(2 * small);
    }

    [Fact]
    public void Recursion_that_fits_is_not_stopped()
    {
        var module = new ModuleBuilder();
        var self = 0;
        self = module.Function("sum", Kinds.I32, Kinds.I32, c => c
            .Get(0).If(t => t.Get(0).Get(0).I32(1).Emit(Op.I32Sub).Call(self).Emit(Op.I32Add), e => e.I32(0), ValueKind.I32));
        Watchdog.Run(
            () =>
            {
                using var guest = new Guest(module);
                guest.Call("sum", 2_000).ShouldBe(2_001_000);
            },
            stackBytes: 4 * 1024 * KiB);
    }

    [Theory]
    [InlineData(256 * KiB)]
    [InlineData(1024 * KiB)]
    public void A_big_function_compiled_near_the_end_of_the_stack_runs_or_traps(int stackBytes)
    {
        Watchdog.Run(
            () =>
            {
                var most = DeepestDescent();
                most.ShouldBeGreaterThan(10);

                // Each round has a module of its own, so that the big function meets the machine-code compiler there.
                var outcomes = new HashSet<string>();
                foreach (var depth in Enumerable.Range(0, 25).Select(i => Math.Max(1, most - (i * most / 40))))
                {
                    using var guest = new Guest(Descent(big: true));
                    try
                    {
                        guest.Call("descend", depth).ShouldBe(BigResult(depth));
                        outcomes.Add("ran");
                    }
                    catch (TrapException trap)
                    {
                        trap.Code.ShouldBe(TrapCode.StackExhausted, $"at depth {depth} of {most}");
                        outcomes.Add("trapped");
                    }

                    guest.Call("ok").ShouldBe(1);
                }

                outcomes.ShouldNotBeEmpty();
            },
            seconds: 180,
            stackBytes: stackBytes);
    }

    [Fact]
    public void Recursion_in_a_start_function_traps_instantiation()
    {
        var module = new ModuleBuilder();
        var self = 0;
        self = module.Function(null, [], [], c => c.Call(self));
        module.Start(self);
        Watchdog.Run(
            () => { Should.Throw<TrapException>(() => new Guest(module)).Code.ShouldBe(TrapCode.StackExhausted); },
            stackBytes: 256 * KiB);
    }

    [Fact]
    public void A_host_function_can_catch_the_trap_of_the_guest_that_it_called_back()
    {
        var module = new ModuleBuilder();
        var attempt = module.ImportFunction("env", "attempt", [], Kinds.I32);
        var self = 0;
        self = module.Function("endless", [], [], c => c.Call(self));
        module.Function("run", [], Kinds.I32, c => c.Call(attempt));
        Watchdog.Run(
            () =>
            {
                using var guest = new Guest(module, (linker, _) => linker.DefineFunction("env", "attempt", (Caller caller) =>
                {
                    var trap = Should.Throw<TrapException>(() => { caller.Instance.GetFunction("endless")!.Invoke(); });
                    return trap.Code == TrapCode.StackExhausted ? 5 : 0;
                }));
                guest.Call("run").ShouldBe(5);
                guest.Call("run").ShouldBe(5);
            },
            stackBytes: 512 * KiB);
    }

    [Fact]
    public void Two_instances_that_call_each_other_endlessly_trap()
    {
        var first = new ModuleBuilder();
        first.Table(ValueKind.FuncRef, 1, export: "table");
        var type = first.Type(Kinds.I32, Kinds.I32);
        first.Function("call", Kinds.I32, Kinds.I32, c => c.Get(0).I32(0).CallIndirect(type));
        var second = new ModuleBuilder();
        var import = second.ImportFunction("first", "call", Kinds.I32, Kinds.I32);
        second.Function("back", Kinds.I32, Kinds.I32, c => c.Get(0).Call(import).I32(1).Emit(Op.I32Add));
        Watchdog.Run(
            () =>
            {
                using var guest = new Guest(first);
                using var compiled = Module.Compile(second.Build());
                var linker = new Linker();
                linker.DefineInstance("first", guest.Instance);
                var other = linker.Instantiate(guest.Store, compiled);
                guest.Instance.GetTable("table")![0] = WasmValue.FromFuncRef(other.GetFunction("back"));
                guest.Trap(TrapCode.StackExhausted, "call", 1);
                guest.Trap(TrapCode.StackExhausted, "call", 1);
            },
            stackBytes: 256 * KiB);
    }

    private static void Locals(ModuleBuilder module, ValueKind kind, int count)
    {
        var self = 0;
        self = module.Function("recurse", Kinds.I32, Kinds.I32, c =>
        {
            var first = c.Locals((uint)count, kind);
            if (kind == ValueKind.I64)
            {
                // Every local lives across the call, so that none can be optimised away.
                for (var i = 0; i < count; i++)
                {
                    c.Get(0).Emit(Op.I64ExtendI32S).Set(first + i);
                }

                c.Get(0).Call(self).Emit(Op.I64ExtendI32S);
                for (var i = 0; i < count; i++)
                {
                    c.Get(first + i).Emit(Op.I64Add);
                }

                c.Emit(Op.I32WrapI64);
            }
            else
            {
                c.Get(0).Call(self);
                for (var i = 0; i < count; i++)
                {
                    c.Get(first + i).Emit(Op.Drop);
                }
            }
        });
    }

    private static Guest Build(Action<ModuleBuilder, int> recursion, StoreLimits? limits = null)
    {
        var module = new ModuleBuilder();
        var host = module.ImportFunction("env", "back", Kinds.I32, Kinds.I32);
        recursion(module, host);
        module.Function("add", Kinds.Many(ValueKind.I32, 2), Kinds.I32, c => c.Get(0).Get(1).Emit(Op.I32Add));
        return new Guest(
            module,
            (linker, _) => linker.DefineFunction(
                "env",
                "back",
                (Caller caller, int value) => caller.Instance.GetFunction("recurse")!.Invoke(WasmValue.FromI32(value))[0].I32),
            limits);
    }

    private static int DepthReached(int maxStackBytes) =>
        Watchdog.Run(
            () =>
            {
                var module = new ModuleBuilder();
                module.Global(ValueKind.I32, true, c => c.I32(0), "depth");
                var self = 0;
                self = module.Function("recurse", [], [], c => c
                    .GlobalGet(0).I32(1).Emit(Op.I32Add).GlobalSet(0).Call(self));
                using var guest = new Guest(module, limits: new StoreLimits { MaxStackBytes = maxStackBytes });
                guest.Trap(TrapCode.StackExhausted, "recurse");
                return guest.Instance.GetGlobal("depth")!.Value.I32;
            },
            stackBytes: 16 * 1024 * KiB);

    private static int DeepestDescent()
    {
        using var guest = new Guest(Descent(big: false));
        int reached = 1, refused = 10_000_000;
        while (refused - reached > 1)
        {
            var middle = reached + ((refused - reached) / 2);
            try
            {
                guest.Call("descend", middle);
                reached = middle;
            }
            catch (TrapException)
            {
                refused = middle;
            }
        }

        return reached;
    }

    private static ModuleBuilder Descent(bool big)
    {
        var module = new ModuleBuilder();
        var leaf = module.Function("leaf", Kinds.I32, Kinds.I32, c =>
        {
            c.Get(0);
            for (var i = 0; big && i < 3_000; i++)
            {
                c.I32(i).Emit(Op.I32Add).Get(0).Emit(Op.I32Mul).If(t => t.Get(0).I32(i).Emit(Op.I32Xor), e => e.Get(0), ValueKind.I32);
            }
        });
        var self = 0;
        self = module.Function("descend", Kinds.I32, Kinds.I32, c => c
            .Get(0).If(t => t.Get(0).I32(1).Emit(Op.I32Sub).Call(self).I32(1).Emit(Op.I32Add), e => e.I32(3).Call(leaf), ValueKind.I32));
        module.Function("ok", [], Kinds.I32, c => c.I32(1));
        return module;
    }

    private static int BigResult(int depth)
    {
        var value = 3;
        for (var i = 0; i < 3_000; i++)
        {
            value = unchecked((value + i) * 3) != 0 ? 3 ^ i : 3;
        }

        return value + depth;
    }
}
