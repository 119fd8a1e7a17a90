using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Tests.Running;

namespace HeliosEdge.Wasm.Tests.Safety;

/// <summary>An instance that is reset is as the module made it, whatever was done to it.</summary>
public sealed class ResetTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(40)]
    public void A_memory_has_its_first_size_and_bytes_again_and_is_zero_beyond(int pages)
    {
        var module = new ModuleBuilder();
        module.Memory((uint)pages, export: "memory");
        module.Data(10, 1, 2, 3);
        using var guest = new Guest(module);
        var memory = guest.Instance.GetMemory("memory")!;
        for (var i = 0; i < 3; i++)
        {
            memory.TryGrow(30, out _).ShouldBeTrue();
            memory.Slice(0, (int)memory.Length).Fill(0xEE);

            guest.Instance.TryReset().ShouldBeTrue();

            memory.Length.ShouldBe(pages * LinearMemory.PageBytes);
            memory.Slice(10, 3).ToArray().ShouldBe([1, 2, 3]);
            memory.TryGrow(60, out _).ShouldBeTrue();
            memory.Slice(10, 3).Clear();
            memory.Slice(0, (int)memory.Length).ContainsAnyExcept((byte)0).ShouldBeFalse();
        }
    }

    [Theory]
    [InlineData(2, 3)]
    [InlineData(5, 3)]
    [InlineData(40, 20)]
    [InlineData(40, 600)]
    [InlineData(200, 40)]
    public void Single_bytes_anywhere_are_gone(int pages, int writes)
    {
        var module = new ModuleBuilder();
        module.Memory((uint)pages, export: "memory");
        module.Data(pages * LinearMemory.PageBytes - 1, 9);
        using var guest = new Guest(module);
        var memory = guest.Instance.GetMemory("memory")!;
        var random = new Random(pages + writes);
        for (var round = 0; round < 10; round++)
        {
            for (var i = 0; i < writes; i++)
            {
                memory.Slice(random.NextInt64(memory.Length), 1)[0] = 1;
            }

            guest.Instance.TryReset().ShouldBeTrue();

            var bytes = memory.Slice(0, (int)memory.Length);
            bytes[..^1].ContainsAnyExcept((byte)0).ShouldBeFalse();
            bytes[^1].ShouldBe((byte)9);
        }
    }

    [Fact]
    public void Loads_beyond_the_first_size_trap_after_a_reset()
    {
        var module = new ModuleBuilder();
        module.Memory(1);
        module.Function("grow", Kinds.I32, Kinds.I32, c => c.Get(0).MemoryGrow());
        module.Function("load", Kinds.I32, Kinds.I32, c => c.Get(0).Access(Op.I32Load, 0));
        using var guest = new Guest(module);
        guest.Call("grow", 1).ShouldBe(1);
        guest.Call("load", 100_000).ShouldBe(0);

        guest.Instance.TryReset().ShouldBeTrue();

        guest.Trap(TrapCode.MemoryOutOfBounds, "load", 100_000);
        guest.Trap(TrapCode.MemoryOutOfBounds, "load", 65_533);
        guest.Call("load", 65_532).ShouldBe(0);
    }

    [Fact]
    public void Globals_of_every_kind_have_their_first_values_again()
    {
        var module = new ModuleBuilder();
        var seven = module.Function("seven", [], Kinds.I32, c => c.I32(7));
        module.Global(ValueKind.I64, true, c => c.I64(-5), "number");
        module.Global(ValueKind.FuncRef, true, c => c.RefFunc(seven), "function");
        using var guest = new Guest(module);
        var number = guest.Instance.GetGlobal("number")!;
        var function = guest.Instance.GetGlobal("function")!;
        number.Value = WasmValue.FromI64(9);
        function.Value = WasmValue.FromFuncRef(null);

        guest.Instance.TryReset().ShouldBeTrue();

        number.Value.I64.ShouldBe(-5);
        function.Value.FuncRef.ShouldBe(guest.Function("seven"));
    }

    [Fact]
    public void Tables_have_their_first_size_and_elements_again()
    {
        var module = new ModuleBuilder();
        var type = module.Type([], Kinds.I32);
        module.Table(ValueKind.FuncRef, 4, export: "table");
        var one = module.Function(null, [], Kinds.I32, c => c.I32(1));
        var two = module.Function("two", [], Kinds.I32, c => c.I32(2));
        module.Elements(1, one, two);
        module.Function("call", Kinds.I32, Kinds.I32, c => c.Get(0).CallIndirect(type));
        using var guest = new Guest(module);
        var table = guest.Instance.GetTable("table")!;
        for (var i = 0; i < 3; i++)
        {
            guest.Call("call", 1).ShouldBe(1);
            guest.Call("call", 2).ShouldBe(2);
            guest.Trap(TrapCode.UninitializedElement, "call", 0);
            guest.Trap(TrapCode.UndefinedElement, "call", 4);

            table[0] = WasmValue.FromFuncRef(guest.Function("two"));
            table[1] = WasmValue.FromFuncRef(guest.Function("two"));
            table[2] = WasmValue.FromFuncRef(null);
            if (i > 0)
            {
                table.TryGrow(3, WasmValue.FromFuncRef(guest.Function("two")), out _).ShouldBeTrue();
            }

            guest.Call("call", 1).ShouldBe(2);
            guest.Instance.TryReset().ShouldBeTrue();
        }
    }

    [Fact]
    public void Dropped_segments_are_there_again()
    {
        var module = new ModuleBuilder();
        module.Memory(1);
        module.Table(ValueKind.FuncRef, 1);
        var nothing = module.Function(null, [], [], _ => { });
        var data = module.PassiveData(42);
        var elements = module.PassiveElements(nothing);
        module.Function("use", [], Kinds.I32, c => c
            .I32(0).I32(0).I32(1).TableInit(elements).ElementDrop(elements)
            .I32(5).I32(0).I32(1).MemoryInit(data).DataDrop(data)
            .I32(5).Access(Op.I32Load8U, 0));
        using var guest = new Guest(module);
        for (var i = 0; i < 3; i++)
        {
            guest.Call("use").ShouldBe(42);
            Should.Throw<TrapException>(() => guest.Call("use"));
            guest.Instance.TryReset().ShouldBeTrue();
        }
    }

    [Fact]
    public void The_start_function_runs_when_it_is_told_to()
    {
        var started = 0;
        var module = new ModuleBuilder();
        module.Start(module.ImportFunction("env", "started", [], []));
        using var guest = new Guest(module, (linker, _) => linker.DefineFunction("env", "started", () => { started++; }));
        started.ShouldBe(1);

        guest.Instance.TryReset().ShouldBeTrue();
        started.ShouldBe(1);
        guest.Instance.Start();
        started.ShouldBe(2);
    }

    [Fact]
    public void What_stopped_the_last_run_does_not_stop_the_next()
    {
        var module = new ModuleBuilder();
        module.Memory(1);
        module.Function("grow", Kinds.I32, Kinds.I32, c => c.Get(0).MemoryGrow());
        module.Function("spin", Kinds.I32, Kinds.I32, c => c.Loop(l => l.Get(0).BrIf(0)).I32(6));
        using var guest = new Guest(module, limits: new StoreLimits { MaxMemoryBytes = 2 * LinearMemory.PageBytes });
        guest.Call("grow", 9).ShouldBe(-1);
        guest.Store.MemoryLimitReached.ShouldBeTrue();
        guest.Store.Interrupt();
        guest.Trap(TrapCode.Interrupted, "spin", 1);

        guest.Instance.TryReset().ShouldBeTrue();

        guest.Store.MemoryLimitReached.ShouldBeFalse();
        guest.Call("grow", 0).ShouldBe(1);
        guest.Call("spin", 0).ShouldBe(6);
    }

    [Fact]
    public void What_belongs_to_others_too_is_not_reset()
    {
        var module = new ModuleBuilder();
        module.ImportMemory("env", "memory", 1);
        using var guest = new Guest(module, (linker, store) => linker.Define("env", "memory", new LinearMemory(store, 1, null)));

        guest.Instance.IsResettable.ShouldBeFalse();
        Should.Throw<InvalidOperationException>(() => guest.Instance.TryReset());
    }

    [Fact]
    public void Nothing_is_reset_under_a_call()
    {
        var module = new ModuleBuilder();
        var host = module.ImportFunction("env", "reset", [], []);
        module.Function("run", [], [], c => c.Call(host));
        using var guest = new Guest(module, (linker, _) => linker.DefineFunction("env", "reset", (Caller caller) => { caller.Instance.TryReset(); }));

        Should.Throw<InvalidOperationException>(() => guest.Invoke("run"));
        guest.Instance.TryReset().ShouldBeTrue();
        guest.Dispose();
        Should.Throw<ObjectDisposedException>(() => guest.Instance.TryReset());
    }
}
