using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Tests.Running;

namespace HeliosEdge.Wasm.Tests.Safety;

/// <summary>
/// Code that keeps memory's base and length at hand must notice that memory grew: by itself, in a callee, through a
/// table, in a host function, in another instance.
/// </summary>
public sealed class MemoryGrowthTests
{
    private const int PageSize = 65_536;

    public static TheoryData<string> Growers => ["itself", "callee", "callee of callee", "table", "host", "host through caller", "other instance"];

    [Theory]
    [MemberData(nameof(Growers))]
    public void An_access_past_the_old_end_works_after_growth_and_trapped_before(string grower)
    {
        using var guest = Build(grower);
        guest.Trap(TrapCode.MemoryOutOfBounds, "touch", PageSize);
        guest.Call("grow then touch", PageSize).ShouldBe(77);
        guest.Call("touch", PageSize).ShouldBe(77);
        guest.Trap(TrapCode.MemoryOutOfBounds, "touch", 2 * PageSize);
        guest.Trap(TrapCode.MemoryOutOfBounds, "touch", 2 * PageSize - 3);
        guest.Call("touch", 2 * PageSize - 4).ShouldBe(77);
    }

    [Theory]
    [MemberData(nameof(Growers))]
    public void A_loop_that_grows_sees_each_new_page_at_once_and_no_page_more(string grower)
    {
        using var guest = Build(grower);
        guest.Call("grow in loop", 10).ShouldBe(10);
        var memory = guest.Instance.GetMemory("memory")!;
        memory.Length.ShouldBe(11 * PageSize);
        for (var page = 1; page <= 10; page++)
        {
            memory.Slice(page * PageSize, 4).ToArray().ShouldBe([77, 0, 0, 0], $"page {page}");
        }

        guest.Trap(TrapCode.MemoryOutOfBounds, "touch", 11 * PageSize);
    }

    [Theory]
    [MemberData(nameof(Growers))]
    public void Growth_on_one_branch_alone_is_seen_on_both(string grower)
    {
        using var guest = Build(grower);
        guest.TrapOf(TrapCode.MemoryOutOfBounds, "grow if", WasmValue.FromI32(0), WasmValue.FromI32(PageSize));
        guest.Call("grow if", 1, PageSize).ShouldBe(77);
        guest.Call("grow if", 0, PageSize).ShouldBe(77);
        guest.Trap(TrapCode.MemoryOutOfBounds, "grow if", 0, 2 * PageSize);
        guest.Call("grow if", 1, 2 * PageSize).ShouldBe(77);
    }

    [Fact]
    public void What_was_written_before_growth_is_still_there_and_new_pages_are_zero()
    {
        using var guest = Build("itself");
        var memory = guest.Instance.GetMemory("memory")!;
        memory.Slice(0, PageSize).Fill(0xEE);
        guest.Call("grow then touch", PageSize).ShouldBe(77);
        memory.Slice(4, PageSize - 4).IndexOfAnyExcept((byte)0xEE).ShouldBe(-1);
        memory.Slice(PageSize + 4, PageSize - 4).IndexOfAnyExcept((byte)0).ShouldBe(-1);
    }

    [Fact]
    public void Growth_by_the_host_between_calls_is_seen()
    {
        using var guest = Build("itself");
        var memory = guest.Instance.GetMemory("memory")!;
        guest.Trap(TrapCode.MemoryOutOfBounds, "touch", 3 * PageSize);
        memory.TryGrow(3, out var old).ShouldBeTrue();
        old.ShouldBe(1u);
        memory.Pages.ShouldBe(4u);
        guest.Call("touch", 3 * PageSize).ShouldBe(77);
        guest.Trap(TrapCode.MemoryOutOfBounds, "touch", 4 * PageSize);
    }

    [Fact]
    public void Growth_past_the_maximum_or_past_4_GiB_is_refused_and_changes_nothing()
    {
        using var guest = new Guest(Growable(maximum: 3));
        guest.Call("grow", 3).ShouldBe(-1);
        guest.Call("grow", -1).ShouldBe(-1);
        guest.Call("grow", 65_536).ShouldBe(-1);
        guest.Call("grow", int.MinValue).ShouldBe(-1);
        guest.Call("size").ShouldBe(1);
        guest.Call("grow", 2).ShouldBe(1);
        guest.Call("grow", 0).ShouldBe(3);
        guest.Call("grow", 1).ShouldBe(-1);

        using var open = new Guest(Growable(maximum: null));
        open.Call("grow", 65_536).ShouldBe(-1);
        open.Call("grow", -1).ShouldBe(-1);
        open.Call("size").ShouldBe(1);
    }

