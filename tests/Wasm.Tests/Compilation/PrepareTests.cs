using System.Runtime;
using HeliosEdge.Testing.Building;

namespace HeliosEdge.Wasm.Tests.Compilation;

/// <summary>Machine code is made ahead: what runs after <see cref="Module.Prepare"/> makes none.</summary>
public sealed class PrepareTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Nothing_is_compiled_by_calls_after_it(bool metered, bool deserialized)
    {
        var options = new CompileOptions { MeterFuel = metered };

        // The engine's own code and the framework's is made once for the process: another module has it made first.
        using (var other = Make(Everything(1), options, deserialized))
        {
            other.Prepare();
            RunEverything(other, 1);
        }

        using var module = Make(Everything(2), options, deserialized);
        var before = JitInfo.GetCompiledMethodCount(currentThread: true);
        module.Prepare();
        var prepared = JitInfo.GetCompiledMethodCount(currentThread: true);
        RunEverything(module, 2);
        var called = JitInfo.GetCompiledMethodCount(currentThread: true);
        (called - prepared).ShouldBe(0);
        (prepared - before).ShouldBeGreaterThan(10);
    }

    [Fact]
    public void Calls_without_it_do_compile()
    {
        using (var other = Module.Compile(Everything(1)))
        {
            RunEverything(other, 1);
        }

        using var module = Module.Compile(Everything(2));
        module.IsPrepared.ShouldBeFalse();
        var before = JitInfo.GetCompiledMethodCount(currentThread: true);
        RunEverything(module, 2);
        (JitInfo.GetCompiledMethodCount(currentThread: true) - before).ShouldBeGreaterThan(10);
    }

    [Fact]
    public void What_nothing_can_call_is_left_out()
    {
        var builder = new ModuleBuilder();
        var called = builder.Function(null, [], Kinds.I32, c => c.I32(7));
        builder.Function(null, [], Kinds.I32, c => c.Call(called));
        builder.Function("run", [], Kinds.I32, c => c.Call(called));
        using var few = Module.Compile(builder.Build());
        for (var i = 0; i < 1_000; i++)
        {
            builder.Function(null, [], Kinds.I32, c => c.Call(called));
        }

        using var many = Module.Compile(builder.Build());
        few.Prepare();
        var before = JitInfo.GetCompiledMethodCount(currentThread: true);
        many.Prepare();

        // run, what it calls, and the stub that the host enters by.
        (JitInfo.GetCompiledMethodCount(currentThread: true) - before).ShouldBe(3);
    }

    [Fact]
    public void A_checkpoint_that_throws_ends_it_and_it_goes_on_from_there()
    {
        var builder = new ModuleBuilder();
        for (var i = 0; i < 100; i++)
        {
            var value = i;
            builder.Function($"f{i}", [], Kinds.I32, c => c.I32(value));
        }

        using var module = Module.Compile(builder.Build());
        var calls = 0;
        var before = JitInfo.GetCompiledMethodCount(currentThread: true);
        Should.Throw<OperationCanceledException>(() => module.Prepare(() =>
        {
            if (++calls == 50)
            {
                throw new OperationCanceledException();
            }
        }));
        module.IsPrepared.ShouldBeFalse();
        var first = JitInfo.GetCompiledMethodCount(currentThread: true) - before;
        module.Prepare();
        module.IsPrepared.ShouldBeTrue();
        var second = JitInfo.GetCompiledMethodCount(currentThread: true) - before - first;
        first.ShouldBeGreaterThan(40);
        (first + second).ShouldBeInRange(101, 110);
        using var store = new Store();
        new Linker().Instantiate(store, module).GetFunction("f99")!.Invoke()[0].I32.ShouldBe(99);
    }

    [Fact]
    public void A_checkpoint_that_throws_ends_compilation()
    {
        var builder = new ModuleBuilder();
        builder.Function("run", Kinds.I32, Kinds.I32, c =>
        {
            for (var i = 0; i < 100_000; i++)
            {
                c.Get(0).I32(i).Emit(Op.I32Mul).Set(0);
            }

            c.Get(0);
        });
        var bytes = builder.Build();
        foreach (var act in new Action<Action>[] { c => Module.Compile(bytes, null, c), c => Module.Serialize(bytes, null, c), c => Module.Validate(bytes, null, c) })
        {
            var calls = 0;
            act(() => calls++);

            // In the one large function, too, and not only before it.
            calls.ShouldBeGreaterThan(10);
            var stopAt = calls / 2;
            Should.Throw<OperationCanceledException>(() => act(() =>
            {
                if (--stopAt == 0)
                {
                    throw new OperationCanceledException();
                }
            }));
        }
    }

    [Fact]
    public async Task Several_threads_and_a_running_guest_share_the_work()
    {
        using var module = Module.Compile(Everything(3));
        var threads = Enumerable.Range(0, 4).Select(i => Task.Run(() =>
        {
            if (i == 0)
            {
                RunEverything(module, 3);
            }
            else
            {
                module.Prepare();
            }
        }));
        await Task.WhenAll(threads);
        module.IsPrepared.ShouldBeTrue();
        RunEverything(module, 3);
    }

    [Fact]
    public void It_works_on_a_thread_with_a_small_stack()
    {
        using var module = Module.Compile(Everything(4));
        Running.Watchdog.Run(() => module.Prepare(), stackBytes: 128 << 10);
        module.IsPrepared.ShouldBeTrue();
        RunEverything(module, 4);
    }

    [Fact]
    public void A_disposed_module_is_not_prepared()
    {
        var module = Module.Compile(Everything(5));
        Should.Throw<ObjectDisposedException>(() => module.Prepare(module.Dispose));
        Should.Throw<ObjectDisposedException>(() => module.Prepare());
    }

    private static Module Make(byte[] bytes, CompileOptions options, bool deserialized) =>
        deserialized ? Module.Deserialize(bytes, Module.Serialize(bytes, options), options) : Module.Compile(bytes, options);

    /// <summary>A module that uses what the host and the guest have with each other; it gives numbers that depend on the seed.</summary>
    private static byte[] Everything(int seed)
    {
        var builder = new ModuleBuilder();
        var typed = builder.ImportFunction("env", "typed", Kinds.I32, Kinds.I32);
        var withCaller = builder.ImportFunction("env", "caller", Kinds.I32, Kinds.I32);
        var untyped = builder.ImportFunction("env", "untyped", Kinds.Many(ValueKind.I64, 2), Kinds.Many(ValueKind.I64, 2));
        builder.Memory(1, 4);
        var table = builder.Table(ValueKind.FuncRef, 4, 8);
        var type = builder.Type(Kinds.I32, Kinds.I32);
        var global = builder.Global(ValueKind.I32, true, c => c.I32(seed));
        var indirect = builder.Function(null, Kinds.I32, Kinds.I32, c => c.Get(0).I32(seed).Emit(Op.I32Add));
        var second = builder.Function(null, Kinds.I32, Kinds.I32, c => c.Get(0).GlobalGet(global).Emit(Op.I32Mul));
        var other = builder.Function(null, [], [], c => c.I32(seed).GlobalSet(global));
        builder.Elements(0, indirect, second, other);
        builder.Start(other);
        builder.Function("host", Kinds.I32, Kinds.I32, c => c.Get(0).Call(typed).Call(withCaller));
        builder.Function("pair", [], Kinds.Many(ValueKind.I64, 2), c => c.I64(seed).I64(seed + 1).Call(untyped));
        builder.Function("indirect", Kinds.Many(ValueKind.I32, 2), Kinds.I32, c => c.Get(0).Get(1).CallIndirect(type, table));
        builder.Function("grow", Kinds.I32, Kinds.I32, c => c.Get(0).MemoryGrow().Emit(Op.Drop).MemorySize());
        builder.Function("load", Kinds.I32, Kinds.I32, c => c.Get(0).Access(Op.I32Load, 0));
        builder.Function("divide", Kinds.Many(ValueKind.I32, 2), Kinds.I32, c => c.Get(0).Get(1).Emit(Op.I32DivS));
        builder.Function("unreachable", [], [], c => c.Emit(Op.Unreachable));
        var recurse = builder.FunctionCount;
        builder.Function("recurse", [], [], c => c.Call(recurse));
        builder.Function("vector", Kinds.I32, Kinds.I32, c => c.Get(0).Simd(17).Get(0).Simd(17).Simd(174).Simd(27).Raw(0));
        builder.Function("bulk", [], Kinds.I32, c => c.I32(0).I32(seed).I32(16).MemoryFill().I32(32).I32(0).I32(16).MemoryCopy().I32(32).Access(Op.I32Load8U, 0));
        builder.Function("reference", [], Kinds.I32, c => c.I32(3).RefFunc(indirect).TableSet(table).I32(3).TableGet(table).Emit(Op.RefIsNull));
        builder.Function("wide", Kinds.Many(ValueKind.F64, 40), [ValueKind.F64], c => c.Get(39));
        return builder.Build();
    }

    private static void RunEverything(Module module, int seed)
    {
        using var store = new Store { Fuel = 1_000_000 };
        var linker = new Linker();
        linker.DefineFunction("env", "typed", Typed);
        linker.DefineFunction("env", "caller", WithCaller);
        linker.DefineFunction("env", "untyped", new FunctionType([ValueKind.I64, ValueKind.I64], [ValueKind.I64, ValueKind.I64]), Untyped);
        var instance = linker.Instantiate(store, module);
        I32(instance, "host", seed).ShouldBe(seed + 3);
        instance.GetFunction("host")!.AsFunc<int, int>()(seed).ShouldBe(seed + 3);
        var pair = instance.GetFunction("pair")!.Invoke();
        pair[0].I64.ShouldBe(seed + 1);
        pair[1].I64.ShouldBe(seed);
        I32(instance, "indirect", 10, 0).ShouldBe(10 + seed);
        I32(instance, "indirect", 10, 1).ShouldBe(10 * seed);
        Trap(instance, TrapCode.IndirectCallTypeMismatch, "indirect", 10, 2);
        Trap(instance, TrapCode.UninitializedElement, "indirect", 10, 3);
        Trap(instance, TrapCode.UndefinedElement, "indirect", 10, 4);
        I32(instance, "grow", 1).ShouldBe(2);
        I32(instance, "load", 65_536).ShouldBe(0);
        Trap(instance, TrapCode.MemoryOutOfBounds, "load", -1);
        Trap(instance, TrapCode.IntegerDivideByZero, "divide", 1, 0);
        Trap(instance, TrapCode.IntegerOverflow, "divide", int.MinValue, -1);
        Trap(instance, TrapCode.Unreachable, "unreachable");
        I32(instance, "vector", seed).ShouldBe(2 * seed);
        I32(instance, "bulk").ShouldBe(seed);
        I32(instance, "reference").ShouldBe(0);
        var values = new WasmValue[40];
        Array.Fill(values, WasmValue.FromF64(seed));
        instance.GetFunction("wide")!.Invoke(values)[0].F64.ShouldBe(seed);
        var deep = Should.Throw<TrapException>(() => { instance.GetFunction("recurse")!.Invoke(); });
        deep.Code.ShouldBeOneOf(TrapCode.StackExhausted, TrapCode.OutOfFuel);
    }

    private static int Typed(int value) => value + 1;

    private static int WithCaller(Caller caller, int value) => value + 2;

    private static void Untyped(Caller caller, ReadOnlySpan<WasmValue> arguments, Span<WasmValue> results)
    {
        results[0] = arguments[1];
        results[1] = arguments[0];
    }

    private static int I32(Instance instance, string name, params int[] arguments) =>
        instance.GetFunction(name)!.Invoke([.. arguments.Select(WasmValue.FromI32)])[0].I32;

    private static void Trap(Instance instance, TrapCode code, string name, params int[] arguments) =>
        Should.Throw<TrapException>(() => { instance.GetFunction(name)!.Invoke([.. arguments.Select(WasmValue.FromI32)]); }).Code.ShouldBe(code);
}
