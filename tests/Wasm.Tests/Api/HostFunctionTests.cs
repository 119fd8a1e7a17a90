using System.Runtime.Intrinsics;
using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Tests.Running;

namespace HeliosEdge.Wasm.Tests.Api;

/// <summary>Host functions of every shape, and calls of guests through delegates.</summary>
public sealed class HostFunctionTests
{
    [Fact]
    public void Delegates_of_many_shapes_get_their_arguments_and_give_their_results()
    {
        var log = new List<string>();
        var function = default(Function);
        (string Name, Delegate Host, WasmValue[] Arguments, WasmValue[] Results)[] cases =
        [
            ("nothing", () => log.Add("nothing"), [], []),
            ("i32", () => 42, [], [WasmValue.FromI32(42)]),
            ("i64", () => long.MinValue, [], [WasmValue.FromI64(long.MinValue)]),
            ("f32", () => 1.5f, [], [WasmValue.FromF32(1.5f)]),
            ("f64", () => -0.0, [], [WasmValue.FromF64(-0.0)]),
            ("v128", () => Vector128.Create((byte)7), [], [WasmValue.FromV128(Vector128.Create((byte)7))]),
            ("null object", () => (object?)null, [], [WasmValue.FromExternRef(null)]),
            ("null function", () => (Function?)null, [], [WasmValue.FromFuncRef(null)]),
            ("sum", (int a, int b) => a + b, [WasmValue.FromI32(40), WasmValue.FromI32(2)], [WasmValue.FromI32(42)]),
            (
                "mixed",
                (int a, long b, float c, double d) => a + b + c + d,
                [WasmValue.FromI32(1), WasmValue.FromI64(2), WasmValue.FromF32(3), WasmValue.FromF64(4)],
                [WasmValue.FromF64(10)]),
            (
                "vector",
                (Vector128<byte> a, Vector128<byte> b) => a + b,
                [WasmValue.FromV128(Vector128.Create((byte)3)), WasmValue.FromV128(Vector128.Create((byte)4))],
                [WasmValue.FromV128(Vector128.Create((byte)7))]),
            ("object", (object? o) => o, [WasmValue.FromExternRef("text")], [WasmValue.FromExternRef("text")]),
            ("function", (Function? f) => f, [WasmValue.FromFuncRef(null)], [WasmValue.FromFuncRef(function)]),
            ("action", (int a, double b) => log.Add($"{a} {b}"), [WasmValue.FromI32(1), WasmValue.FromF64(2.5)], []),
            (
                "eight",
                (int a, int b, int c, int d, int e, int f, int g, int h) => a - b + c - d + e - f + g - h,
                [.. Enumerable.Range(1, 8).Select(WasmValue.FromI32)],
                [WasmValue.FromI32(-4)]),
            ("caller", (Caller caller) => caller.Instance.GetFunction("caller") is null ? 0 : 1, [], [WasmValue.FromI32(1)]),
            (
                "caller and more",
                (Caller caller, int at) => (int)caller.Memory!.Slice(at, 1)[0],
                [WasmValue.FromI32(5)],
                [WasmValue.FromI32(99)]),
            ("caller's store", (Caller caller, long a) => log.Add($"{caller.Store is not null} {a}"), [WasmValue.FromI64(9)], []),
        ];
        var module = new ModuleBuilder();
        foreach (var (name, _, arguments, results) in cases)
        {
            module.ImportFunction("env", name, [.. arguments.Select(a => a.Kind)], [.. results.Select(r => r.Kind)]);
        }

        module.Memory(1, export: "memory");
        module.Data(5, 99);
        for (var i = 0; i < cases.Length; i++)
        {
            var (name, _, arguments, results) = cases[i];
            var import = i;
            module.Function(name, [.. arguments.Select(a => a.Kind)], [.. results.Select(r => r.Kind)], c =>
            {
                for (var a = 0; a < arguments.Length; a++)
                {
                    c.Get(a);
                }

                c.Call(import);
            });
            module.Export($"{name} itself", 0, i);
        }

        using var guest = new Guest(module, (linker, _) =>
        {
            foreach (var (name, host, _, _) in cases)
            {
                linker.DefineFunction("env", name, host);
            }
        });
        foreach (var (name, _, arguments, results) in cases)
        {
            guest.Invoke(name, arguments).ShouldBe(results, $"{name}");
            guest.Function(name).Type.ToString().ShouldBe(guest.Function($"{name} itself").Type.ToString());
        }

        log.ShouldBe(["nothing", "1 2.5", "True 9"]);
        foreach (var (name, _, arguments, results) in cases.Where(c => !c.Name.StartsWith("caller", StringComparison.Ordinal)))
        {
            guest.Invoke($"{name} itself", arguments).ShouldBe(results, $"{name} called by the host through the instance");
        }
    }

