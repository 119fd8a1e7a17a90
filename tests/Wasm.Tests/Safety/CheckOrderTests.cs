using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Tests.Running;

namespace HeliosEdge.Wasm.Tests.Safety;

/// <summary>
/// Bounds checks may be merged or hoisted only where nobody can tell: what a guest wrote before the access that traps
/// stays written, what it would have written after does not appear.
/// </summary>
public sealed class CheckOrderTests
{
    private const int PageSize = 65_536;

    [Fact]
    public void Stores_before_the_one_that_traps_are_visible()
    {
        var module = new ModuleBuilder();
        module.Memory(1, export: "memory");
        module.Function("rising", Kinds.I32, [], c =>
        {
            for (var i = 0; i < 8; i++)
            {
                c.Get(0).I32(i + 1).Access(Op.I32Store8, (uint)i);
            }
        });
        module.Function("falling", Kinds.I32, [], c =>
        {
            for (var i = 7; i >= 0; i--)
            {
                c.Get(0).I32(i + 1).Access(Op.I32Store8, (uint)i);
            }
        });
        using var guest = new Guest(module);
        var memory = guest.Instance.GetMemory("memory")!;
        guest.Trap(TrapCode.MemoryOutOfBounds, "rising", PageSize - 5);
        memory.Slice(PageSize - 6, 6).ToArray().ShouldBe([0, 1, 2, 3, 4, 5]);
        memory.Slice(PageSize - 6, 6).Clear();
        guest.Trap(TrapCode.MemoryOutOfBounds, "falling", PageSize - 5);
        memory.Slice(PageSize - 6, 6).ToArray().ShouldBe(new byte[6]);
        guest.Invoke("falling", WasmValue.FromI32(PageSize - 8));
        memory.Slice(PageSize - 8, 8).ToArray().ShouldBe([1, 2, 3, 4, 5, 6, 7, 8]);
    }

    [Fact]
    public void The_trap_that_comes_first_is_the_one_that_comes_out()
    {
        // Both accesses are off one base, the second one outside; what lies between them traps in its own way.
        var module = new ModuleBuilder();
        module.Memory(1);
        module.Function("divide", Kinds.Many(ValueKind.I32, 2), Kinds.I32, c => c
            .Get(0).Access(Op.I32Load8U, 0)
            .I32(1).Get(1).Emit(Op.I32DivU).Emit(Op.I32Add)
            .Get(0).Access(Op.I32Load8U, 8).Emit(Op.I32Add));
        using var guest = new Guest(module);
        guest.Trap(TrapCode.IntegerDivideByZero, "divide", PageSize - 1, 0);
        guest.Trap(TrapCode.MemoryOutOfBounds, "divide", PageSize - 1, 1);
        guest.Trap(TrapCode.MemoryOutOfBounds, "divide", PageSize, 0);
        guest.Call("divide", PageSize - 9, 1).ShouldBe(1);
    }

    [Fact]
    public void A_loop_that_runs_off_the_end_writes_up_to_the_end()
    {
        var module = new ModuleBuilder();
        module.Memory(1, export: "memory");
        module.Function("run", [ValueKind.I32, ValueKind.I32], [], c => c.Loop(l => l
            .Get(0).I32(0xAB).Access(Op.I32Store8, 0)
            .Get(0).Get(1).Emit(Op.I32Add).Set(0)
            .Br(0)));
        using var guest = new Guest(module);
        var memory = guest.Instance.GetMemory("memory")!;
        guest.Trap(TrapCode.MemoryOutOfBounds, "run", PageSize - 1_000, 1);
        memory.Slice(0, PageSize - 1_000).IndexOfAnyExcept((byte)0).ShouldBe(-1);
        memory.Slice(PageSize - 1_000, 1_000).IndexOfAnyExcept((byte)0xAB).ShouldBe(-1);
        memory.Slice(0, PageSize).Clear();

        // Downwards from 99: address 0 is written, then -1 is outside.
        guest.Trap(TrapCode.MemoryOutOfBounds, "run", 99, -1);
        memory.Slice(0, 100).IndexOfAnyExcept((byte)0xAB).ShouldBe(-1);
        memory.Slice(100, PageSize - 100).IndexOfAnyExcept((byte)0).ShouldBe(-1);
    }

