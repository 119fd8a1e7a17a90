using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Tests.Running;

namespace HeliosEdge.Wasm.Tests.Safety;

/// <summary>No byte of one store is ever seen by another, whatever is kept and used again.</summary>
public sealed class IsolationTests
{
    private const int PageSize = 65_536;

    [Theory]
    [InlineData(1u, null, 0)]
    [InlineData(1u, 1u, 0)]
    [InlineData(1u, null, 3)]
    [InlineData(4u, 4u, 0)]
    [InlineData(4u, 8u, 4)]
    [InlineData(5u, null, 1)]
    [InlineData(17u, null, 1)]
    [InlineData(0u, null, 2)]
    public void A_new_memory_is_zero_although_the_ones_before_it_were_written_all_over(uint pages, uint? maximum, int growth)
    {
        using var module = Module.Compile(Filling(pages, maximum));
        for (var round = 0; round < 20; round++)
        {
            using var store = new Store();
            var instance = new Linker().Instantiate(store, module);
            var memory = instance.GetMemory("memory")!;
            memory.Pages.ShouldBe(pages);
            AllZero(memory, $"round {round}, before growth");

            // Every other round grows, so that regions of both kinds come back.
            if (growth > 0 && round % 2 == 0)
            {
                instance.GetFunction("grow")!.Invoke(WasmValue.FromI32(growth))[0].I32.ShouldBe((int)pages);
                AllZero(memory, $"round {round}, after growth");
            }

            instance.GetFunction("fill")!.Invoke();
            memory.Slice(0, (int)memory.Length).IndexOfAnyExcept((byte)0xEE).ShouldBe(-1);
            Should.Throw<TrapException>(() => { instance.GetFunction("load")!.Invoke(WasmValue.FromI32((int)memory.Length)); })
                .Code.ShouldBe(TrapCode.MemoryOutOfBounds);
        }
    }

    [Fact]
    public void A_guest_cannot_read_past_its_memory_what_a_larger_one_left_there()
    {
        using var large = Module.Compile(Filling(4, 4));
        using var small = Module.Compile(Filling(1, 4));
        for (var round = 0; round < 10; round++)
        {
            using (var store = new Store())
            {
                new Linker().Instantiate(store, large).GetFunction("fill")!.Invoke();
            }

            using var other = new Store();
            var instance = new Linker().Instantiate(other, small);
            Should.Throw<TrapException>(() => { instance.GetFunction("load")!.Invoke(WasmValue.FromI32(PageSize)); });
            instance.GetFunction("grow")!.Invoke(WasmValue.FromI32(3))[0].I32.ShouldBe(1);
            AllZero(instance.GetMemory("memory")!, $"round {round}");
        }
    }

    [Fact]
    public void Memories_that_live_at_the_same_time_share_nothing()
    {
        using var module = Module.Compile(Filling(2, 4));
        for (var round = 0; round < 3; round++)
        {
            var stores = Enumerable.Range(0, 50).Select(_ => new Store()).ToArray();
            var memories = stores.Select(store => new Linker().Instantiate(store, module).GetMemory("memory")!).ToArray();
            for (var i = 0; i < memories.Length; i++)
            {
                AllZero(memories[i], $"round {round}, memory {i}");
                memories[i].Slice(0, 2 * PageSize).Fill((byte)(i + 1));
            }

            for (var i = 0; i < memories.Length; i++)
            {
                memories[i].Slice(0, 2 * PageSize).IndexOfAnyExcept((byte)(i + 1)).ShouldBe(-1);
            }

            Array.ForEach(stores, store => store.Dispose());
        }
    }

    [Fact]
    public void Stores_made_and_dropped_on_many_threads_at_once_share_nothing() =>
        Watchdog.Run(() =>
        {
            using var module = Module.Compile(Filling(1, null));
            var failures = new System.Collections.Concurrent.ConcurrentQueue<Exception>();
            Parallel.For(0, 8, thread =>
            {
                try
                {
                    for (var round = 0; round < 200; round++)
                    {
                        using var store = new Store();
                        var memory = new Linker().Instantiate(store, module).GetMemory("memory")!;
                        AllZero(memory, $"thread {thread}, round {round}");
                        memory.Slice(0, PageSize).Fill((byte)(thread + 1));
                        Thread.Yield();
                        memory.Slice(0, PageSize).IndexOfAnyExcept((byte)(thread + 1)).ShouldBe(-1);
                    }
                }
                catch (Exception exception)
                {
                    failures.Enqueue(exception);
                }
            });
            failures.ShouldBeEmpty();
        });

    [Fact]
    public void Stores_that_were_never_disposed_give_their_memory_back_clean()
    {
        using var module = Module.Compile(Filling(1, 2));
        for (var round = 0; round < 10; round++)
        {
            Forget(module);
            GC.Collect();
            GC.WaitForPendingFinalizers();
            using var store = new Store();
            AllZero(new Linker().Instantiate(store, module).GetMemory("memory")!, $"round {round}");
        }
    }

    [Fact]
    public void Globals_and_tables_start_anew_in_every_instance()
    {
        var module = new ModuleBuilder();
        module.Global(ValueKind.I64, true, c => c.I64(5), "number");
        module.Global(ValueKind.ExternRef, true, c => c.Zero(ValueKind.ExternRef), "object");
        module.Table(ValueKind.ExternRef, 4, export: "objects");
        module.Function("change", Kinds.ExternRef, [], c => c
            .I64(6).GlobalSet(0)
            .Get(0).GlobalSet(1)
            .I32(2).Get(0).TableSet(0));
        using var compiled = Module.Compile(module.Build());
        for (var round = 0; round < 10; round++)
        {
            using var store = new Store();
            for (var i = 0; i < 3; i++)
            {
                var instance = new Linker().Instantiate(store, compiled);
                instance.GetGlobal("number")!.Value.I64.ShouldBe(5);
                instance.GetGlobal("object")!.Value.ExternRef.ShouldBeNull();
                instance.GetTable("objects")![2].ExternRef.ShouldBeNull();
                instance.GetFunction("change")!.Invoke(WasmValue.FromExternRef("left behind"));
            }
        }
    }

    private static byte[] Filling(uint pages, uint? maximum)
    {
        var module = new ModuleBuilder();
        module.Memory(pages, maximum, "memory");
        module.Function("grow", Kinds.I32, Kinds.I32, c => c.Get(0).MemoryGrow());
        module.Function("fill", [], [], c => c.I32(0).I32(0xEE).MemorySize().I32(16).Emit(Op.I32Shl).MemoryFill());
        module.Function("load", Kinds.I32, Kinds.I32, c => c.Get(0).Access(Op.I32Load8U, 0));
        return module.Build();
    }

    private static void Forget(Module module) => new Linker().Instantiate(new Store(), module).GetFunction("fill")!.Invoke();

    private static void AllZero(LinearMemory memory, string when) =>
        memory.Slice(0, (int)memory.Length).IndexOfAnyExcept((byte)0).ShouldBe(-1, when);
}
