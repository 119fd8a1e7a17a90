using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Tests.Running;

namespace HeliosEdge.Wasm.Tests.Safety;

/// <summary>Tables are left by no index, and call nothing of another type than the caller states.</summary>
public sealed class TableBoundsTests
{
    private const int Size = 10;

    private static readonly int[] _numbers = [0, 1, 4, 5, Size - 1, Size, Size + 1, int.MaxValue, int.MinValue, -Size, -1];

    [Fact]
    public void Get_set_and_call_check_their_index()
    {
        using var guest = Build();
        foreach (var index in _numbers)
        {
            var inside = (uint)index < Size;
            Check(guest, inside ? null : TrapCode.TableOutOfBounds, "get", index);
            Check(guest, inside ? null : TrapCode.TableOutOfBounds, "set", index);
        }

        foreach (var index in _numbers)
        {
            Check(
                guest,
                (uint)index >= Size ? TrapCode.UndefinedElement : index == 0 ? null : TrapCode.UninitializedElement,
                "call after clear",
                index);
        }
    }

    [Fact]
    public void Fill_copy_and_init_trap_exactly_when_their_range_leaves_a_table()
    {
        using var guest = Build();
        foreach (var destination in _numbers)
        {
            foreach (var length in _numbers)
            {
                Check(guest, Fits(destination, length, Size) ? null : TrapCode.TableOutOfBounds, "fill", destination, length);
                foreach (var source in _numbers)
                {
                    Check(
                        guest,
                        Fits(destination, length, Size) && Fits(source, length, Size) ? null : TrapCode.TableOutOfBounds,
                        "copy",
                        destination,
                        source,
                        length);
                    Check(
                        guest,
                        Fits(destination, length, Size) && Fits(source, length, 4) ? null : TrapCode.TableOutOfBounds,
                        "init",
                        destination,
                        source,
                        length);
                }
            }
        }
    }

    [Fact]
    public void A_call_through_a_table_needs_the_very_type()
    {
        using var guest = Build();
        guest.Call("call i32", 0).ShouldBe(11);
        guest.Trap(TrapCode.IndirectCallTypeMismatch, "call i32", 1);
        guest.Trap(TrapCode.IndirectCallTypeMismatch, "call i32", 2);
        guest.Trap(TrapCode.UninitializedElement, "call i32", 3);
        guest.Trap(TrapCode.UndefinedElement, "call i32", Size);
        guest.Trap(TrapCode.UndefinedElement, "call i32", -1);
        guest.Call("call i32", 0).ShouldBe(11);
    }

    [Fact]
    public void Functions_of_other_modules_and_of_the_host_are_checked_by_structure()
    {
        var other = new ModuleBuilder();
        other.Function("padding", Kinds.Many(ValueKind.F64, 3), Kinds.F32, c => c.F32(1));
        other.Function("seven", [], Kinds.I32, c => c.I32(7));
        other.Function("wrong", [], Kinds.I64, c => c.I64(7));

        using var guest = Build((linker, _) => linker.DefineFunction("env", "nine", () => 9));
        var linker = new Linker();
        using var compiled = Module.Compile(other.Build());
        var instance = linker.Instantiate(guest.Store, compiled);
        var table = guest.Instance.GetTable("table")!;
        table[5] = WasmValue.FromFuncRef(instance.GetFunction("seven"));
        table[6] = WasmValue.FromFuncRef(instance.GetFunction("wrong"));
        table[7] = WasmValue.FromFuncRef(guest.Instance.GetFunction("host"));
        table[8] = WasmValue.FromFuncRef(guest.Instance.GetFunction("call i32"));
        guest.Call("call i32", 5).ShouldBe(7);
        guest.Trap(TrapCode.IndirectCallTypeMismatch, "call i32", 6);
        guest.Call("call i32", 7).ShouldBe(9);
        guest.Trap(TrapCode.IndirectCallTypeMismatch, "call i32", 8);
        Should.Throw<ArgumentException>(() => { table[Size] = WasmValue.FromFuncRef(null); });
        Should.Throw<ArgumentException>(() => { _ = table[uint.MaxValue]; });
        Should.Throw<ArgumentException>(() => { table[0] = WasmValue.FromI32(1); });
    }

    [Fact]
    public void A_table_that_grew_is_seen_by_the_code_that_is_running()
    {
        using var guest = Build();
        guest.Call("grow then call", 1).ShouldBe(11);
        guest.Instance.GetTable("table")!.Length.ShouldBe(Size + 1u);
        guest.Trap(TrapCode.UndefinedElement, "call i32", Size + 1);
        guest.Call("call i32", Size).ShouldBe(11);
        guest.Call("size").ShouldBe(Size + 1);
    }

