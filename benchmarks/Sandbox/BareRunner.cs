using System.Buffers;
using HeliosEdge.Wasm;

namespace HeliosEdge.Benchmarks.Sandbox;

/// <summary>
/// The engine alone, with nothing around it: a fresh instance, the guest's allocator, the payload in, the entry, the response out.
/// No deadline, no limits but the engine's own, no port, no ABI.
/// </summary>
/// <param name="wasm">The guest.</param>
/// <param name="reset">Whether the instance is reset between calls, which is the engine's cheapest way to a fresh one, or made anew.</param>
internal sealed class BareRunner(byte[] wasm, bool reset) : IRunner
{
    private static readonly StoreLimits Limits = new() { MaxMemoryBytes = 64 << 20 };

    private readonly Module _module = Module.Compile(wasm);
    private readonly Linker _linker = new();
    private Open? _open;

    public string Name => reset ? "engine, instance reset" : "engine, new store";

    public void Invoke(byte[] payload, ArrayBufferWriter<byte> response)
    {
        if (!reset)
        {
            using var open = new Open(_linker, _module);
            open.Call(payload, response);
            return;
        }

        if (_open is null)
        {
            _open = new Open(_linker, _module);
        }
        else if (!_open.Instance.TryReset())
        {
            throw new InvalidOperationException("The instance cannot be reset.");
        }

        _open.Instance.Start();
        _open.Call(payload, response);
    }

    /// <summary>An instance that stays, after one call.</summary>
    public IDisposable Hold(byte[] payload)
    {
        var open = new Open(_linker, _module);
        open.Call(payload, new ArrayBufferWriter<byte>(payload.Length));
        return open;
    }

    public void Dispose()
    {
        _open?.Dispose();
        _module.Dispose();
    }

    private sealed class Open : IDisposable
    {
        private readonly Store _store = new(Limits);
        private readonly LinearMemory _memory;
        private readonly Func<int, int> _allocate;
        private readonly Func<int, int, long> _handle;

        public Open(Linker linker, Module module)
        {
            Instance = linker.Instantiate(_store, module);
            _memory = Instance.GetMemory("memory")!;
            _allocate = Instance.GetFunction("__wasm_allocate")!.AsFunc<int, int>();
            _handle = Instance.GetFunction("handle")!.AsFunc<int, int, long>();
        }

        public Instance Instance { get; }

        public void Call(byte[] payload, ArrayBufferWriter<byte> response)
        {
            var at = _allocate(payload.Length);
            payload.CopyTo(_memory.Slice((uint)at, payload.Length));
            var packed = (ulong)_handle(at, payload.Length);
            response.Write(_memory.Slice((long)(packed >> 32), (int)packed));
        }

        public void Dispose() => _store.Dispose();
    }
}
