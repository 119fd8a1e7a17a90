using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Tests.Running;

namespace HeliosEdge.Wasm.Tests.Interruption;

/// <summary>Nothing that a guest does keeps it running past its deadline.</summary>
public sealed class InterruptionTests
{
    private static readonly Dictionary<string, Action<ModuleBuilder>> _endless = new()
    {
        ["loop"] = m => m.Function("run", [], [], c => c.Loop(l => l.Br(0))),
        ["loop that counts"] = m => m.Function("run", [], [], c =>
        {
            var i = c.Local(ValueKind.I32);
            c.Loop(l => l.Get(i).I32(1).Emit(Op.I32Add).Set(i).Br(0));
        }),
        ["loop on a condition"] = m => m.Function("run", [], [], c =>
        {
            var i = c.Local(ValueKind.I32);
            c.Loop(l => l.Get(i).I32(2).Emit(Op.I32Add).Tee(i).I32(1).Emit(Op.I32Ne).BrIf(0));
        }),
        ["loop on a table of branches"] = m => m.Function("run", [], [], c =>
        {
            var i = c.Local(ValueKind.I32);
            c.Loop(outer => outer.Loop(inner => inner
                .Get(i).I32(1).Emit(Op.I32Add).Tee(i).I32(3).Emit(Op.I32RemU).BrTable([0, 1, 0], 1)));
        }),
        ["loops within loops"] = m => m.Function("run", [], [], c => c.Loop(a => a.Loop(b => b.Loop(d => d.Br(2))))),
        ["two loops that take turns"] = m => m.Function("run", [], [], c =>
        {
            var i = c.Local(ValueKind.I32);
            c.Loop(a => a
                .I32(100).Set(i)
                .Loop(b => b.Get(i).I32(1).Emit(Op.I32Sub).Tee(i).BrIf(0))
                .Br(0));
        }),
        ["loop with parameters and results"] = m =>
        {
            var type = m.Type(Kinds.I32, Kinds.I32);
            m.Function("run", [], [], c => c.I32(1).Emit(Op.Loop).Raw((byte)type).I32(1).Emit(Op.I32Add).Br(0).Emit(Op.End, Op.Drop));
        },
        ["loop with a way out that is never taken"] = m => m.Function("run", [], [], c => c.Block(b => b.Loop(l =>
            l.I32(0).BrIf(1).I32(0).If(t => t.Br(2)).Br(0)))),
        ["loop of calls"] = m =>
        {
            var leaf = m.Function(null, Kinds.I32, Kinds.I32, c => c.Get(0).I32(3).Emit(Op.I32Mul));
            m.Function("run", [], [], c => c.Loop(l => l.I32(5).Call(leaf).Emit(Op.Drop).Br(0)));
        },
        ["loop of calls through a table"] = m =>
        {
            m.Table(ValueKind.FuncRef, 1);
            var type = m.Type([], []);
            m.Elements(0, m.Function(null, [], [], c => c.Emit(Op.Nop)));
            m.Function("run", [], [], c => c.Loop(l => l.I32(0).CallIndirect(type).Br(0)));
        },
        ["tree of calls without a loop"] = m =>
        {
            var self = 0;
            self = m.Function("tree", Kinds.I32, [], c => c
                .Get(0).If(t => t
                    .Get(0).I32(1).Emit(Op.I32Sub).Call(self)
                    .Get(0).I32(1).Emit(Op.I32Sub).Call(self)));
            m.Function("run", [], [], c => c.I32(200).Call(self));
        },
        ["tree of calls through two functions"] = m =>
        {
            int odd = 0, even = 0;
            even = m.Function(null, Kinds.I32, Kinds.I32, c => c
                .Get(0).If(t => t.Get(0).I32(1).Emit(Op.I32Sub).Call(odd).Emit(Op.Drop).Get(0).I32(1).Emit(Op.I32Sub).Call(odd), e => e.I32(0), ValueKind.I32));
            odd = m.Function(null, Kinds.I32, Kinds.I32, c => c
                .Get(0).If(t => t.Get(0).I32(1).Emit(Op.I32Sub).Call(even).Emit(Op.Drop).Get(0).I32(1).Emit(Op.I32Sub).Call(even), e => e.I32(0), ValueKind.I32));
            m.Function("run", [], [], c => c.I32(200).Call(even).Emit(Op.Drop));
        },
        ["loop of huge fills"] = m =>
        {
            m.Memory(1024);
            m.Function("run", [], [], c => c.Loop(l => l.I32(0).I32(1).I32(1024 * 65_536).MemoryFill().Br(0)));
        },
        ["loop of huge copies"] = m =>
        {
            m.Memory(1024);
            m.Function("run", [], [], c => c.Loop(l => l.I32(1).I32(0).I32((1024 * 65_536) - 1).MemoryCopy().Br(0)));
        },
        ["loop of refused growth"] = m =>
        {
            m.Memory(1, 1);
            m.Function("run", [], [], c => c.Loop(l => l.I32(1).MemoryGrow().Emit(Op.Drop).Br(0)));
        },
        ["loop of stores"] = m =>
        {
            m.Memory(1);
            m.Function("run", [], [], c =>
            {
                var i = c.Local(ValueKind.I32);
                c.Loop(l => l
                    .Get(i).I32(0xFFFF).Emit(Op.I32And).Get(i).Access(Op.I32Store8, 0)
                    .Get(i).I32(1).Emit(Op.I32Add).Set(i).Br(0));
            });
        },
        ["loop of host calls"] = m =>
        {
            m.ImportFunction("env", "nothing", [], []);
            m.Function("run", [], [], c => c.Loop(l => l.Call(0).Br(0)));
        },
        ["loop in a callee of a loop"] = m =>
        {
            var inner = m.Function(null, [], [], c =>
            {
                var i = c.Local(ValueKind.I32);
                c.Times(i, 10, b => b.Emit(Op.Nop));
            });
            m.Function("run", [], [], c => c.Loop(l => l.Call(inner).Br(0)));
        },
        ["loop of vectors"] = m => m.Function("run", [], [], c =>
        {
            var v = c.Local(ValueKind.V128);
            c.Loop(l => l.Get(v).Get(v).Simd(174).Set(v).Br(0));
        }),
    };

