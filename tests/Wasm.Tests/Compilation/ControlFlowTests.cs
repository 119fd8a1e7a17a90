using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Tests.Running;

namespace HeliosEdge.Wasm.Tests.Compilation;

/// <summary>Values that wait on the operand stack while control flow goes on above them keep what they were.</summary>
public sealed class ControlFlowTests
{
    [Fact]
    public void A_loops_parameter_keeps_its_value_when_a_branch_to_the_loop_is_not_taken()
    {
        var module = new ModuleBuilder();
        var type = module.Type(Kinds.I32, Kinds.I32);
        module.Function("run", Kinds.I32, Kinds.I32, c => c
            .I32(5)
            .Emit(Op.Loop).Raw((byte)type)
            .Block(b => b.I32(7).Get(0).I32(0).Set(0).BrIf(1).Emit(Op.Drop))
            .Emit(Op.End));
        using var guest = new Guest(module);
        guest.Call("run", 0).ShouldBe(5);
        guest.Call("run", 1).ShouldBe(7);
    }

    [Fact]
    public void A_loops_parameters_change_places_without_mixing()
    {
        // Each round hands over the two parameters the other way round.
        var module = new ModuleBuilder();
        var type = module.Type(Kinds.Many(ValueKind.I32, 2), Kinds.Many(ValueKind.I32, 2));
        module.Function("run", Kinds.I32, Kinds.I32, c =>
        {
            var a = c.Local(ValueKind.I32);
            var b = c.Local(ValueKind.I32);
            c.I32(1).I32(1_000).Emit(Op.Loop).Raw((byte)type)
                .Set(b).Set(a)
                .Get(b).Get(a)
                .Get(0).I32(1).Emit(Op.I32Sub).Tee(0).BrIf(0)
                .Emit(Op.End)
                .Emit(Op.I32Sub);
        });
        using var guest = new Guest(module);
        guest.Call("run", 1).ShouldBe(999);
        guest.Call("run", 2).ShouldBe(-999);
        guest.Call("run", 7).ShouldBe(999);
    }

    [Fact]
    public void Operands_below_a_block_are_untouched_by_what_the_block_sets()
    {
        var module = new ModuleBuilder();
        module.Function("run", Kinds.Many(ValueKind.I32, 2), Kinds.I32, c => c
            .Get(0)
            .Block(b => b.Get(1).BrIf(0).I32(100).Set(0))
            .Get(0).Emit(Op.I32Sub));
        module.Function("tee", Kinds.I32, Kinds.I32, c => c
            .Get(0).Get(0).I32(1).Emit(Op.I32Add).Tee(0).Emit(Op.I32Mul).Get(0).Emit(Op.I32Add));
        module.Function("call", Kinds.I32, Kinds.I32, c => c
            .Get(0).I32(9).Set(0).Get(0).I32(8).Set(0).Emit(Op.I32Sub).Get(0).Emit(Op.I32Add));
        using var guest = new Guest(module);
        guest.Call("run", 3, 1).ShouldBe(0);
        guest.Call("run", 3, 0).ShouldBe(-97);
        guest.Call("tee", 6).ShouldBe((6 * 7) + 7);
        guest.Call("call", 20).ShouldBe(20 - 9 + 8);
    }

    [Fact]
    public void An_ifs_parameters_reach_both_parts_and_its_end()
    {
        var module = new ModuleBuilder();
        var type = module.Type(Kinds.Many(ValueKind.I32, 2), Kinds.Many(ValueKind.I32, 2));
        module.Function("run", Kinds.Many(ValueKind.I32, 3), Kinds.I32, c => c
            .Get(0).Get(1).Get(2).Emit(Op.If).Raw((byte)type)
            .I32(10).Emit(Op.I32Mul)
            .Emit(Op.Else)
            .I32(50).Set(0).I32(1).Emit(Op.I32Add)
            .Emit(Op.End).Emit(Op.I32Sub).Get(0).Emit(Op.I32Add));
        module.Function("no else", Kinds.Many(ValueKind.I32, 3), Kinds.I32, c => c
            .Get(0).Get(1).Get(2).Emit(Op.If).Raw((byte)type)
            .I32(10).Emit(Op.I32Mul)
            .Emit(Op.End).Emit(Op.I32Sub));
        using var guest = new Guest(module);
        guest.Call("run", 3, 4, 1).ShouldBe(3 - 40 + 3);
        guest.Call("run", 3, 4, 0).ShouldBe(3 - 5 + 50);
        guest.Call("no else", 3, 4, 1).ShouldBe(-37);
        guest.Call("no else", 3, 4, 0).ShouldBe(-1);
    }

    [Fact]
    public void A_table_of_branches_hands_its_values_to_the_label_it_takes_alone()
    {
        var module = new ModuleBuilder();
        module.Function("run", Kinds.I32, Kinds.I32, c => c
            .Block(
                outer => outer
                    .Block(
                        inner => inner.I32(7).Get(0).BrTable([0, 1], 0),
                        ValueKind.I32)
                    .I32(100).Emit(Op.I32Add),
                ValueKind.I32));
        using var guest = new Guest(module);
        guest.Call("run", 0).ShouldBe(107);
        guest.Call("run", 1).ShouldBe(7);
        guest.Call("run", 2).ShouldBe(107);
        guest.Call("run", -1).ShouldBe(107);
    }
}
