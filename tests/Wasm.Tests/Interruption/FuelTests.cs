using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Tests.Running;

namespace HeliosEdge.Wasm.Tests.Interruption;

/// <summary>Fuel is used up exactly and the same way every time.</summary>
public sealed class FuelTests
{
    private const long Plenty = 1_000_000_000;

    private static readonly CompileOptions _metered = new() { MeterFuel = true };

    [Fact]
    public void Straight_code_costs_one_for_each_constant_and_nothing_for_dropping_it()
    {
        var module = new ModuleBuilder();
        for (var i = 0; i <= 50; i++)
        {
            var pairs = i;
            module.Function($"{i}", [], [], c =>
            {
                for (var p = 0; p < pairs; p++)
                {
                    c.I32(p).Emit(Op.Drop);
                }
            });
        }

        using var guest = new Guest(module, options: _metered);
        var least = Used(guest, "0");
        for (var i = 1; i <= 50; i++)
        {
            Used(guest, $"{i}").ShouldBe(least + i, $"{i} constants dropped");
        }
    }

    [Fact]
    public void A_loop_costs_the_same_for_each_round()
    {
        using var guest = Counting();
        var one = Used(guest, "count", 1);
        var two = Used(guest, "count", 2);
        var round = two - one;
        round.ShouldBe(7);
        foreach (var rounds in new[] { 3, 10, 1_000, 123_456 })
        {
            Used(guest, "count", rounds).ShouldBe(one + (round * (rounds - 1)), $"{rounds} rounds");
        }
    }

    [Fact]
    public void The_branch_that_is_taken_is_paid_and_the_other_is_not()
    {
        var module = new ModuleBuilder();
        module.Function("choose", Kinds.I32, [], c => c.Get(0).If(
            t => Pairs(t, 100),
            e => Pairs(e, 7)));
        module.Function("leave", Kinds.I32, [], c => c.Block(b =>
        {
            b.Get(0).BrIf(0);
            Pairs(b, 40);
        }));
        module.Function("switch", Kinds.I32, [], c => c.Block(outer =>
        {
            outer.Block(inner => inner.Get(0).BrTable([0], 1));
            Pairs(outer, 30);
        }));
        using var guest = new Guest(module, options: _metered);
        (Used(guest, "choose", 1) - Used(guest, "choose", 0)).ShouldBe(93);
        (Used(guest, "leave", 0) - Used(guest, "leave", 1)).ShouldBe(40);
        (Used(guest, "switch", 0) - Used(guest, "switch", 1)).ShouldBe(30);

        static void Pairs(Code code, int count)
        {
            for (var i = 0; i < count; i++)
            {
                code.I32(i).Emit(Op.Drop);
            }
        }
    }

    [Fact]
    public void A_call_costs_what_the_callee_costs_and_itself()
    {
        var module = new ModuleBuilder();
        module.Table(ValueKind.FuncRef, 1);
        var callee = module.Function("callee", Kinds.I32, Kinds.I32, c => c.Get(0).I32(3).Emit(Op.I32Mul).I32(4).Emit(Op.I32Add));
        module.Elements(0, callee);
        var type = module.Type(Kinds.I32, Kinds.I32);
        module.Function("none", Kinds.I32, Kinds.I32, c => c.Get(0));
        module.Function("once", Kinds.I32, Kinds.I32, c => c.Get(0).Call(callee));
        module.Function("twice", Kinds.I32, Kinds.I32, c => c.Get(0).Call(callee).Call(callee));
        module.Function("table", Kinds.I32, Kinds.I32, c => c.Get(0).I32(0).CallIndirect(type));
        using var guest = new Guest(module, options: _metered);
        var inner = Used(guest, "callee", 5);
        var none = Used(guest, "none", 5);
        Used(guest, "once", 5).ShouldBe(none + 1 + inner);
        Used(guest, "twice", 5).ShouldBe(none + 2 + (2 * inner));
        Used(guest, "table", 5).ShouldBe(none + 2 + inner);
    }

    [Theory]
    [InlineData("count", 1_000)]
    [InlineData("tree", 10)]
    [InlineData("memory", 100)]
    public void The_same_call_uses_the_same_fuel_in_every_store_and_every_time(string export, int argument)
    {
        using var first = Counting();
        var used = Used(first, export, argument);
        used.ShouldBeGreaterThan(argument);
        for (var i = 0; i < 100; i++)
        {
            Used(first, export, argument).ShouldBe(used);
        }

        using var second = Counting();
        Used(second, export, argument).ShouldBe(used);
    }

    [Theory]
    [InlineData("count", 1)]
    [InlineData("count", 1_000)]
    [InlineData("tree", 8)]
    [InlineData("memory", 10)]
    public void Exactly_enough_fuel_is_enough_and_one_less_is_not(string export, int argument)
    {
        using var guest = Counting();
        var used = Used(guest, export, argument);
        guest.Store.Fuel = used;
        guest.Call(export, argument);
        guest.Store.Fuel.ShouldBe(0);
        guest.Store.Fuel = used - 1;
        guest.Trap(TrapCode.OutOfFuel, export, argument);
        guest.Store.Fuel = used;
        guest.Call(export, argument);
        guest.Store.Fuel.ShouldBe(0);
    }

