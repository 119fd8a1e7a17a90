namespace HeliosEdge.Wasm.Fuzz.Whole;

/// <summary>Calls a module's exports on our engine.</summary>
internal static class ManagedWholeModule
{
    public static string Run(byte[] bytes, CompileOptions options)
    {
        var text = new WholeModuleText();
        using var module = Module.Compile(bytes, options);
        using var store = new Store { Fuel = long.MaxValue / 2 };
        var linker = new Linker();
        foreach (var import in module.Imports.DistinctBy(import => (import.Module, import.Name)))
        {
            linker.DefineFunction(import.Module, import.Name, import.FunctionType!, (_, arguments, results) =>
            {
                foreach (var argument in arguments)
                {
                    text.Logged(argument);
                }

                for (var i = 0; i < results.Length; i++)
                {
                    results[i] = WasmValue.Default(import.FunctionType!.Results[i]);
                }
            });
        }

        var instance = linker.Instantiate(store, module);
        foreach (var export in module.Exports.Where(export => export.Kind == ExternKind.Function))
        {
            instance.GetFunction(WholeModuleText.HangLimit)?.Invoke();
            text.Begin(export.Name);
            try
            {
                foreach (var result in instance.GetFunction(export.Name)!.Invoke([.. export.FunctionType!.Parameters.Select(WholeModuleText.Argument)]))
                {
                    text.Value(result);
                }
            }
            catch (TrapException trap)
            {
                text.Trap(trap.Code);
            }

            text.End();
        }

        if (instance.GetMemory(WholeModuleText.Memory) is { } memory)
        {
            text.MemoryIs(memory.Slice(0, (int)memory.Length));
        }

        return text.ToString();
    }
}
