using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Tests.Running;

namespace HeliosEdge.Wasm.Tests.Limits;

/// <summary>Memories and tables grow no further than their store lets them.</summary>
public sealed class StoreLimitTests
{
    private const int PageSize = 65_536;

    [Fact]
    public void Memory_growth_past_the_stores_limit_is_refused_and_changes_nothing()
    {
        using var guest = Memory(1, new StoreLimits { MaxMemoryBytes = 3 * PageSize });
        guest.Call("grow", 3).ShouldBe(-1);
        guest.Call("size").ShouldBe(1);
        guest.Call("grow", 1).ShouldBe(1);
        guest.Call("grow", 2).ShouldBe(-1);
        guest.Call("grow", 1).ShouldBe(2);
        guest.Call("grow", 1).ShouldBe(-1);
        guest.Call("grow", 0).ShouldBe(3);
        guest.Instance.GetMemory("memory")!.TryGrow(1, out _).ShouldBeFalse();
        guest.Instance.GetMemory("memory")!.Length.ShouldBe(3 * PageSize);
        guest.Trap(TrapCode.MemoryOutOfBounds, "load", 3 * PageSize);
    }

    [Fact]
    public void A_limit_that_is_no_multiple_of_a_page_is_not_exceeded()
    {
        using var guest = Memory(1, new StoreLimits { MaxMemoryBytes = (3 * PageSize) - 1 });
        guest.Call("grow", 2).ShouldBe(-1);
        guest.Call("grow", 1).ShouldBe(1);
        guest.Call("grow", 1).ShouldBe(-1);
    }

    [Fact]
    public void A_module_that_starts_with_more_than_the_limit_is_not_instantiated()
    {
        var memory = Should.Throw<ResourceLimitException>(() => { Memory(4, new StoreLimits { MaxMemoryBytes = 3 * PageSize }).Dispose(); });
        (memory.Limit, memory.Requested, memory.Maximum).ShouldBe((nameof(StoreLimits.MaxMemoryBytes), 4 * PageSize, 3 * PageSize));
        memory.Message.ShouldContain($"{4 * PageSize}");
        memory.Message.ShouldContain($"{3 * PageSize}");
        var table = Should.Throw<ResourceLimitException>(() => { Table(11, new StoreLimits { MaxTableElements = 10 }).Dispose(); });
        (table.Limit, table.Requested, table.Maximum).ShouldBe((nameof(StoreLimits.MaxTableElements), 11, 10));
    }

    [Fact]
    public void A_store_holds_as_many_instances_as_it_is_told()
    {
        using var module = Module.Compile(Build(1));
        using var store = new Store(new StoreLimits { MaxInstances = 3 });
        for (var i = 0; i < 3; i++)
        {
            new Linker().Instantiate(store, module);
        }

        var exception = Should.Throw<ResourceLimitException>(() => { new Linker().Instantiate(store, module); });
        exception.Limit.ShouldBe(nameof(StoreLimits.MaxInstances));
    }