    [Fact]
    public void Without_fuel_nothing_runs_and_new_fuel_makes_the_store_work_again()
    {
        using var guest = Counting();
        guest.Store.Fuel = 0;
        guest.Trap(TrapCode.OutOfFuel, "count", 1);
        guest.Trap(TrapCode.OutOfFuel, "count", 1);
        guest.Store.Fuel = Plenty;
        guest.Call("count", 5).ShouldBe(5);
    }

    [Fact]
    public void An_endless_loop_and_endless_recursion_use_up_their_fuel() =>
        Watchdog.Run(() =>
        {
            using var guest = Counting();
            foreach (var fuel in new long[] { 1, 2, 3, 10, 1_000, 1_000_000 })
            {
                guest.Store.Fuel = fuel;
                guest.Trap(TrapCode.OutOfFuel, "endless");
            }

            guest.Store.Fuel = 1_000;
            guest.Trap(TrapCode.OutOfFuel, "recurse");
        });

    [Fact]
    public void A_store_that_ran_dry_did_not_do_what_it_could_not_pay()
    {
        using var guest = Counting();
        var cost = Used(guest, "memory", 10);
        var memory = guest.Instance.GetMemory("bytes")!;
        for (var fuel = 0L; fuel < cost; fuel++)
        {
            memory.Slice(0, 20).Clear();
            guest.Store.Fuel = fuel;
            guest.Trap(TrapCode.OutOfFuel, "memory", 10);

            // A round writes one byte and costs more than one instruction.
            (20 - memory.Slice(0, 20).Count((byte)0)).ShouldBeLessThanOrEqualTo((int)fuel / 2);
        }
    }

    [Fact]
    public void A_trap_pays_for_the_straight_run_that_it_stands_in_and_no_more()
    {
        var module = new ModuleBuilder();
        module.Function("trap", Kinds.I32, Kinds.I32, c => c
            .I32(1).Get(0).Emit(Op.I32DivS)
            .Get(0).BrIf(0)
            .I32(1).Emit(Op.I32Add).I32(1).Emit(Op.I32Add));
        using var guest = new Guest(module, options: _metered);
        guest.Store.Fuel = 1_000;
        guest.Trap(TrapCode.IntegerDivideByZero, "trap", 0);
        guest.Store.Fuel.ShouldBe(1_000 - 5);
    }

    [Fact]
    public void Instructions_that_do_nothing_at_run_time_are_free()
    {
        var module = new ModuleBuilder();
        module.Function("bare", [], Kinds.I32, c => c.I32(1));
        module.Function("wrapped", [], Kinds.I32, c => c
            .Emit(Op.Nop, Op.Nop)
            .Block(b => b.Loop(l => l.Block(i => i.Emit(Op.Nop))))
            .I32(1));
        using var guest = new Guest(module, options: _metered);
        Used(guest, "wrapped").ShouldBe(Used(guest, "bare"));
    }

    [Fact]
    public void Code_without_meters_leaves_the_fuel_alone()
    {
        using var guest = Counting(new CompileOptions { MeterFuel = false });
        guest.Store.Fuel = 7;
        guest.Call("count", 1_000).ShouldBe(1_000);
        guest.Store.Fuel.ShouldBe(7);
        guest.Store.Fuel = 0;
        guest.Call("count", 1_000).ShouldBe(1_000);
        guest.Store.Fuel.ShouldBe(0);
    }

    [Fact]
    public void Metered_code_without_interruption_counts_the_same()
    {
        using var interruptible = Counting();
        using var other = Counting(new CompileOptions { MeterFuel = true, Interruptible = false });
        foreach (var export in new[] { "count", "tree", "memory" })
        {
            Used(other, export, 9).ShouldBe(Used(interruptible, export, 9));
        }
    }

    private static Guest Counting(CompileOptions? options = null)
    {
        var module = new ModuleBuilder();
        module.Memory(1, export: "bytes");
        module.Function("count", Kinds.I32, Kinds.I32, c =>
        {
            var i = c.Local(ValueKind.I32);
            c.Loop(l => l.Get(i).I32(1).Emit(Op.I32Add).Tee(i).Get(0).Emit(Op.I32LtU).BrIf(0)).Get(i);
        });
        var self = 0;
        self = module.Function("tree", Kinds.I32, Kinds.I32, c => c
            .Get(0).If(
                t => t
                    .Get(0).I32(1).Emit(Op.I32Sub).Call(self)
                    .Get(0).I32(1).Emit(Op.I32Sub).Call(self).Emit(Op.I32Add),
                e => e.I32(1),
                ValueKind.I32));
        module.Function("memory", Kinds.I32, Kinds.I32, c =>
        {
            var i = c.Local(ValueKind.I32);
            c.Loop(l => l
                .Get(i).I32(1).Access(Op.I32Store8, 0)
                .Get(i).I32(1).Emit(Op.I32Add).Tee(i).Get(0).Emit(Op.I32LtU).BrIf(0)).Get(i);
        });
        module.Function("endless", [], [], c => c.Loop(l => l.Br(0)));
        var recurse = 0;
        recurse = module.Function("recurse", [], [], c => c.Call(recurse));
        return new Guest(module, options: options ?? _metered);
    }

    private static long Used(Guest guest, string export, params int[] arguments)
    {
        guest.Store.Fuel = Plenty;
        guest.Invoke(export, arguments.Select(WasmValue.FromI32).ToArray());
        return Plenty - guest.Store.Fuel;
    }
}