    public static TheoryData<string> Endless => [.. _endless.Keys];

    [Theory]
    [MemberData(nameof(Endless))]
    public void A_deadline_ends_it_and_the_store_works_again(string program) =>
        Watchdog.Run(() =>
        {
            using var guest = Build(program);
            for (var i = 0; i < 2; i++)
            {
                guest.Store.SetDeadline(TimeSpan.FromMilliseconds(20));
                guest.Trap(TrapCode.Interrupted, "run");
                guest.Store.ClearDeadline();
                guest.Call("add", 40, 2).ShouldBe(42);
            }
        });

    [Theory]
    [MemberData(nameof(Endless))]
    public void An_interruption_by_another_thread_ends_it_and_the_store_works_again(string program) =>
        Watchdog.Run(() =>
        {
            using var guest = Build(program);
            using var timer = new Timer(_ => guest.Store.Interrupt(), null, 30, Timeout.Infinite);
            guest.Trap(TrapCode.Interrupted, "run");
            guest.Store.ClearDeadline();
            guest.Call("add", 40, 2).ShouldBe(42);
        });

    [Fact]
    public void A_deadline_in_the_future_does_not_touch_short_calls() =>
        Watchdog.Run(() =>
        {
            using var guest = Build("loop");
            for (var i = 0; i < 1_000; i++)
            {
                guest.Store.SetDeadline(TimeSpan.FromHours(1));
                guest.Call("add", i, 1).ShouldBe(i + 1);
                guest.Call("count", 1_000).ShouldBe(1_000);
            }
        });

    [Fact]
    public void A_deadline_that_has_passed_ends_the_next_call_at_once_until_it_is_cleared() =>
        Watchdog.Run(() =>
        {
            using var guest = Build("loop");
            guest.Store.SetDeadline(TimeSpan.FromMilliseconds(1));
            Thread.Sleep(100);
            guest.Trap(TrapCode.Interrupted, "count", 1_000);
            guest.Trap(TrapCode.Interrupted, "count", 1_000);
            guest.Store.SetDeadline(TimeSpan.FromHours(1));
            guest.Call("count", 1_000).ShouldBe(1_000);
            guest.Store.SetDeadline(TimeSpan.FromMilliseconds(1));
            Thread.Sleep(100);
            guest.Store.ClearDeadline();
            guest.Call("count", 1_000).ShouldBe(1_000);
        });

    [Fact]
    public void A_cleared_deadline_does_not_end_a_call_that_outlives_it() =>
        Watchdog.Run(() =>
        {
            using var guest = Build("loop of host calls", _ => Thread.Sleep(1));
            guest.Store.SetDeadline(TimeSpan.FromMilliseconds(30));
            guest.Store.ClearDeadline();
            guest.Call("host calls", 100).ShouldBe(100);
        });

    [Fact]
    public void A_deadline_reaches_the_guest_that_a_host_function_calls_back() =>
        Watchdog.Run(() =>
        {
            var module = new ModuleBuilder();
            var back = module.ImportFunction("env", "back", [], []);
            module.Function("spin", [], [], c => c.Loop(l => l.Br(0)));
            module.Function("run", [], [], c => c.Call(back));
            var traps = 0;
            using var guest = new Guest(module, (linker, _) => linker.DefineFunction("env", "back", (Caller caller) =>
            {
                caller.Store.SetDeadline(TimeSpan.FromMilliseconds(20));
                Should.Throw<TrapException>(() => { caller.Instance.GetFunction("spin")!.Invoke(); }).Code.ShouldBe(TrapCode.Interrupted);
                traps++;
                caller.Store.ClearDeadline();
            }));
            guest.Invoke("run");
            traps.ShouldBe(1);
        });