    [Fact]
    public void Limits_that_make_no_sense_are_refused()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => { _ = new Store(new StoreLimits { MaxMemoryBytes = -1 }); });
        Should.Throw<ArgumentOutOfRangeException>(() => { _ = new Store(new StoreLimits { MaxTableElements = -1 }); });
        Should.Throw<ArgumentOutOfRangeException>(() => { _ = new Store(new StoreLimits { MaxStackBytes = (64 << 10) - 1 }); });
        Should.Throw<ArgumentOutOfRangeException>(() => { _ = new Store(new StoreLimits { MaxStackBytes = (256 << 20) + 1 }); });
    }

    [Fact]
    public void A_refused_growth_is_told_to_the_host()
    {
        using var guest = Memory(1, new StoreLimits { MaxMemoryBytes = 2 * PageSize });
        guest.Store.MemoryLimitReached.ShouldBeFalse();
        guest.Call("grow", 1).ShouldBe(1);
        guest.Store.MemoryLimitReached.ShouldBeFalse();
        guest.Call("grow", 1).ShouldBe(-1);
        guest.Store.MemoryLimitReached.ShouldBeTrue();
        using var table = Table(2, new StoreLimits { MaxTableElements = 3 });
        table.Store.TableLimitReached.ShouldBeFalse();
        table.Call("grow", 2).ShouldBe(-1);
        table.Store.TableLimitReached.ShouldBeTrue();
    }

    [Fact]
    public void A_host_cannot_exceed_the_limits_by_accident_either()
    {
        using var store = new Store(new StoreLimits { MaxMemoryBytes = PageSize, MaxTableElements = 10 });
        Should.Throw<ResourceLimitException>(() => { _ = new LinearMemory(store, 2, null); });
        Should.Throw<ResourceLimitException>(() => { _ = new Table(store, ValueKind.FuncRef, 11, null); });
        new LinearMemory(store, 1, null).TryGrow(1, out _).ShouldBeFalse();
        new Table(store, ValueKind.ExternRef, 10, null).TryGrow(1, WasmValue.FromExternRef(null), out _).ShouldBeFalse();
    }

    [Fact]
    public void Table_growth_past_the_stores_limit_is_refused_and_changes_nothing()
    {
        using var guest = Table(2, new StoreLimits { MaxTableElements = 10 });
        guest.Call("grow", 9).ShouldBe(-1);
        guest.Call("grow", -1).ShouldBe(-1);
        guest.Call("size").ShouldBe(2);
        guest.Call("grow", 8).ShouldBe(2);
        guest.Call("grow", 1).ShouldBe(-1);
        guest.Call("size").ShouldBe(10);
    }

    [Fact]
    public void Memory_limits_count_for_each_memory()
    {
        using var store = new Store(new StoreLimits { MaxMemoryBytes = 2 * PageSize });
        using var module = Module.Compile(Build(1));
        for (var i = 0; i < 20; i++)
        {
            var instance = new Linker().Instantiate(store, module);
            instance.GetFunction("grow")!.Invoke(WasmValue.FromI32(1))[0].I32.ShouldBe(1);
            instance.GetFunction("grow")!.Invoke(WasmValue.FromI32(1))[0].I32.ShouldBe(-1);
        }
    }

    [Fact]
    public void A_disposed_stores_memory_is_not_handed_out()
    {
        var guest = Memory(1);
        var memory = guest.Instance.GetMemory("memory")!;
        var load = guest.Function("load");
        guest.Store.Dispose();
        guest.Store.Dispose();
        Should.Throw<ObjectDisposedException>(() => { memory.Slice(0, 1); });
        Should.Throw<ObjectDisposedException>(() => { load.Invoke(WasmValue.FromI32(0)); });
        Should.Throw<ObjectDisposedException>(() => { memory.TryGrow(1, out _); });
        guest.Dispose();
    }

    private static byte[] Build(uint pages)
    {
        var module = new ModuleBuilder();
        module.Memory(pages, export: "memory");
        module.Function("grow", Kinds.I32, Kinds.I32, c => c.Get(0).MemoryGrow());
        module.Function("size", [], Kinds.I32, c => c.MemorySize());
        module.Function("load", Kinds.I32, Kinds.I32, c => c.Get(0).Access(Op.I32Load8U, 0));
        return module.Build();
    }

    private static Guest Memory(uint pages, StoreLimits? limits = null) => new(Build(pages), limits: limits);

    private static Guest Table(uint size, StoreLimits limits)
    {
        var module = new ModuleBuilder();
        module.Table(ValueKind.FuncRef, size);
        module.Function("grow", Kinds.I32, Kinds.I32, c => c.Zero(ValueKind.FuncRef).Get(0).TableGrow());
        module.Function("size", [], Kinds.I32, c => c.TableSize());
        return new Guest(module, limits: limits);
    }
}
