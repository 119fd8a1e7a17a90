using HeliosEdge.Wasm.Tests.Properties;
using Wasmtime;

namespace HeliosEdge.Wasm.Fuzz.Engines;

/// <summary>libwasmtime, in this process.</summary>
internal sealed class WasmtimeEngine : IEngine
{
    private static readonly object[] _objects = [new(), new(), new()];

    private readonly Engine _engine;
    private byte[] _records = [];

    public WasmtimeEngine() => _engine = new Engine(new Config().WithOptimizationLevel(OptimizationLevel.None).WithParallelCompilation(false));

    public string Name => "libwasmtime";

    public void Begin(GeneratedModule module, IReadOnlyList<int> functions)
    {
        using var compiled = Wasmtime.Module.FromBytes(_engine, "generated", module.Bytes);
        using var records = new MemoryStream();
        var running = new Running(_engine, compiled);
        foreach (var number in functions)
        {
            var function = module.Functions[number];
            for (var input = 0; input < ModuleGenerator.Inputs; input++)
            {
                if (running.Call(number, input, function.Results, records) || function.NeedsNewInstance)
                {
                    running.Dispose();
                    running = new Running(_engine, compiled);
                }
            }
        }

        running.Dispose();
        _records = records.ToArray();
    }

    public byte[] Records() => _records;

    public void Dispose() => _engine.Dispose();

    /// <summary>Our number of a trap, plus one.</summary>
    internal static int TrapOf(Wasmtime.TrapCode code) => code switch
    {
        Wasmtime.TrapCode.Unreachable => (int)TrapCode.Unreachable + 1,
        Wasmtime.TrapCode.MemoryOutOfBounds => (int)TrapCode.MemoryOutOfBounds + 1,
        Wasmtime.TrapCode.TableOutOfBounds => (int)TrapCode.TableOutOfBounds + 1,
        Wasmtime.TrapCode.IndirectCallToNull => (int)TrapCode.UninitializedElement + 1,
        Wasmtime.TrapCode.BadSignature => (int)TrapCode.IndirectCallTypeMismatch + 1,
        Wasmtime.TrapCode.IntegerOverflow => (int)TrapCode.IntegerOverflow + 1,
        Wasmtime.TrapCode.IntegerDivisionByZero => (int)TrapCode.IntegerDivideByZero + 1,
        Wasmtime.TrapCode.BadConversionToInteger => (int)TrapCode.InvalidConversionToInteger + 1,
        Wasmtime.TrapCode.StackOverflow => (int)TrapCode.StackExhausted + 1,
        _ => GeneratedRecord.OtherTrap,
    };

    private sealed class Running : IDisposable
    {
        private readonly Wasmtime.Store _store;
        private readonly Wasmtime.Linker _linker;
        private readonly Action<int, int, int> _run;
        private readonly Action _finish;
        private readonly Memory _memory;
        private readonly byte[] _record = new byte[GeneratedRecord.Bytes];

        public Running(Engine engine, Wasmtime.Module module)
        {
            _store = new Wasmtime.Store(engine);
            _linker = new Wasmtime.Linker(engine);
            _linker.Define("host", "number", Wasmtime.Function.FromCallback(_store, (object? value) => Array.IndexOf(_objects, value)));
            _linker.Define("host", "object", Wasmtime.Function.FromCallback(_store, (int number) => (object?)_objects[number]));
            var instance = _linker.Instantiate(_store, module);
            _run = instance.GetAction<int, int, int>(ModuleGenerator.Run)!;
            _finish = instance.GetAction(ModuleGenerator.Finish)!;
            _memory = instance.GetMemory(ModuleGenerator.Memory)!;
        }

        public bool Call(int function, int input, int results, Stream records)
        {
            var trap = 0;
            try
            {
                _run(function, input, results);
            }
            catch (Wasmtime.TrapException exception)
            {
                trap = TrapOf(exception.Type);
            }

            GeneratedRecord.Write(_record, trap, _memory.GetSpan(0, (int)_memory.GetLength()));
            _finish();
            _memory.GetSpan(0, ModuleGenerator.RecordBytes).CopyTo(_record.AsSpan(GeneratedRecord.Header));
            records.Write(_record);
            return GeneratedRecord.Grew(_record);
        }

        public void Dispose()
        {
            _linker.Dispose();
            _store.Dispose();
        }
    }
}
