using System.Runtime.CompilerServices;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Wasm;

namespace HeliosEdge.Sandbox.Wasi.Functions;

/// <summary>Puts the functions of WASI on the managed engine itself, for hosts that do without the engine port.</summary>
internal static class ManagedWasi
{
    public static void Define(Linker linker, WasiProcess process)
    {
        var guests = new ConditionalWeakTable<Caller, DirectCaller>();
        foreach (var function in Preview1.Functions(state => (WasiProcess)state!))
        {
            var type = new FunctionType(
                [.. function.Parameters.Select(KindOf)], function.Result is null ? [] : [ValueKind.I32]);
            linker.DefineFunction(function.Module, function.Name, type, (caller, arguments, results) =>
            {
                Span<long> values = stackalloc long[arguments.Length];
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = arguments[i].Kind == ValueKind.I32 ? arguments[i].I32 : arguments[i].I64;
                }

                var result = function.Callback(guests.GetValue(caller, guest => new DirectCaller(guest, process)), values);
                if (results.Length > 0)
                {
                    results[0] = WasmValue.FromI32((int)result);
                }
            });
        }
    }

    private static ValueKind KindOf(HostValueKind kind) => kind == HostValueKind.I64 ? ValueKind.I64 : ValueKind.I32;

    private sealed class DirectCaller(Caller caller, WasiProcess process) : IHostCaller
    {
        private readonly LinearMemory? _memory = caller.Memory;

        public object? State => process;

        public bool HasMemory => _memory is not null;

        public long MemoryLength => _memory?.Length ?? 0;

        public Span<byte> Memory(long offset, int length) => _memory is null
            ? throw new ArgumentOutOfRangeException(nameof(offset), offset, "The guest has no memory.")
            : _memory.Slice(offset, length);

        public bool HasFunction(string export, string type) => caller.Instance.GetFunction(export)?.Type.ToString() == type;

        public int Call(string export, int argument) => caller.Instance.GetFunction(export)!.AsFunc<int, int>()(argument);

        public void Run(string export, int first, int second) => caller.Instance.GetFunction(export)!.AsAction<int, int>()(first, second);
    }
}
