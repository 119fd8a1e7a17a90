namespace HeliosEdge.Wasm.Tests.Spec;

/// <summary>The host module <c>spectest</c> that the suite's modules import from.</summary>
internal static class SpecTestModule
{
    public static void Define(Linker linker, Store store)
    {
        const string Module = "spectest";
        linker.Define(Module, "global_i32", new Global(store, ValueKind.I32, false, WasmValue.FromI32(666)));
        linker.Define(Module, "global_i64", new Global(store, ValueKind.I64, false, WasmValue.FromI64(666)));
        linker.Define(Module, "global_f32", new Global(store, ValueKind.F32, false, WasmValue.FromF32(666.6f)));
        linker.Define(Module, "global_f64", new Global(store, ValueKind.F64, false, WasmValue.FromF64(666.6)));
        linker.Define(Module, "table", new Table(store, ValueKind.FuncRef, 10, 20));
        linker.Define(Module, "memory", new LinearMemory(store, 1, 2));
        linker.DefineFunction(Module, "print", () => { });
        linker.DefineFunction(Module, "print_i32", (int _) => { });
        linker.DefineFunction(Module, "print_i64", (long _) => { });
        linker.DefineFunction(Module, "print_f32", (float _) => { });
        linker.DefineFunction(Module, "print_f64", (double _) => { });
        linker.DefineFunction(Module, "print_i32_f32", (int _, float _) => { });
        linker.DefineFunction(Module, "print_f64_f64", (double _, double _) => { });
    }
}