    [Fact]
    public void A_deadline_ends_a_start_function() =>
        Watchdog.Run(() =>
        {
            var module = new ModuleBuilder();
            module.Start(module.Function(null, [], [], c => c.Loop(l => l.Br(0))));
            using var compiled = Module.Compile(module.Build());
            using var store = new Store();
            store.SetDeadline(TimeSpan.FromMilliseconds(20));
            Should.Throw<TrapException>(() => { new Linker().Instantiate(store, compiled); }).Code.ShouldBe(TrapCode.Interrupted);
        });

    [Theory]
    [InlineData("fill")]
    [InlineData("copy up")]
    [InlineData("copy down")]
    public void A_single_bulk_instruction_over_all_of_memory_is_ended_too(string export) =>
        Watchdog.Run(() =>
        {
            // The whole would take a second and 4 GiB; the deadline comes first, or the machine would show it.
            var module = new ModuleBuilder();
            module.Memory(65_536);
            module.Function("fill", [], [], c => c.I32(0).I32(1).I32(-1).MemoryFill());
            module.Function("copy up", [], [], c => c.I32(8).I32(0).I32(-8).MemoryCopy());
            module.Function("copy down", [], [], c => c.I32(0).I32(8).I32(-8).MemoryCopy());
            module.Function("one", [], Kinds.I32, c => c.I32(1));
            using var guest = new Guest(module);
            guest.Store.Interrupt();
            guest.Trap(TrapCode.Interrupted, export);
            guest.Store.ClearDeadline();
            guest.Call("one").ShouldBe(1);
            guest.Store.SetDeadline(TimeSpan.FromMilliseconds(20));
            guest.Trap(TrapCode.Interrupted, export);
            guest.Store.ClearDeadline();
            guest.Call("one").ShouldBe(1);
        });

    [Fact]
    public void Stores_have_deadlines_of_their_own() =>
        Watchdog.Run(() =>
        {
            using var stopped = Build("loop");
            using var free = Build("loop");
            stopped.Store.SetDeadline(TimeSpan.FromMilliseconds(20));
            stopped.Trap(TrapCode.Interrupted, "run");
            free.Call("count", 1_000_000).ShouldBe(1_000_000);
            stopped.Trap(TrapCode.Interrupted, "count", 1_000);
        });

    [Fact]
    public void A_module_compiled_without_interruption_ignores_a_deadline() =>
        Watchdog.Run(() =>
        {
            using var guest = Build("loop", options: new CompileOptions { Interruptible = false });
            guest.Store.SetDeadline(TimeSpan.FromMilliseconds(1));
            Thread.Sleep(50);
            guest.Call("count", 100_000).ShouldBe(100_000);
        });

    [Fact]
    public void Many_stores_with_deadlines_at_once_are_each_ended() =>
        Watchdog.Run(() =>
        {
            using var module = Module.Compile(Bytes("loop"));
            var traps = 0;
            var threads = Enumerable.Range(0, 8).Select(i => new Thread(() =>
            {
                using var store = new Store();
                var instance = new Linker().Instantiate(store, module);
                for (var round = 0; round < 5; round++)
                {
                    store.SetDeadline(TimeSpan.FromMilliseconds(5 + i));
                    try
                    {
                        instance.GetFunction("run")!.Invoke();
                    }
                    catch (TrapException trap) when (trap.Code == TrapCode.Interrupted)
                    {
                        Interlocked.Increment(ref traps);
                    }
                }
            })).ToArray();
            Array.ForEach(threads, thread => thread.Start());
            Array.ForEach(threads, thread => thread.Join());
            traps.ShouldBe(40);
        });

    private static byte[] Bytes(string program)
    {
        var module = new ModuleBuilder();
        _endless[program](module);
        module.Function("add", Kinds.Many(ValueKind.I32, 2), Kinds.I32, c => c.Get(0).Get(1).Emit(Op.I32Add));
        module.Function("count", Kinds.I32, Kinds.I32, c =>
        {
            var i = c.Local(ValueKind.I32);
            c.Loop(l => l.Get(i).I32(1).Emit(Op.I32Add).Tee(i).Get(0).Emit(Op.I32LtU).BrIf(0)).Get(i);
        });
        if (program == "loop of host calls")
        {
            module.Function("host calls", Kinds.I32, Kinds.I32, c =>
            {
                var i = c.Local(ValueKind.I32);
                c.Loop(l => l.Call(0).Get(i).I32(1).Emit(Op.I32Add).Tee(i).Get(0).Emit(Op.I32LtU).BrIf(0)).Get(i);
            });
        }

        return module.Build();
    }

    private static Guest Build(string program, Action<Caller>? host = null, CompileOptions? options = null) =>
        new(
            Bytes(program),
            (linker, _) => linker.DefineFunction("env", "nothing", host ?? (_ => { })),
            options: options);
}