    [Fact]
    public void A_loop_with_a_known_count_writes_up_to_the_end_and_counts_right()
    {
        var module = new ModuleBuilder();
        module.Memory(1, export: "memory");
        module.Global(ValueKind.I32, true, c => c.I32(0), "rounds");
        module.Function("copy", [ValueKind.I32, ValueKind.I32, ValueKind.I32], [], c =>
        {
            var i = c.Local(ValueKind.I32);
            c.Block(b => b.Loop(l => l
                .Get(i).Get(2).Emit(Op.I32GeU).BrIf(1)
                .Get(1).Get(i).Emit(Op.I32Add)
                .Get(0).Get(i).Emit(Op.I32Add).Access(Op.I32Load8U, 0)
                .Access(Op.I32Store8, 0)
                .GlobalGet(0).I32(1).Emit(Op.I32Add).GlobalSet(0)
                .Get(i).I32(1).Emit(Op.I32Add).Set(i)
                .Br(0)));
        });
        using var guest = new Guest(module);
        var memory = guest.Instance.GetMemory("memory")!;
        var rounds = guest.Instance.GetGlobal("rounds")!;
        memory.Slice(0, 1_000).Fill(7);

        guest.Trap(TrapCode.MemoryOutOfBounds, "copy", 0, PageSize - 100, 200);
        rounds.Value.I32.ShouldBe(100);
        memory.Slice(PageSize - 100, 100).IndexOfAnyExcept((byte)7).ShouldBe(-1);

        rounds.Value = WasmValue.FromI32(0);
        guest.Trap(TrapCode.MemoryOutOfBounds, "copy", PageSize - 50, 5_000, 100);
        rounds.Value.I32.ShouldBe(50);

        // Not a single round: the bases may be anything.
        rounds.Value = WasmValue.FromI32(0);
        guest.Invoke("copy", WasmValue.FromI32(-1), WasmValue.FromI32(int.MinValue), WasmValue.FromI32(0));
        rounds.Value.I32.ShouldBe(0);
    }

    [Fact]
    public void A_base_that_changes_between_two_accesses_is_checked_again()
    {
        var module = new ModuleBuilder();
        module.Memory(1);
        module.Function("set", [ValueKind.I32, ValueKind.I32], Kinds.I32, c => c
            .Get(0).Access(Op.I32Load, 100).Emit(Op.Drop)
            .Get(1).Set(0)
            .Get(0).Access(Op.I32Load, 0));
        module.Function("tee", [ValueKind.I32, ValueKind.I32], Kinds.I32, c => c
            .Get(0).Access(Op.I32Load, 100).Emit(Op.Drop)
            .Get(1).Tee(0).Access(Op.I32Load, 0).Emit(Op.Drop)
            .Get(0).Access(Op.I32Load, 0));
        module.Function("branch", [ValueKind.I32, ValueKind.I32, ValueKind.I32], Kinds.I32, c => c
            .Get(0).Access(Op.I32Load, 100).Emit(Op.Drop)
            .Get(2).If(t => t.Get(1).Set(0))
            .Get(0).Access(Op.I32Load, 0));
        module.Function("checked on one branch", [ValueKind.I32, ValueKind.I32], Kinds.I32, c => c
            .Get(1).If(t => t.Get(0).Access(Op.I32Load, 100).Emit(Op.Drop))
            .Get(0).Access(Op.I32Load, 0));
        module.Function("loop", [ValueKind.I32, ValueKind.I32], Kinds.I32, c =>
        {
            var sum = c.Local(ValueKind.I32);
            c.Get(0).Access(Op.I32Load, 100).Emit(Op.Drop).Loop(l => l
                .Get(0).Access(Op.I32Load, 0).Get(sum).Emit(Op.I32Add).Set(sum)
                .Get(0).I32(0x1000).Emit(Op.I32Add).Set(0)
                .Get(1).I32(1).Emit(Op.I32Sub).Tee(1).BrIf(0));
            c.Get(sum);
        });
        module.Function("skipped", [ValueKind.I32, ValueKind.I32], Kinds.I32, c => c
            .Block(b => b
                .Get(1).BrIf(0)
                .Get(0).Access(Op.I32Load, 100).Emit(Op.Drop))
            .Get(0).Access(Op.I32Load, 0));
        using var guest = new Guest(module);
        foreach (var name in new[] { "set", "tee" })
        {
            guest.Call(name, 0, 8).ShouldBe(0);
            guest.Trap(TrapCode.MemoryOutOfBounds, name, 0, PageSize);
            guest.Trap(TrapCode.MemoryOutOfBounds, name, 0, -4);
            guest.Trap(TrapCode.MemoryOutOfBounds, name, PageSize - 103, 0);
        }

        guest.Call("branch", 0, -1, 0).ShouldBe(0);
        guest.Trap(TrapCode.MemoryOutOfBounds, "branch", 0, -1, 1);
        guest.Call("checked on one branch", PageSize - 4, 0).ShouldBe(0);
        guest.Trap(TrapCode.MemoryOutOfBounds, "checked on one branch", PageSize - 4, 1);
        guest.Trap(TrapCode.MemoryOutOfBounds, "checked on one branch", PageSize - 3, 0);
        guest.Call("loop", 0, 16).ShouldBe(0);
        guest.Trap(TrapCode.MemoryOutOfBounds, "loop", 0, 17);
        guest.Call("skipped", PageSize - 4, 1).ShouldBe(0);
        guest.Trap(TrapCode.MemoryOutOfBounds, "skipped", PageSize - 3, 1);
        guest.Trap(TrapCode.MemoryOutOfBounds, "skipped", PageSize - 4, 0);
    }