    [Fact]
    public void An_untyped_host_function_takes_and_gives_many_values()
    {
        ValueKind[] parameters = [ValueKind.I32, ValueKind.F64, ValueKind.ExternRef, ValueKind.V128];
        ValueKind[] results = [ValueKind.V128, ValueKind.ExternRef, ValueKind.F64, ValueKind.I32, ValueKind.I64];
        var module = new ModuleBuilder();
        var import = module.ImportFunction("env", "turn", parameters, results);
        module.Function("run", parameters, results, c => c.Get(0).Get(1).Get(2).Get(3).Call(import));
        using var guest = new Guest(module, (linker, _) => linker.DefineFunction(
            "env",
            "turn",
            new FunctionType([.. parameters], [.. results]),
            (caller, arguments, given) =>
            {
                arguments.Length.ShouldBe(4);
                given[0] = arguments[3];
                given[1] = arguments[2];
                given[2] = arguments[1];
                given[3] = arguments[0];
                given[4] = WasmValue.FromI64(caller.Instance.Module.Imports.Length);
            }));
        var value = new object();
        var vector = Vector128.Create(1, 2, 3, 4).AsByte();
        guest.Invoke("run", WasmValue.FromI32(1), WasmValue.FromF64(2), WasmValue.FromExternRef(value), WasmValue.FromV128(vector))
            .ShouldBe([WasmValue.FromV128(vector), WasmValue.FromExternRef(value), WasmValue.FromF64(2), WasmValue.FromI32(1), WasmValue.FromI64(1)]);
    }

    [Fact]
    public void An_untyped_host_function_that_gives_a_value_of_another_type_does_not_reach_the_guest()
    {
        var module = new ModuleBuilder();
        var import = module.ImportFunction("env", "wrong", [], Kinds.I32);
        module.Function("run", [], Kinds.I32, c => c.Call(import));
        using var guest = new Guest(module, (linker, _) => linker.DefineFunction(
            "env",
            "wrong",
            new FunctionType([], [ValueKind.I32]),
            (_, _, results) => results[0] = WasmValue.FromF64(1)));
        var exception = Should.Throw<Exception>(() => { guest.Invoke("run"); });
        exception.ShouldNotBeOfType<TrapException>();
        exception.Message.ShouldContain("i32", Case.Insensitive);
    }

    public static TheoryData<string> Exceptions =>
    [
        nameof(NullReferenceException), nameof(IndexOutOfRangeException), nameof(DivideByZeroException), nameof(OverflowException),
        nameof(InvalidCastException), nameof(InsufficientExecutionStackException), nameof(OutOfMemoryException),
        nameof(AccessViolationException), nameof(OperationCanceledException), nameof(InvalidOperationException),
        nameof(ArgumentOutOfRangeException), nameof(TimeoutException),
    ];

