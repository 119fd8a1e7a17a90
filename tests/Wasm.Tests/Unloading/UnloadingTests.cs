using System.Diagnostics;
using System.Runtime.CompilerServices;
using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Tests.Running;
using Xunit.Abstractions;

namespace HeliosEdge.Wasm.Tests.Unloading;

/// <summary>A module that nobody uses gives its memory back.</summary>
[Collection(UnloadingCollection.Name)]
public sealed class UnloadingTests(ITestOutputHelper output)
{
    private const int MiB = 1 << 20;

    [Fact]
    public void A_thousand_modules_loaded_and_dropped_leave_the_working_set_flat() =>
        Watchdog.Run(
            () =>
            {
                var bytes = Working(functions: 30);
                var before = AssembliesAlive();
                RunMany(bytes, 300);
                Settle();
                var after300 = WorkingSet();
                RunMany(bytes, 700);
                Settle();
                var after1000 = WorkingSet();
                var alive = AssembliesAlive();
                output.WriteLine($"working set {after300 / MiB} MiB after 300 modules, {after1000 / MiB} MiB after 1,000");
                output.WriteLine($"assemblies {before} before, {alive} after");
                (after1000 - after300).ShouldBeLessThan(25 * MiB);
                alive.ShouldBeLessThanOrEqualTo(before + 20);
            },
            seconds: 300);

    [Fact]
    public void Modules_that_are_forgotten_without_being_disposed_are_unloaded_too() =>
        Watchdog.Run(
            () =>
            {
                var bytes = Working(functions: 20);
                var before = AssembliesAlive();
                for (var i = 0; i < 100; i++)
                {
                    Forget(bytes);
                }

                Settle();
                AssembliesAlive().ShouldBeLessThanOrEqualTo(before + 20);
            },
            seconds: 120);

    [Fact]
    public void Memories_of_disposed_stores_are_given_back_at_once()
    {
        // 60 stores with 64 MiB touched each would show in the working set if they were kept.
        var module = new ModuleBuilder();
        module.Memory(4096, 4096);
        module.Function("touch", [], [], c => c.I32(0).I32(1).I32(64 * MiB).MemoryFill());
        using var compiled = Module.Compile(module.Build());
        var before = WorkingSet();
        for (var i = 0; i < 60; i++)
        {
            using var store = new Store();
            new Linker().Instantiate(store, compiled).GetFunction("touch")!.Invoke();
        }

        (WorkingSet() - before).ShouldBeLessThan(200L * MiB);
    }

    [Fact]
    public void A_thousand_instances_of_one_module_reserve_address_space_and_no_memory()
    {
        var module = new ModuleBuilder();
        module.Memory(1);
        module.Function("one", [], Kinds.I32, c => c.I32(1));
        using var compiled = Module.Compile(module.Build());
        var before = WorkingSet();
        var stores = new List<Store>();
        for (var i = 0; i < 1_000; i++)
        {
            var store = new Store();
            stores.Add(store);
            new Linker().Instantiate(store, compiled).GetFunction("one")!.Invoke()[0].I32.ShouldBe(1);
        }

        (WorkingSet() - before).ShouldBeLessThan(200L * MiB);
        stores.ForEach(store => store.Dispose());
    }

    [Fact]
    public void Modules_that_are_refused_leave_nothing_behind()
    {
        var module = new ModuleBuilder();
        for (var i = 0; i < 200; i++)
        {
            module.Function(null, Kinds.I32, Kinds.I32, c => c.Get(0).I32(3).Emit(Op.I32Mul));
        }

        module.Function(null, [], Kinds.I32, c => c.I64(1));
        var bytes = module.Build();
        var before = AssembliesAlive();
        for (var i = 0; i < 200; i++)
        {
            Should.Throw<InvalidModuleException>(() => Module.Compile(bytes).Dispose());
        }

        Settle();
        AssembliesAlive().ShouldBeLessThanOrEqualTo(before + 20);
    }

    private static byte[] Working(int functions)
    {
        var module = new ModuleBuilder();
        module.Memory(2, 10, "memory");
        module.Table(ValueKind.FuncRef, 4);
        var host = module.ImportFunction("env", "host", Kinds.I32, Kinds.I32);
        var type = module.Type(Kinds.I32, Kinds.I32);
        for (var f = 0; f < functions; f++)
        {
            var number = f;
            module.Function($"f{f}", Kinds.I32, Kinds.I32, c =>
            {
                var i = c.Local(ValueKind.I32);
                c.Times(i, 3, l => l
                    .Get(i).Get(0).Access(Op.I32Store, (uint)number)
                    .Get(i).Access(Op.I32Load, (uint)number).Call(host).I32(0).CallIndirect(type).Set(0));
                c.Get(0);
            });
        }

        module.Elements(0, module.Function(null, Kinds.I32, Kinds.I32, c => c.Get(0).I32(1).Emit(Op.I32Add)));
        module.Function("trap", [], [], c => c.Emit(Op.Unreachable));
        return module.Build();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RunMany(byte[] bytes, int count)
    {
        for (var i = 0; i < count; i++)
        {
            RunOne(bytes);
            if (i % 50 == 49)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RunOne(byte[] bytes)
    {
        using var guest = new Guest(bytes, (linker, _) => linker.DefineFunction("env", "host", (int a) => a + 1));
        for (var f = 0; f < 5; f++)
        {
            guest.Call($"f{f}", f).ShouldBe(f + 6);
        }

        guest.Function("f0").AsFunc<int, int>()(1).ShouldBe(7);
        guest.Trap(TrapCode.Unreachable, "trap").Backtrace.Length.ShouldBe(1);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forget(byte[] bytes)
    {
        var module = Module.Compile(bytes);
        var linker = new Linker();
        linker.DefineFunction("env", "host", (int a) => a);
        linker.Instantiate(new Store(), module).GetFunction("f0")!.Invoke(WasmValue.FromI32(1))[0].I32.ShouldBe(4);
    }

    private static void Settle()
    {
        // Collectible assemblies go in stages: their finalizers make the next stage's garbage.
        for (var i = 0; i < 10; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
    }

    private static long WorkingSet()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    private static int AssembliesAlive() => AppDomain.CurrentDomain.GetAssemblies().Length;
}
