using System.Runtime.InteropServices;

namespace HeliosEdge.Sandbox.Engines.Wasmtime;

/// <summary>An object of the library, deleted once with the function that the library has for it.</summary>
internal abstract class NativeHandle : SafeHandle
{
    protected NativeHandle(WasmtimeApi api, nint native)
        : base(0, ownsHandle: true)
    {
        Api = api;
        SetHandle(native);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>The library's pointer, for a caller that keeps this object alive and not disposed.</summary>
    public nint Native => IsClosed ? throw new ObjectDisposedException(GetType().Name) : handle;

    protected WasmtimeApi Api { get; }
}

/// <summary><c>wasm_engine_t</c>.</summary>
// SAFETY: the handle owns the engine; stores and modules hold references of their own within the library.
internal sealed unsafe class EngineHandle(WasmtimeApi api, nint native) : NativeHandle(api, native)
{
    protected override bool ReleaseHandle()
    {
        Api.EngineDelete(handle);
        return true;
    }
}

/// <summary><c>wasmtime_module_t</c>.</summary>
// SAFETY: the handle owns the module; instances hold references of their own within the library.
internal sealed unsafe class ModuleHandle(WasmtimeApi api, nint native) : NativeHandle(api, native)
{
    protected override bool ReleaseHandle()
    {
        Api.ModuleDelete(handle);
        return true;
    }
}

/// <summary><c>wasmtime_instance_pre_t</c>.</summary>
// SAFETY: the handle owns it, and nobody instantiates from it at the moment: those hold a reference to the handle.
internal sealed unsafe class InstancePreHandle(WasmtimeApi api, nint native) : NativeHandle(api, native)
{
    protected override bool ReleaseHandle()
    {
        Api.InstancePreDelete(handle);
        return true;
    }
}