    [Theory]
    [MemberData(nameof(Exceptions))]
    public void An_exception_of_a_host_function_comes_through_unchanged(string name)
    {
        var thrown = (Exception)Activator.CreateInstance(typeof(Exception).Assembly.GetType($"System.{name}", throwOnError: true)!)!;
        var module = new ModuleBuilder();
        var import = module.ImportFunction("env", "throw", [], []);
        var inner = module.Function("inner", [], [], c => c.Call(import));
        module.Table(ValueKind.FuncRef, 1);
        module.Elements(0, import);
        var type = module.Type([], []);
        module.Function("direct", [], [], c => c.Call(import));
        module.Function("nested", [], [], c => c.Call(inner));
        module.Function("table", [], [], c => c.I32(0).CallIndirect(type));
        module.Function("back", [], [], c => c.Call(inner));
        module.Function("one", [], Kinds.I32, c => c.I32(1));
        using var guest = new Guest(module, (linker, _) => linker.DefineFunction("env", "throw", (Action)(() => throw thrown)));
        foreach (var export in new[] { "direct", "nested", "table", "back" })
        {
            Should.Throw<Exception>(() => { guest.Invoke(export); }).ShouldBeSameAs(thrown);
            Should.Throw<Exception>(() => guest.Function(export).AsAction()()).ShouldBeSameAs(thrown);
            guest.Call("one").ShouldBe(1);
        }
    }

    [Fact]
    public void Exceptions_that_the_runtime_raises_in_a_host_function_are_no_guest_traps()
    {
        int zero = 0;
        string? nothing = null;
        int[] few = [1];
        (string Name, Action Host, Type Exception)[] cases =
        [
            ("divide", () => GC.KeepAlive(1 / zero), typeof(DivideByZeroException)),
            ("null", () => GC.KeepAlive(nothing!.Length), typeof(NullReferenceException)),
            ("index", () => GC.KeepAlive(few[few.Length]), typeof(IndexOutOfRangeException)),
            ("overflow", () => GC.KeepAlive(int.MinValue / (zero - 1)), typeof(OverflowException)),
            ("cast", () => GC.KeepAlive((string)(object)few), typeof(InvalidCastException)),
        ];
        var module = new ModuleBuilder();
        foreach (var (name, _, _) in cases)
        {
            module.ImportFunction("env", name, [], []);
        }

        for (var i = 0; i < cases.Length; i++)
        {
            var import = i;
            module.Function(cases[i].Name, [], [], c => c.Call(import));
        }

        module.Function("trap", Kinds.I32, Kinds.I32, c => c.I32(1).Get(0).Emit(Op.I32DivS));
        using var guest = new Guest(module, (linker, _) =>
        {
            foreach (var (name, host, _) in cases)
            {
                linker.DefineFunction("env", name, host);
            }
        });
        foreach (var (name, _, exception) in cases)
        {
            Should.Throw<Exception>(() => { guest.Invoke(name); }).ShouldBeOfType(exception);
            guest.Trap(TrapCode.IntegerDivideByZero, "trap", 0);
        }
    }

    [Fact]
    public void A_guest_trap_crosses_a_host_function_as_the_same_trap()
    {
        var module = new ModuleBuilder();
        var back = module.ImportFunction("env", "back", [], []);
        module.Function("trap", [], [], c => c.Emit(Op.Unreachable));
        module.Function("run", [], [], c => c.Call(back));
        using var guest = new Guest(module, (linker, _) =>
            linker.DefineFunction("env", "back", (Caller caller) => { caller.Instance.GetFunction("trap")!.Invoke(); }));
        guest.Trap(TrapCode.Unreachable, "run");
    }