    [Fact]
    public void Growth_past_the_maximum_is_refused()
    {
        using var guest = Build();
        guest.Call("grow", 90 + 1).ShouldBe(-1);
        guest.Call("grow", -1).ShouldBe(-1);
        guest.Call("grow", int.MinValue).ShouldBe(-1);
        guest.Call("grow", 90).ShouldBe(Size);
        guest.Call("grow", 0).ShouldBe(Size + 90);
        guest.Call("grow", 1).ShouldBe(-1);
    }

    [Fact]
    public void Tables_of_host_references_keep_the_very_objects_and_check_their_index()
    {
        var module = new ModuleBuilder();
        module.Table(ValueKind.ExternRef, 2, export: "objects");
        module.Function("get", Kinds.I32, Kinds.ExternRef, c => c.Get(0).TableGet(0));
        module.Function("set", [ValueKind.I32, ValueKind.ExternRef], [], c => c.Get(0).Get(1).TableSet(0));
        using var guest = new Guest(module);
        var value = new object();
        guest.Invoke("get", WasmValue.FromI32(1))[0].ExternRef.ShouldBeNull();
        guest.Invoke("set", WasmValue.FromI32(1), WasmValue.FromExternRef(value));
        guest.Invoke("get", WasmValue.FromI32(1))[0].ExternRef.ShouldBeSameAs(value);
        guest.Trap(TrapCode.TableOutOfBounds, "get", 2);
        guest.TrapOf(TrapCode.TableOutOfBounds, "set", WasmValue.FromI32(-1), WasmValue.FromExternRef(value));
    }

    private static bool Fits(int start, int length, long size) => (uint)start + (long)(uint)length <= size;

    private static Guest Build(Action<Linker, Store>? imports = null)
    {
        var module = new ModuleBuilder();
        var host = imports is null ? -1 : module.ImportFunction("env", "nine", [], Kinds.I32);
        module.Table(ValueKind.FuncRef, Size, 100, "table");
        var i32 = module.Function(null, [], Kinds.I32, c => c.I32(11));
        var i64 = module.Function(null, [], Kinds.I64, c => c.I64(11));
        var takes = module.Function(null, Kinds.I32, Kinds.I32, c => c.Get(0));
        module.Elements(0, i32, i64, takes);
        var segment = module.PassiveElements(i32, i64, takes, i32);
        var type = module.Type([], Kinds.I32);
        module.Function("get", Kinds.I32, [], c => c.Get(0).TableGet(0).Emit(Op.Drop));
        module.Function("set", Kinds.I32, [], c => c.Get(0).RefFunc(i32).TableSet(0));
        module.Function("call i32", Kinds.I32, Kinds.I32, c => c.Get(0).CallIndirect(type));
        module.Function("call after clear", Kinds.I32, Kinds.I32, c => c
            .I32(0).Zero(ValueKind.FuncRef).I32(Size).TableFill()
            .I32(0).RefFunc(i32).TableSet(0)
            .Get(0).CallIndirect(type));
        module.Function("fill", Kinds.Many(ValueKind.I32, 2), [], c => c.Get(0).RefFunc(i32).Get(1).TableFill());
        module.Function("copy", Kinds.Many(ValueKind.I32, 3), [], c => c.Get(0).Get(1).Get(2).TableCopy());
        module.Function("init", Kinds.Many(ValueKind.I32, 3), [], c => c.Get(0).Get(1).Get(2).TableInit(segment));
        module.Function("grow", Kinds.I32, Kinds.I32, c => c.Zero(ValueKind.FuncRef).Get(0).TableGrow());
        module.Function("grow then call", Kinds.I32, Kinds.I32, c => c
            .I32(0).CallIndirect(type).Emit(Op.Drop)
            .RefFunc(i32).Get(0).TableGrow()
            .CallIndirect(type));
        module.Function("size", [], Kinds.I32, c => c.TableSize());
        if (host >= 0)
        {
            module.Export("host", 0, host);
        }

        return new Guest(module, imports);
    }

    private static void Check(Guest guest, TrapCode? expected, string export, params int[] arguments)
    {
        TrapCode? code = null;
        try
        {
            guest.Invoke(export, arguments.Select(WasmValue.FromI32).ToArray());
        }
        catch (TrapException trap)
        {
            code = trap.Code;
        }

        if (code != expected)
        {
            Assert.Fail($"{export}({string.Join(", ", arguments)}): {code?.ToString() ?? "no trap"} instead of {expected?.ToString() ?? "no trap"}");
        }
    }
}
