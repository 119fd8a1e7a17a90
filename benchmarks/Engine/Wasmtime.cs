using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace HeliosEdge.Benchmarks.Engine;

/// <summary>
/// Wasmtime through its C API, from the shared library that <see cref="LibraryVariable"/> names. Epoch interruption is
/// on when it is on in ours, so that the two do the same work.
/// </summary>
// SAFETY: every pointer here was returned by the library and is passed back only to the functions that its headers
// name for it, before the matching delete; buffers that it fills live on the stack of the calling method.
internal sealed unsafe class WasmtimeEngine : IEngine
{
    /// <summary>The environment variable that asks for this engine.</summary>
    public const string LibraryVariable = "HELIOS_WASMTIME_LIB";

    // The structures below are smaller than this in every release so far (wasmtime_val_t and wasmtime_extern_t have
    // 32 bytes, wasmtime_instance_t 16); the room to spare lets one build serve several releases.
    private const int StructureBytes = 128;
    private const int PayloadOffset = 8;

    private readonly Api _api;
    private readonly bool _interruptible;
    private readonly nint _engine;
    private readonly Dictionary<string, nint> _modules = [];

    private WasmtimeEngine(string library, bool interruptible)
    {
        _api = new Api(NativeLibrary.Load(library));
        _interruptible = interruptible;
        nint config = _api.ConfigNew();
        _api.ConfigEpochInterruption(config, interruptible ? (byte)1 : (byte)0);
        _engine = _api.EngineNewWithConfig(config);
    }

    public string Name => _interruptible ? "Wasmtime" : "Wasmtime, no epoch";

