using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Tests.Running;

namespace HeliosEdge.Wasm.Tests.Api;

/// <summary>A trap tells which guest functions were running.</summary>
public sealed class BacktraceTests
{
    [Fact]
    public void Functions_are_named_from_the_name_section_innermost_first()
    {
        var module = new ModuleBuilder();
        module.ImportFunction("env", "unused", [], []);
        var inner = module.Function(null, Kinds.I32, Kinds.I32, c => c.I32(1).Get(0).Emit(Op.I32DivS), "divide");
        var middle = module.Function(null, Kinds.I32, Kinds.I32, c => c.Get(0).Call(inner).I32(1).Emit(Op.I32Add), "middle");
        module.Function("run", Kinds.I32, Kinds.I32, c => c.Get(0).Call(middle).I32(1).Emit(Op.I32Add), "outermost");
        using var guest = new Guest(module, (linker, _) => linker.DefineFunction("env", "unused", () => { }));
        for (var i = 0; i < 50; i++)
        {
            var trap = guest.Trap(TrapCode.IntegerDivideByZero, "run", 0);
            trap.Backtrace.ShouldBe([new GuestFrame(1, "divide"), new GuestFrame(2, "middle"), new GuestFrame(3, "outermost")]);
            guest.Call("run", 1).ShouldBe(3);
        }
    }

    [Theory]
    [InlineData("unreachable", TrapCode.Unreachable)]
    [InlineData("memory", TrapCode.MemoryOutOfBounds)]
    [InlineData("fill", TrapCode.MemoryOutOfBounds)]
    [InlineData("table", TrapCode.TableOutOfBounds)]
    [InlineData("undefined", TrapCode.UndefinedElement)]
    [InlineData("null", TrapCode.UninitializedElement)]
    [InlineData("mismatch", TrapCode.IndirectCallTypeMismatch)]
    [InlineData("remainder", TrapCode.IntegerDivideByZero)]
    [InlineData("overflow", TrapCode.IntegerOverflow)]
    [InlineData("nan", TrapCode.InvalidConversionToInteger)]
    [InlineData("vector", TrapCode.MemoryOutOfBounds)]
    public void Every_kind_of_trap_names_the_function_that_trapped(string name, TrapCode code)
    {
        var module = new ModuleBuilder();
        module.Memory(1);
        module.Table(ValueKind.FuncRef, 2);
        var type = module.Type([], []);
        Action<Code> body = name switch
        {
            "unreachable" => c => c.Emit(Op.Unreachable),
            "memory" => c => c.I32(-1).Access(Op.I32Load, 0).Emit(Op.Drop),
            "fill" => c => c.I32(0).I32(0).I32(-1).MemoryFill(),
            "table" => c => c.I32(9).TableGet(0).Emit(Op.Drop),
            "undefined" => c => c.I32(9).CallIndirect(type),
            "null" => c => c.I32(1).CallIndirect(type),
            "mismatch" => c => c.I32(0).CallIndirect(type),
            "remainder" => c => c.I64(1).I64(0).Emit(Op.I64RemU, Op.Drop),
            "overflow" => c => c.F64(1e20).Emit(Op.I32TruncF64S, Op.Drop),
            "nan" => c => c.F32(float.NaN).Emit(Op.I64TruncF32U, Op.Drop),
            _ => c => c.I32(-1).SimdAccess(0, 0).Emit(Op.Drop),
        };
        var bad = module.Function(null, [], [], body, "the bad one");
        module.Elements(0, module.Function(null, [], Kinds.I32, c => c.I32(1)));
        module.Function("run", [], [], c => c.Call(bad));
        using var guest = new Guest(module);
        var trap = guest.Trap(code, "run");
        trap.Backtrace.Select(frame => frame.ToString()).ShouldBe(["the bad one", "run"]);
    }

    [Fact]
    public void Functions_without_a_name_are_told_by_export_or_index()
    {
        var module = new ModuleBuilder();
        var inner = module.Function(null, [], [], c => c.Emit(Op.Unreachable));
        module.Function("exported", [], [], c => c.Call(inner));
        using var guest = new Guest(module);
        guest.Trap(TrapCode.Unreachable, "exported").Backtrace.Select(frame => frame.ToString()).ShouldBe(["func[0]", "exported"]);
    }

    [Fact]
    public void Names_of_any_kind_come_through_whole()
    {
        string[] names = ["a b", "ns::f<T>(int)", "日本語", "", "<script>", "name.with.dots", "x\ty", new string('n', 5_000), "Invoke", ".ctor", "`1"];
        foreach (var name in names)
        {
            var module = new ModuleBuilder();
            var inner = module.Function(null, [], [], c => c.Emit(Op.Unreachable), name);
            module.Function("run", [], [], c => c.Call(inner), name);
            using var guest = new Guest(module);
            var trap = guest.Trap(TrapCode.Unreachable, "run");
            trap.Backtrace.Length.ShouldBe(2);
            trap.Backtrace[0].FunctionIndex.ShouldBe(0);
            trap.Backtrace[1].FunctionIndex.ShouldBe(1);
            if (name.Length is > 0 and < 100)
            {
                trap.Backtrace[0].FunctionName.ShouldBe(name);
            }
        }
    }

    [Fact]
    public void A_broken_name_section_does_not_matter()
    {
        var module = new ModuleBuilder();
        var inner = module.Function(null, [], [], c => c.Emit(Op.Unreachable));
        module.Function("run", [], [], c => c.Call(inner));
        module.Custom("name", [1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 3]);
        module.Custom("name", [1, 3, 9, 9, 9]);
        using var guest = new Guest(module);
        guest.Trap(TrapCode.Unreachable, "run").Backtrace.Length.ShouldBe(2);
    }

    [Fact]
    public void A_deep_backtrace_is_cut_at_64_frames_with_the_innermost_kept()
    {
        var module = new ModuleBuilder();
        var self = 0;
        var bottom = module.Function(null, [], [], c => c.Emit(Op.Unreachable), "bottom");
        self = module.Function("run", Kinds.I32, Kinds.I32, c => c
            .Get(0).If(t => t.Get(0).I32(1).Emit(Op.I32Sub).Call(self), e => e.Call(bottom).I32(0), ValueKind.I32).I32(1).Emit(Op.I32Add), "down");
        using var guest = new Guest(module);
        var trap = guest.Trap(TrapCode.Unreachable, "run", 500);
        trap.Backtrace.Length.ShouldBe(64);
        trap.Backtrace[0].FunctionName.ShouldBe("bottom");
        trap.Backtrace[63].FunctionName.ShouldBe("down");
    }

    [Fact]
    public void A_backtrace_spans_modules_and_host_functions()
    {
        var callee = new ModuleBuilder();
        callee.Function("trap", [], [], c => c.Emit(Op.Unreachable), "in the callee's module");
        using var calleeModule = Module.Compile(callee.Build());
        var caller = new ModuleBuilder();
        var host = caller.ImportFunction("env", "host", [], []);
        caller.Function("run", [], [], c => c.Call(host), "in the caller's module");
        using var guest = new Guest(caller, (linker, store) =>
        {
            var instance = linker.Instantiate(store, calleeModule);
            linker.DefineFunction("env", "host", () => { instance.GetFunction("trap")!.Invoke(); });
        });
        guest.Trap(TrapCode.Unreachable, "run").Backtrace.Select(frame => frame.FunctionName)
            .ShouldBe(["in the callee's module", "in the caller's module"]);
    }
}
