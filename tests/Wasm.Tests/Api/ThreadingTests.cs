using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Tests.Running;

namespace HeliosEdge.Wasm.Tests.Api;

/// <summary>A module is shared by threads that each have a store of their own.</summary>
public sealed class ThreadingTests
{
    [Fact]
    public void One_module_serves_eight_threads_with_a_store_each() =>
        Watchdog.Run(() =>
        {
            var module = new ModuleBuilder();
            var import = module.ImportFunction("env", "thread", [], Kinds.I32);
            module.Memory(1, 100);
            module.Global(ValueKind.I32, true, c => c.I32(0));
            module.Function("work", Kinds.I32, Kinds.I32, c =>
            {
                var i = c.Local(ValueKind.I32);
                c.Loop(l => l
                    .Get(i).I32(4).Emit(Op.I32Mul).I32(0xFFFC).Emit(Op.I32And)
                    .Get(i).I32(4).Emit(Op.I32Mul).I32(0xFFFC).Emit(Op.I32And).Access(Op.I32Load, 0)
                    .Call(import).Emit(Op.I32Add).Access(Op.I32Store, 0)
                    .GlobalGet(0).I32(1).Emit(Op.I32Add).GlobalSet(0)
                    .Get(i).I32(1).Emit(Op.I32Add).Tee(i).Get(0).Emit(Op.I32LtU).BrIf(0));
                c.GlobalGet(0);
            });
            module.Function("at", Kinds.I32, Kinds.I32, c => c.Get(0).Access(Op.I32Load, 0));
            module.Function("trap", Kinds.I32, Kinds.I32, c => c.Get(0).Get(0).Emit(Op.I32DivS));
            using var compiled = Module.Compile(module.Build());
            var failures = new System.Collections.Concurrent.ConcurrentQueue<Exception>();
            using var start = new Barrier(8);
            var threads = Enumerable.Range(1, 8).Select(number => new Thread(() =>
            {
                try
                {
                    start.SignalAndWait();
                    var linker = new Linker();
                    linker.DefineFunction("env", "thread", () => number);
                    for (var round = 0; round < 20; round++)
                    {
                        using var store = new Store();
                        var instance = linker.Instantiate(store, compiled);
                        instance.GetFunction("work")!.Invoke(WasmValue.FromI32(16_384))[0].I32.ShouldBe(16_384);
                        instance.GetFunction("work")!.Invoke(WasmValue.FromI32(16_384))[0].I32.ShouldBe(32_768);
                        instance.GetFunction("at")!.Invoke(WasmValue.FromI32(4 * number))[0].I32.ShouldBe(2 * number);
                        Should.Throw<TrapException>(() => { instance.GetFunction("trap")!.Invoke(WasmValue.FromI32(0)); });
                    }
                }
                catch (Exception exception)
                {
                    failures.Enqueue(exception);
                }
            })).ToArray();
            Array.ForEach(threads, thread => thread.Start());
            Array.ForEach(threads, thread => thread.Join());
            failures.ShouldBeEmpty();
        });

    [Fact]
    public void Modules_are_compiled_on_many_threads_at_once() =>
        Watchdog.Run(() =>
        {
            var results = new int[64];
            Parallel.For(0, results.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
            {
                var module = new ModuleBuilder();
                module.Function("value", [], Kinds.I32, c => c.I32(i));
                using var guest = new Guest(module);
                results[i] = guest.Call("value");
            });
            results.ShouldBe(Enumerable.Range(0, results.Length));
        });

    [Fact]
    public void A_store_may_be_used_by_one_thread_after_another() =>
        Watchdog.Run(() =>
        {
            var module = new ModuleBuilder();
            module.Global(ValueKind.I32, true, c => c.I32(0));
            module.Function("next", [], Kinds.I32, c => c.GlobalGet(0).I32(1).Emit(Op.I32Add).GlobalSet(0).GlobalGet(0));
            var self = 0;
            self = module.Function("endless", [], [], c => c.Call(self));
            using var guest = new Guest(module);
            for (var i = 1; i <= 20; i++)
            {
                // Stacks of different places and sizes: the limit must follow the thread.
                Watchdog.Run(
                    () =>
                    {
                        guest.Call("next").ShouldBe(i);
                        guest.Trap(TrapCode.StackExhausted, "endless");
                    },
                    stackBytes: i % 2 == 0 ? 256 * 1024 : 8 * 1024 * 1024);
            }
        });

    [Fact]
    public void A_module_that_was_disposed_while_instances_live_keeps_them_working()
    {
        var module = new ModuleBuilder();
        module.Function("one", [], Kinds.I32, c => c.I32(1));
        module.Function("two", [], Kinds.I32, c => c.I32(2));
        using var store = new Store();
        var compiled = Module.Compile(module.Build());
        var instance = new Linker().Instantiate(store, compiled);
        instance.GetFunction("one")!.Invoke()[0].I32.ShouldBe(1);
        compiled.Dispose();
        GC.Collect();
        instance.GetFunction("one")!.Invoke()[0].I32.ShouldBe(1);
        instance.GetFunction("two")!.Invoke()[0].I32.ShouldBe(2);
        Should.Throw<ObjectDisposedException>(() => { new Linker().Instantiate(store, compiled); });
    }
}