    [Fact]
    public void Typed_delegates_call_guests_with_their_own_types()
    {
        var module = new ModuleBuilder();
        module.Function("none", [], [], c => c.Emit(Op.Nop));
        module.Function("one", [], Kinds.I32, c => c.I32(1));
        module.Function("negate", Kinds.F64, Kinds.F64, c => c.Get(0).Emit(Op.F64Neg));
        module.Function("add", Kinds.Many(ValueKind.I64, 2), Kinds.I64, c => c.Get(0).Get(1).Emit(Op.I64Add));
        module.Function("select", [ValueKind.F32, ValueKind.F32, ValueKind.I32], Kinds.F32, c => c.Get(0).Get(1).Get(2).Emit(Op.Select));
        module.Function("sum", Kinds.Many(ValueKind.I32, 4), Kinds.I32, c => c
            .Get(0).Get(1).Emit(Op.I32Add).Get(2).Emit(Op.I32Add).Get(3).Emit(Op.I32Add));
        module.Function("same", Kinds.ExternRef, Kinds.ExternRef, c => c.Get(0));
        module.Function("vector", Kinds.V128, Kinds.V128, c => c.Get(0).Get(0).Simd(110));
        module.Function("divide", Kinds.Many(ValueKind.I32, 2), Kinds.I32, c => c.Get(0).Get(1).Emit(Op.I32DivS));
        using var guest = new Guest(module);
        guest.Function("none").AsAction()();
        guest.Function("one").AsFunc<int>()().ShouldBe(1);
        guest.Function("negate").AsFunc<double, double>()(2.5).ShouldBe(-2.5);
        guest.Function("add").AsFunc<long, long, long>()(long.MaxValue, 1).ShouldBe(long.MinValue);
        guest.Function("select").AsFunc<float, float, int, float>()(1, 2, 0).ShouldBe(2);
        guest.Function("sum").AsFunc<int, int, int, int, int>()(1, 2, 3, 4).ShouldBe(10);
        var value = new object();
        guest.Function("same").AsFunc<object?, object?>()(value).ShouldBeSameAs(value);
        guest.Function("vector").AsFunc<Vector128<byte>, Vector128<byte>>()(Vector128.Create((byte)1)).ShouldBe(Vector128.Create((byte)2));
        Should.Throw<TrapException>(() => { guest.Function("divide").AsFunc<int, int, int>()(1, 0); })
            .Code.ShouldBe(TrapCode.IntegerDivideByZero);
    }

    [Fact]
    public void Wrong_arguments_and_wrong_delegates_are_refused()
    {
        var module = new ModuleBuilder();
        module.Function("negate", Kinds.F64, Kinds.F64, c => c.Get(0).Emit(Op.F64Neg));
        using var guest = new Guest(module);
        var function = guest.Function("negate");
        Should.Throw<ArgumentException>(() => { function.Invoke(); });
        Should.Throw<ArgumentException>(() => { function.Invoke(WasmValue.FromF64(1), WasmValue.FromF64(1)); });
        Should.Throw<ArgumentException>(() => { function.Invoke(WasmValue.FromI64(1)); });
        Should.Throw<ArgumentException>(() => { function.Invoke(default(WasmValue)); });
        Should.Throw<Exception>(() => { function.AsFunc<int, double>(); }).ShouldBeAssignableTo<ArgumentException>();
        Should.Throw<Exception>(() => { function.AsFunc<double>(); }).ShouldBeAssignableTo<ArgumentException>();
        Should.Throw<Exception>(() => { function.AsAction<double>(); }).ShouldBeAssignableTo<ArgumentException>();
        Should.Throw<Exception>(() => { function.AsFunc<string, double>(); }).ShouldBeAssignableTo<ArgumentException>();
        var linker = new Linker();
        Should.Throw<ArgumentException>(() => linker.DefineFunction("env", "bad", (string text) => text.Length));
        Should.Throw<ArgumentException>(() => linker.DefineFunction("env", "bad", (int a, Caller caller) => a));
        Should.Throw<ArgumentException>(() => linker.DefineFunction("env", "bad", (ref int a) => { a = 1; }));
    }

    [Fact]
    public void A_linker_of_host_functions_serves_many_stores()
    {
        var module = new ModuleBuilder();
        var import = module.ImportFunction("env", "double", Kinds.I32, Kinds.I32);
        module.Function("run", Kinds.I32, Kinds.I32, c => c.Get(0).Call(import));
        using var compiled = Module.Compile(module.Build());
        var linker = new Linker();
        linker.DefineFunction("env", "double", (int a) => a * 2);
        for (var i = 0; i < 10; i++)
        {
            using var store = new Store();
            linker.Instantiate(store, compiled).GetFunction("run")!.Invoke(WasmValue.FromI32(i))[0].I32.ShouldBe(2 * i);
        }
    }
}
