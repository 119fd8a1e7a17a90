using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Tests.Running;

namespace HeliosEdge.Wasm.Tests.Api;

/// <summary>Imports that are missing or of another type are refused by name.</summary>
public sealed class LinkingTests
{
    [Fact]
    public void A_missing_import_is_named()
    {
        var module = new ModuleBuilder();
        module.ImportFunction("env", "absent", [], []);
        Should.Throw<LinkException>(() => new Guest(module)).Message.ShouldSatisfyAllConditions(
            message => message.ShouldContain("env"),
            message => message.ShouldContain("absent"));
    }

    [Fact]
    public void An_import_of_another_type_is_refused_with_both_types()
    {
        var module = new ModuleBuilder();
        module.ImportFunction("env", "f", Kinds.I32, Kinds.I64);
        var message = Should.Throw<LinkException>(() => new Guest(module, (linker, _) =>
            linker.DefineFunction("env", "f", (int a) => a))).Message;
        message.ShouldContain("(i32) -> (i64)");
        message.ShouldContain("(i32) -> (i32)");
    }

    [Fact]
    public void Imports_of_another_kind_size_or_mutability_are_refused()
    {
        (Action<ModuleBuilder> Import, Func<Store, Extern> Given, bool Fits)[] cases =
        [
            (m => m.ImportMemory("e", "x", 1), s => new LinearMemory(s, 1, null), true),
            (m => m.ImportMemory("e", "x", 2), s => new LinearMemory(s, 1, null), false),
            (m => m.ImportMemory("e", "x", 1, 2), s => new LinearMemory(s, 1, null), false),
            (m => m.ImportMemory("e", "x", 1, 2), s => new LinearMemory(s, 1, 3), false),
            (m => m.ImportMemory("e", "x", 1, 2), s => new LinearMemory(s, 2, 2), true),
            (m => m.ImportMemory("e", "x", 1), s => new Table(s, ValueKind.FuncRef, 1, null), false),
            (m => m.ImportTable("e", "x", ValueKind.FuncRef, 1), s => new Table(s, ValueKind.FuncRef, 1, null), true),
            (m => m.ImportTable("e", "x", ValueKind.FuncRef, 1), s => new Table(s, ValueKind.ExternRef, 1, null), false),
            (m => m.ImportTable("e", "x", ValueKind.FuncRef, 2), s => new Table(s, ValueKind.FuncRef, 1, 5), false),
            (m => m.ImportTable("e", "x", ValueKind.FuncRef, 1, 4), s => new Table(s, ValueKind.FuncRef, 1, 5), false),
            (m => m.ImportGlobal("e", "x", ValueKind.I32, true), s => new Global(s, ValueKind.I32, true, WasmValue.FromI32(1)), true),
            (m => m.ImportGlobal("e", "x", ValueKind.I32, true), s => new Global(s, ValueKind.I32, false, WasmValue.FromI32(1)), false),
            (m => m.ImportGlobal("e", "x", ValueKind.I32, false), s => new Global(s, ValueKind.I32, true, WasmValue.FromI32(1)), false),
            (m => m.ImportGlobal("e", "x", ValueKind.I64, false), s => new Global(s, ValueKind.I32, false, WasmValue.FromI32(1)), false),
            (m => m.ImportFunction("e", "x", [], []), s => new Global(s, ValueKind.I32, false, WasmValue.FromI32(1)), false),
        ];
        for (var i = 0; i < cases.Length; i++)
        {
            var (import, given, fits) = cases[i];
            var module = new ModuleBuilder();
            import(module);
            void Link() => new Guest(module, (linker, store) => linker.Define("e", "x", given(store))).Dispose();
            if (fits)
            {
                Should.NotThrow(Link, $"case {i}");
            }
            else
            {
                Should.Throw<LinkException>(Link, $"case {i}");
            }
        }
    }

    [Fact]
    public void A_memory_that_grew_is_imported_with_its_present_size()
    {
        var module = new ModuleBuilder();
        module.ImportMemory("e", "x", 3);
        using var guest = new Guest(module, (linker, store) =>
        {
            var memory = new LinearMemory(store, 1, null);
            memory.TryGrow(2, out _).ShouldBeTrue();
            linker.Define("e", "x", memory);
        });
        guest.Module.Imports.Single().Kind.ShouldBe(ExternKind.Memory);
    }

    [Fact]
    public void Things_of_one_store_are_not_linked_into_another()
    {
        var module = new ModuleBuilder();
        module.ImportMemory("e", "x", 1);
        using var foreign = new Store();
        var memory = new LinearMemory(foreign, 1, null);
        Should.Throw<Exception>(() => new Guest(module, (linker, _) => linker.Define("e", "x", memory)))
            .ShouldBeOfType<LinkException>();
    }

    [Fact]
    public void Globals_are_shared_by_host_and_instances()
    {
        var module = new ModuleBuilder();
        var global = module.ImportGlobal("e", "x", ValueKind.I64, true);
        module.Function("add", Kinds.I64, [], c => c.GlobalGet(global).Get(0).Emit(Op.I64Add).GlobalSet(global));
        module.Export("shared", 3, global);
        Global? shared = null;
        using var guest = new Guest(module, (linker, store) =>
        {
            shared = new Global(store, ValueKind.I64, true, WasmValue.FromI64(40));
            linker.Define("e", "x", shared);
        });
        guest.Invoke("add", WasmValue.FromI64(2));
        shared!.Value.I64.ShouldBe(42);
        shared.Value = WasmValue.FromI64(-1);
        guest.Invoke("add", WasmValue.FromI64(-1));
        guest.Instance.GetGlobal("shared")!.Value.I64.ShouldBe(-2);
        Should.Throw<ArgumentException>(() => { shared.Value = WasmValue.FromI32(1); });
        var constant = new Global(guest.Store, ValueKind.I32, false, WasmValue.FromI32(1));
        Should.Throw<InvalidOperationException>(() => { constant.Value = WasmValue.FromI32(2); });
    }

    [Fact]
    public void Exports_and_imports_are_described()
    {
        var module = new ModuleBuilder().Named("described");
        module.ImportFunction("env", "f", Kinds.I32, Kinds.F64);
        module.ImportGlobal("env", "g", ValueKind.I32, false);
        module.Memory(1, export: "memory");
        module.Table(ValueKind.FuncRef, 1, export: "table");
        module.Function("run", Kinds.V128, [], c => c.Emit(Op.Nop));
        using var compiled = Module.Compile(module.Build());
        compiled.Name.ShouldBe("described");
        compiled.Imports.Select(i => (i.Module, i.Name, i.Kind)).ShouldBe([("env", "f", ExternKind.Function), ("env", "g", ExternKind.Global)]);
        compiled.Imports[0].FunctionType!.ToString().ShouldBe("(i32) -> (f64)");
        compiled.Imports[1].FunctionType.ShouldBeNull();
        compiled.Exports.Select(e => (e.Name, e.Kind)).ShouldBe(
            [("memory", ExternKind.Memory), ("table", ExternKind.Table), ("run", ExternKind.Function)]);
        compiled.Exports[2].FunctionType!.ToString().ShouldBe("(v128) -> ()");
    }
}
