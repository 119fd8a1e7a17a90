using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using HeliosEdge.Wasm.Fuzz.Engines;
using Wasmtime;

namespace HeliosEdge.Wasm.Fuzz.Whole;

/// <summary>Calls a module's exports on libwasmtime.</summary>
internal sealed class WasmtimeWholeModule : IDisposable
{
    private readonly Engine _engine = new(new Config().WithOptimizationLevel(OptimizationLevel.Speed).WithParallelCompilation(false));

    public string Run(byte[] bytes)
    {
        var text = new WholeModuleText();
        using var module = Wasmtime.Module.FromBytes(_engine, "whole", bytes);
        using var store = new Wasmtime.Store(_engine);
        using var linker = new Wasmtime.Linker(_engine);
        foreach (var import in module.Imports.OfType<FunctionImport>().DistinctBy(import => (import.ModuleName, import.Name)))
        {
            linker.Define(import.ModuleName, import.Name, Wasmtime.Function.FromCallback(
                store,
                (_, arguments, results) =>
                {
                    for (var i = 0; i < arguments.Length; i++)
                    {
                        text.Logged(Ours(arguments[i], import.Parameters[i]));
                    }

                    for (var i = 0; i < results.Length; i++)
                    {
                        results[i] = Theirs(WasmValue.Default(Kind(import.Results[i])));
                    }
                },
                import.Parameters,
                import.Results));
        }

        var instance = linker.Instantiate(store, module);
        foreach (var export in module.Exports.OfType<FunctionExport>())
        {
            instance.GetFunction(WholeModuleText.HangLimit)?.Invoke();
            text.Begin(export.Name);
            try
            {
                ValueBox[] arguments = [.. export.Parameters.Select((kind, i) => Theirs(WholeModuleText.Argument(Kind(kind), i)))];
                var result = instance.GetFunction(export.Name)!.Invoke(arguments);
                var results = export.Results.Count switch { 0 => [], 1 => [result], _ => (object?[])result! };
                for (var i = 0; i < results.Length; i++)
                {
                    text.Value(Ours(results[i]));
                }
            }
            catch (Wasmtime.TrapException trap)
            {
                text.Trap((TrapCode)(WasmtimeEngine.TrapOf(trap.Type) - 1));
            }

            text.End();
        }

        if (instance.GetMemory(WholeModuleText.Memory) is { } memory)
        {
            text.MemoryIs(memory.GetSpan(0, (int)memory.GetLength()));
        }

        return text.ToString();
    }

    public void Dispose() => _engine.Dispose();

    private static WasmValue Ours(object? value) => value switch
    {
        int i32 => WasmValue.FromI32(i32),
        long i64 => WasmValue.FromI64(i64),
        float f32 => WasmValue.FromF32(f32),
        double f64 => WasmValue.FromF64(f64),
        V128 v128 => WasmValue.FromV128(Vector128.Create(v128.AsSpan())),
        _ => throw new InvalidOperationException($"A result of the type {value?.GetType()} is not known."),
    };

    private static WasmValue Ours(ValueBox value, Wasmtime.ValueKind kind) => kind switch
    {
        Wasmtime.ValueKind.Int32 => WasmValue.FromI32(value.AsInt32()),
        Wasmtime.ValueKind.Int64 => WasmValue.FromI64(value.AsInt64()),
        Wasmtime.ValueKind.Float32 => WasmValue.FromF32(value.AsSingle()),
        Wasmtime.ValueKind.Float64 => WasmValue.FromF64(value.AsDouble()),
        _ => WasmValue.FromV128(Vector128.Create(value.AsV128().AsSpan())),
    };

    private static ValueBox Theirs(WasmValue value) => value.Kind switch
    {
        ValueKind.I32 => value.I32,
        ValueKind.I64 => value.I64,
        ValueKind.F32 => value.F32,
        ValueKind.F64 => value.F64,
        _ => new V128(MemoryMarshal.AsBytes<Vector128<byte>>([value.V128])),
    };

    private static ValueKind Kind(Wasmtime.ValueKind kind) => kind switch
    {
        Wasmtime.ValueKind.Int32 => ValueKind.I32,
        Wasmtime.ValueKind.Int64 => ValueKind.I64,
        Wasmtime.ValueKind.Float32 => ValueKind.F32,
        Wasmtime.ValueKind.Float64 => ValueKind.F64,
        Wasmtime.ValueKind.V128 => ValueKind.V128,
        _ => throw new InvalidOperationException($"{kind} is not known."),
    };
}