    [Fact]
    public void Addresses_computed_in_32_bits_wrap_before_the_offset_is_added()
    {
        var module = new ModuleBuilder();
        module.Memory(1);
        module.Data(16, 42);
        module.Function("sum", [ValueKind.I32, ValueKind.I32], Kinds.I32, c => c
            .Get(0).Get(1).Emit(Op.I32Add).Access(Op.I32Load8U, 16));
        module.Function("constant", Kinds.I32, Kinds.I32, c => c
            .Get(0).I32(16).Emit(Op.I32Add).Access(Op.I32Load8U, 0));
        module.Function("shift", Kinds.I32, Kinds.I32, c => c
            .Get(0).I32(2).Emit(Op.I32Shl).Access(Op.I32Load8U, 16));
        module.Function("widened", Kinds.I64, Kinds.I32, c => c
            .Get(0).Emit(Op.I32WrapI64).Access(Op.I32Load8U, 16));
        using var guest = new Guest(module);
        guest.Call("sum", -1, 1).ShouldBe(42);
        guest.Call("sum", int.MinValue, int.MinValue).ShouldBe(42);
        guest.Trap(TrapCode.MemoryOutOfBounds, "sum", -1, 0);
        guest.Trap(TrapCode.MemoryOutOfBounds, "sum", int.MaxValue, 1);
        guest.Call("constant", 0).ShouldBe(42);
        guest.Call("constant", -16).ShouldBe(0);
        guest.Trap(TrapCode.MemoryOutOfBounds, "constant", -17);
        guest.Call("shift", 0x4000_0000).ShouldBe(42);
        guest.Trap(TrapCode.MemoryOutOfBounds, "shift", -1);
        guest.Invoke("widened", WasmValue.FromI64(0x1_0000_0000))[0].I32.ShouldBe(42);
        guest.TrapOf(TrapCode.MemoryOutOfBounds, "widened", WasmValue.FromI64(0xFFFF_FFFF));
    }

    [Fact]
    public void Operands_are_evaluated_before_the_bounds_check()
    {
        // The value of a store is computed, with its effects, although the address is outside.
        var module = new ModuleBuilder();
        module.Memory(1);
        module.Global(ValueKind.I32, true, c => c.I32(0), "effect");
        var effect = module.Function(null, [], Kinds.I32, c => c.I32(1).GlobalSet(0).I32(5));
        module.Function("store", Kinds.I32, [], c => c.Get(0).Call(effect).Access(Op.I32Store, 0));
        module.Function("grow in value", [], Kinds.I32, c => c
            .I32(PageSize).I32(1).MemoryGrow().Access(Op.I32Store, 0)
            .I32(PageSize).Access(Op.I32Load, 0));
        using var guest = new Guest(module);
        guest.Trap(TrapCode.MemoryOutOfBounds, "store", -1);
        guest.Instance.GetGlobal("effect")!.Value.I32.ShouldBe(1);

        // Memory grows while the store's value is computed, so the address is inside when the store happens.
        guest.Call("grow in value").ShouldBe(1);
    }
}
