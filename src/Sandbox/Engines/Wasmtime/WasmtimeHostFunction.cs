using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace HeliosEdge.Sandbox.Engines.Wasmtime;

/// <summary>Host functions as the library calls them.</summary>
// SAFETY: the library passes back the handle it was given, until it calls the finalizer, and as many values as the type has.
internal static unsafe class WasmtimeHostFunction
{
    private const int MaxOnStack = 32;

    private static WasmtimeApi? _api;

    /// <summary>Adds a host function to a linker.</summary>
    /// <returns>Why the library does not take it, or null.</returns>
    public static string? Define(WasmtimeApi api, nint linker, HostFunction function)
    {
        // One library a process: every api has the same functions.
        _api ??= api;
        var module = Encoding.UTF8.GetBytes(function.Module);
        var name = Encoding.UTF8.GetBytes(function.Name);
        var parameters = Types(api, function.Parameters);
        var results = Types(api, function.Result is { } result ? [result] : []);
        var type = api.FunctionTypeNew(&parameters, &results);
        fixed (byte* moduleBytes = module)
        fixed (byte* nameBytes = name)
        {
            var error = api.LinkerDefineFunc(
                linker, moduleBytes, (nuint)module.Length, nameBytes, (nuint)name.Length, type, &Run, GCHandle.ToIntPtr(GCHandle.Alloc(function)), &Free);
            api.FunctionTypeDelete(type);
            return error == 0 ? null : api.TakeError(error);
        }
    }

    private static PointerVector Types(WasmtimeApi api, ImmutableArray<HostValueKind> kinds)
    {
        var types = new nint[kinds.Length];
        for (var i = 0; i < types.Length; i++)
        {
            types[i] = api.ValueTypeNew((byte)kinds[i]);
        }

        PointerVector vector;
        fixed (nint* first = types)
        {
            api.ValueTypesNew(&vector, (nuint)types.Length, first);
        }

        return vector;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Run(nint environment, nint caller, RawValue* values, nuint count)
    {
        var function = (HostFunction)GCHandle.FromIntPtr(environment).Target!;
        var kinds = function.Parameters;
        var arguments = kinds.Length <= MaxOnStack ? stackalloc long[MaxOnStack] : new long[kinds.Length];
        for (var i = 0; i < kinds.Length; i++)
        {
            arguments[i] = kinds[i] is HostValueKind.I32 or HostValueKind.F32 ? values[i].I32 : values[i].I64;
        }

        if (!WasmtimeInstance.RunHostFunction(function, caller, arguments[..kinds.Length], out var result))
        {
            var message = "host"u8;
            fixed (byte* text = message)
            {
                return _api!.TrapNew(text, (nuint)message.Length);
            }
        }

        if (function.Result is not null)
        {
            values[0].I64 = result;
        }

        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Free(nint environment) => GCHandle.FromIntPtr(environment).Free();
}
