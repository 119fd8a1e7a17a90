using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Sandbox.Engines;

namespace HeliosEdge.Sandbox.Tests.Engines;

/// <summary>Calls of exports whose types are learnt at run time.</summary>
public sealed class InvokeTests
{
    private static readonly InstanceLimits Ample = new(8 << 20, 1_000, TimeSpan.FromSeconds(30));

    [Fact]
    public void Values_of_every_type_come_back_as_the_same_bits()
    {
        using var module = Guests.Compile("any_types");
        using var instance = module.Instantiate(Ample);

        Prop.ForAll<ulong, ulong>((low, high) =>
        {
            GuestValue[] values =
            [
                GuestValue.FromI32((int)low),
                GuestValue.FromI64((long)low),

                // Half of the numbers are infinities and NaNs, signalling ones too.
                new("f32", (uint)low | (high % 2 == 0 ? 0x7F80_0000u : 0u)),
                new("f64", low | (high % 2 == 0 ? 0x7FF0_0000_0000_0000ul : 0ul)),
                GuestValue.FromV128(new UInt128(high, low)),
            ];
            foreach (var value in values)
            {
                instance.Invoke(value.Type, [value]).ShouldHaveSingleItem().ShouldBe(value);
            }

            instance.Invoke("reversed", [.. values, .. values]).ShouldBe([.. values.Reverse(), .. values.Reverse()]);
            instance.Invoke("wrapped", [GuestValue.FromI64((long)low)]).ShouldHaveSingleItem().ShouldBe(GuestValue.FromI32((int)low));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void There_may_be_no_values_or_more_results_than_arguments()
    {
        using var module = Guests.Compile("any_types");
        using var instance = module.Instantiate(Ample);

        instance.Invoke("nothing", []).ShouldBeEmpty();
        instance.Invoke("three", []).ShouldBe([GuestValue.FromI64(-1), GuestValue.FromI32(-2), GuestValue.FromI64(-3)]);
    }

    [Fact]
    public void References_are_given_as_null_and_told_from_it()
    {
        using var module = Guests.Compile("any_types");
        using var instance = module.Instantiate(Ample);
        var (noFunction, noObject) = (new GuestValue("funcref", 0), new GuestValue("externref", 0));

        instance.Invoke("is_null", [noFunction, noObject]).ShouldBe([GuestValue.FromI32(1), GuestValue.FromI32(1)]);
        instance.Invoke("externref", [noObject]).ShouldHaveSingleItem().ShouldBe(noObject);
        instance.Invoke("no_function", []).ShouldHaveSingleItem().ShouldBe(noFunction);
        instance.Invoke("self", []).ShouldHaveSingleItem().ShouldBe(new GuestValue("funcref", 1));
    }

    [Fact]
    public void What_is_not_as_the_export_has_it_is_refused_by_name()
    {
        using var module = Guests.Compile("any_types");
        using var instance = module.Instantiate(Ample);

        Refused("other").ShouldContain("no function \"other\"");
        Refused("not_a_function").ShouldContain("no function \"not_a_function\"");
        Refused("i32").ShouldContain("\"i32\" takes 1 arguments, not 0");
        Refused("i32", GuestValue.FromI64(1)).ShouldContain("Argument 1 of \"i32\" is i32, not i64");
        Refused("externref", new GuestValue("externref", 1)).ShouldContain("only null can be given");
        instance.Invoke("i32", [GuestValue.FromI32(7)]).ShouldHaveSingleItem().AsI32.ShouldBe(7);

        string Refused(string export, params GuestValue[] arguments) =>
            Should.Throw<ArgumentException>(() => instance.Invoke(export, arguments)).Message;
    }

    [Fact]
    public void A_trap_is_one_as_in_other_calls()
    {
        using var module = Guests.Compile("any_types");
        using var instance = module.Instantiate(Ample);

        var trap = Should.Throw<GuestTrapException>(() => instance.Invoke("fail", [GuestValue.FromF64(1)]));
        (trap.Trap, trap.Message).ShouldBe((GuestTrap.Fault, "unreachable"));
        trap.Backtrace.ShouldBe(["fail"]);
    }

    [Fact]
    public void An_instance_that_was_given_back_is_not_called()
    {
        using var module = Guests.Compile("any_types");
        var instance = module.Instantiate(Ample);
        instance.Dispose();

        Should.Throw<ObjectDisposedException>(() => instance.Invoke("nothing", []));
    }

    [Fact]
    public void The_types_of_functions_are_taken_apart_and_no_others()
    {
        foreach (var type in new[] { "() -> ()", "(i32) -> ()", "() -> (f64)", "(i32, v128, funcref) -> (externref, i64)" })
        {
            FunctionSignature.Parse(type).ToString().ShouldBe(type);
        }

        FunctionSignature.Parse("(i32, f64) -> (i64)").Parameters.ShouldBe(["i32", "f64"]);
        FunctionSignature.Parse("() -> ()").Results.ShouldBeEmpty();
        foreach (var type in new[] { "", "memory 1..", "global mut i32", "table 10.. funcref", "i32) -> (" })
        {
            Should.Throw<ArgumentException>(() => FunctionSignature.Parse(type)).Message.ShouldContain($"\"{type}\"");
        }
    }
}