    [Fact]
    public void Growth_in_a_deep_recursion_is_seen_in_every_frame_on_the_way_back()
    {
        var module = new ModuleBuilder();
        module.Memory(1, 20, "memory");
        var self = 0;
        self = module.Function("dig", Kinds.I32, Kinds.I32, c =>
        {
            // Each frame touches memory before it goes down; the deepest grows; each touches the new pages coming back.
            c.I32(0).Get(0).Access(Op.I32Store, 0);
            c.Get(0).If(
                t => t.Get(0).I32(1).Emit(Op.I32Sub).Call(self).Emit(Op.Drop),
                e => e.I32(9).MemoryGrow().Emit(Op.Drop));
            c.I32(9 * PageSize).Get(0).Access(Op.I32Store, 4);
            c.I32(9 * PageSize).Access(Op.I32Load, 4);
        });
        using var guest = new Guest(module);
        guest.Call("dig", 50).ShouldBe(50);
        guest.Instance.GetMemory("memory")!.Pages.ShouldBe(10u);
    }

    private static ModuleBuilder Growable(uint? maximum)
    {
        var module = new ModuleBuilder();
        module.Memory(1, maximum);
        module.Function("grow", Kinds.I32, Kinds.I32, c => c.Get(0).MemoryGrow());
        module.Function("size", [], Kinds.I32, c => c.MemorySize());
        return module;
    }

    private static Guest Build(string grower)
    {
        var module = new ModuleBuilder();
        var grow = grower switch
        {
            "host" => module.ImportFunction("env", "grow", [], []),
            "host through caller" => module.ImportFunction("env", "grow through caller", [], []),
            "other instance" => module.ImportFunction("other", "grow", [], []),
            _ => -1,
        };
        var shared = grower == "other instance";
        if (shared)
        {
            module.ImportMemory("other", "memory", 1);
            module.Export("memory", 2, 0);
        }
        else
        {
            module.Memory(1, export: "memory");
        }

        if (grow < 0)
        {
            grow = module.Function("inner", [], [], c => c.I32(1).MemoryGrow().Emit(Op.Drop));
        }

        var outer = grower == "callee of callee" ? module.Function("outer", [], [], c => c.Call(grow)) : grow;
        module.Table(ValueKind.FuncRef, 1);
        module.Elements(0, grow);

        void Grow(Code c)
        {
            switch (grower)
            {
                case "itself":
                    c.I32(1).MemoryGrow().Emit(Op.Drop);
                    break;
                case "table":
                    c.I32(0).CallIndirect(module.Type([], []));
                    break;
                default:
                    c.Call(outer);
                    break;
            }
        }

        static void Touch(Code c, Action<Code> address)
        {
            address(c);
            c.I32(77).Access(Op.I32Store, 0);
            address(c);
            c.Access(Op.I32Load, 0);
        }

        module.Type([], []);
        module.Function("touch", Kinds.I32, Kinds.I32, c => Touch(c, a => a.Get(0)));
        module.Function("grow then touch", Kinds.I32, Kinds.I32, c =>
        {
            Touch(c, a => a.I32(0));
            c.Emit(Op.Drop);
            Grow(c);
            Touch(c, a => a.Get(0));
        });
        module.Function("grow in loop", Kinds.I32, Kinds.I32, c =>
        {
            var i = c.Local(ValueKind.I32);
            c.Loop(l =>
            {
                l.Get(i).I32(PageSize).Emit(Op.I32Mul).I32(1).Access(Op.I32Store, 8);
                Grow(l);
                l.Get(i).I32(1).Emit(Op.I32Add).Set(i);
                Touch(l, a => a.Get(i).I32(PageSize).Emit(Op.I32Mul));
                l.Emit(Op.Drop).Get(i).Get(0).Emit(Op.I32LtU).BrIf(0);
            });
            c.Get(i);
        });
        module.Function("grow if", [ValueKind.I32, ValueKind.I32], Kinds.I32, c =>
        {
            Touch(c, a => a.I32(0));
            c.Emit(Op.Drop).Get(0).If(Grow);
            Touch(c, a => a.Get(1));
        });

        LinearMemory? memory = null;
        var guest = new Guest(module, (linker, store) =>
        {
            linker.DefineFunction("env", "grow", () =>
            {
                memory!.TryGrow(1, out _).ShouldBeTrue();
            });
            linker.DefineFunction("env", "grow through caller", (Caller caller) =>
            {
                caller.Memory!.TryGrow(1, out _).ShouldBeTrue();
            });
            if (shared)
            {
                var other = new ModuleBuilder();
                other.Memory(1, export: "memory");
                other.Function("grow", [], [], c => c.I32(1).MemoryGrow().Emit(Op.Drop));
                linker.DefineInstance("other", linker.Instantiate(store, Module.Compile(other.Build())));
            }
        });
        memory = guest.Instance.GetMemory("memory");
        return guest;
    }
}