    /// <summary>Whether the environment names a library.</summary>
    public static bool IsWanted => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(LibraryVariable));

    public static WasmtimeEngine Open(bool interruptible)
    {
        string library = Environment.GetEnvironmentVariable(LibraryVariable)
            ?? throw new InvalidOperationException($"{LibraryVariable} is not set.");
        return new WasmtimeEngine(Path.GetFullPath(library), interruptible);
    }

    public void Load(Kernel kernel) => _modules.Add(kernel.Name, Compile(File.ReadAllBytes(kernel.Path)));

    public RunTime Run(Kernel kernel, int n)
    {
        nint store = OpenStore(out nint context);
        byte* function = stackalloc byte[StructureBytes];
        GetFunction(context, _modules[kernel.Name], "run", function);
        Call(context, function, n);
        long start = Stopwatch.GetTimestamp();
        string result = Call(context, function, n);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        _api.StoreDelete(store);
        return new RunTime(elapsed.TotalMilliseconds, result);
    }

    public StartTime StartWarm(StartCase start) => Start(File.ReadAllBytes(start.Path), start.Export, start.N);

    public StartTime StartCold(StartCase start) => ColdProcess.Start(_interruptible ? "wasmtime" : "wasmtime-no-epoch", start);

    public StartTime Start(byte[] wasm, string export, int n)
    {
        long begin = Stopwatch.GetTimestamp();
        nint module = Compile(wasm);
        long compiled = Stopwatch.GetTimestamp();
        nint store = OpenStore(out nint context);
        byte* function = stackalloc byte[StructureBytes];
        GetFunction(context, module, export, function);
        string result = Call(context, function, n);
        long end = Stopwatch.GetTimestamp();
        _api.StoreDelete(store);
        _api.ModuleDelete(module);
        return new StartTime(
            Stopwatch.GetElapsedTime(begin, compiled).TotalMilliseconds,
            Stopwatch.GetElapsedTime(compiled, end).TotalMilliseconds,
            result);
    }

    public void Dispose()
    {
        foreach (nint module in _modules.Values)
        {
            _api.ModuleDelete(module);
        }

        _modules.Clear();
        _api.EngineDelete(_engine);
    }

    private nint Compile(byte[] wasm)
    {
        nint module;
        fixed (byte* bytes = wasm)
        {
            Check(_api.ModuleNew(_engine, bytes, (nuint)wasm.Length, &module), 0);
        }

        return module;
    }

    private nint OpenStore(out nint context)
    {
        nint store = _api.StoreNew(_engine, 0, 0);
        context = _api.StoreContext(store);
        if (_interruptible)
        {
            // Nobody moves the epoch on, so any distance is far enough.
            _api.SetEpochDeadline(context, 1);
        }

        return store;
    }

    private void GetFunction(nint context, nint module, string export, byte* function)
    {
        byte* instance = stackalloc byte[StructureBytes];
        byte* item = stackalloc byte[StructureBytes];
        nint trap = 0;
        Check(_api.InstanceNew(context, module, null, 0, instance, &trap), trap);
        byte[] name = Encoding.UTF8.GetBytes(export);
        fixed (byte* characters = name)
        {
            const byte externFunction = 0;
            if (_api.ExportGet(context, instance, characters, (nuint)name.Length, item) == 0 || item[0] != externFunction)
            {
                throw new InvalidDataException($"The module has no function export named '{export}'.");
            }
        }

        const int functionBytes = 16;
        new ReadOnlySpan<byte>(item + PayloadOffset, functionBytes).CopyTo(new Span<byte>(function, functionBytes));
    }

    private string Call(nint context, byte* function, int n)
    {
        byte* argument = stackalloc byte[StructureBytes];
        byte* result = stackalloc byte[StructureBytes];
        argument[0] = 0;
        *(int*)(argument + PayloadOffset) = n;
        nint trap = 0;
        Check(_api.FuncCall(context, function, argument, 1, result, 1, &trap), trap);
        byte* value = result + PayloadOffset;
        return result[0] switch
        {
            0 => ResultText.FromNumber(*(int*)value),
            1 => ResultText.FromInteger(*(long*)value),
            2 => ResultText.FromNumber(*(float*)value),
            3 => ResultText.FromNumber(*(double*)value),
            byte kind => throw new InvalidDataException($"A result of Wasmtime's kind {kind} is no checksum."),
        };
    }

    private void Check(nint error, nint trap)
    {
        if (error == 0 && trap == 0)
        {
            return;
        }

        ByteVector message = default;
        if (error != 0)
        {
            _api.ErrorMessage(error, &message);
        }
        else
        {
            _api.TrapMessage(trap, &message);
        }

        throw new InvalidOperationException("Wasmtime: " + Encoding.UTF8.GetString(message.Data, (int)message.Size));
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct ByteVector
    {
        public nuint Size;
        public byte* Data;
    }

    /// <summary>The functions that are used, each with the signature that Wasmtime's headers give it.</summary>
    // SAFETY: the types repeat the C declarations: pointers to the library's objects as nint, size_t as nuint.
    private sealed class Api(nint library)
    {
        public readonly delegate* unmanaged<nint> ConfigNew =
            (delegate* unmanaged<nint>)Find(library, "wasm_config_new");

        public readonly delegate* unmanaged<nint, byte, void> ConfigEpochInterruption =
            (delegate* unmanaged<nint, byte, void>)Find(library, "wasmtime_config_epoch_interruption_set");

        public readonly delegate* unmanaged<nint, nint> EngineNewWithConfig =
            (delegate* unmanaged<nint, nint>)Find(library, "wasm_engine_new_with_config");

        public readonly delegate* unmanaged<nint, void> EngineDelete =
            (delegate* unmanaged<nint, void>)Find(library, "wasm_engine_delete");

        public readonly delegate* unmanaged<nint, byte*, nuint, nint*, nint> ModuleNew =
            (delegate* unmanaged<nint, byte*, nuint, nint*, nint>)Find(library, "wasmtime_module_new");

        public readonly delegate* unmanaged<nint, void> ModuleDelete =
            (delegate* unmanaged<nint, void>)Find(library, "wasmtime_module_delete");

        public readonly delegate* unmanaged<nint, nint, nint, nint> StoreNew =
            (delegate* unmanaged<nint, nint, nint, nint>)Find(library, "wasmtime_store_new");

        public readonly delegate* unmanaged<nint, nint> StoreContext =
            (delegate* unmanaged<nint, nint>)Find(library, "wasmtime_store_context");

        public readonly delegate* unmanaged<nint, ulong, void> SetEpochDeadline =
            (delegate* unmanaged<nint, ulong, void>)Find(library, "wasmtime_context_set_epoch_deadline");

        public readonly delegate* unmanaged<nint, void> StoreDelete =
            (delegate* unmanaged<nint, void>)Find(library, "wasmtime_store_delete");

        public readonly delegate* unmanaged<nint, nint, byte*, nuint, byte*, nint*, nint> InstanceNew =
            (delegate* unmanaged<nint, nint, byte*, nuint, byte*, nint*, nint>)Find(library, "wasmtime_instance_new");

        public readonly delegate* unmanaged<nint, byte*, byte*, nuint, byte*, byte> ExportGet =
            (delegate* unmanaged<nint, byte*, byte*, nuint, byte*, byte>)Find(library, "wasmtime_instance_export_get");

        public readonly delegate* unmanaged<nint, byte*, byte*, nuint, byte*, nuint, nint*, nint> FuncCall =
            (delegate* unmanaged<nint, byte*, byte*, nuint, byte*, nuint, nint*, nint>)Find(library, "wasmtime_func_call");

        public readonly delegate* unmanaged<nint, ByteVector*, void> ErrorMessage =
            (delegate* unmanaged<nint, ByteVector*, void>)Find(library, "wasmtime_error_message");

        public readonly delegate* unmanaged<nint, ByteVector*, void> TrapMessage =
            (delegate* unmanaged<nint, ByteVector*, void>)Find(library, "wasm_trap_message");

        private static void* Find(nint library, string name) => (void*)NativeLibrary.GetExport(library, name);
    }
}
