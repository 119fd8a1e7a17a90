using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using HeliosEdge.Sandbox.Engines.Wasmtime;

namespace HeliosEdge.Sandbox.Tests.Engines.Wasmtime;

/// <summary>A library that is not the one that was bound is refused in one sentence before it runs anything.</summary>
// SAFETY: each replacement calls the library's function and then writes only to the room that the check gives, which is larger.
public sealed unsafe class LayoutCheckTests
{
    private static nint _library;

    public static TheoryData<string, string> Structs => new()
    {
        { "wasmtime_error_message", "wasm_byte_vec_t" },
        { "wasm_valtype_vec_new", "wasm_valtype_vec_t" },
        { "wasmtime_instance_pre_instantiate", "wasmtime_instance_t" },
        { "wasmtime_instance_export_get", "wasmtime_extern_t" },
        { "wasmtime_instance_export_get", "wasmtime_memory_t" },
        { "wasmtime_global_get", "wasmtime_val_t" },
        { "wasmtime_func_call_unchecked", "wasmtime_val_raw_t" },
    };

    [WasmtimeTheory]
    [MemberData(nameof(Structs))]
    public void A_struct_that_is_laid_out_otherwise_is_named(string function, string type)
    {
        WasmtimeLibrary.Load(Libwasmtime.Engine.Location, out _library).ShouldBeNull();
        var api = new WasmtimeApi(name => name == function ? Otherwise(type) : NativeLibrary.GetExport(_library, name));

        WasmtimeEngine.Examine(WasmtimeApi.Of(_library), out _).ShouldBeNull();
        WasmtimeEngine.Examine(api, out _).ShouldBe($"its {type} is laid out otherwise than this build expects");
    }

    [WasmtimeFact]
    public void The_library_that_comes_along_fits_whatever_its_padding_holds()
    {
        WasmtimeLibrary.Load(Libwasmtime.Engine.Location, out _library).ShouldBeNull();
        for (var i = 0; i < 50; i++)
        {
            WasmtimeEngine.Examine(WasmtimeApi.Of(_library), out _).ShouldBeNull();
        }
    }

    [Fact]
    public void Another_library_is_told_what_it_lacks()
    {
        var other = Process.GetCurrentProcess().Modules.Cast<ProcessModule>().First(module => module.ModuleName.Contains("coreclr")).FileName;

        Refusal(other).ShouldStartWith($"libwasmtime at {other} lacks a function that is needed: ");
    }

    [Fact]
    public void A_file_that_is_no_library_is_told_apart_from_none()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "guests", "echo.wasm");

        Refusal(file).ShouldStartWith($"libwasmtime was not found: {file} is no library that can be loaded here: ");
        Refusal(file + ".so").ShouldBe($"libwasmtime was not found: {file}.so does not exist");
    }

    private static string Refusal(string path)
    {
        WasmtimeEngine.TryOpen(path, out _, out _, out _, out var reason).ShouldBeFalse();
        return reason!;
    }

    private static nint Otherwise(string type) => type switch
    {
        "wasm_byte_vec_t" => (nint)(delegate* unmanaged[Cdecl]<nint, nint*, void>)&PointerBeforeSize,
        "wasm_valtype_vec_t" => (nint)(delegate* unmanaged[Cdecl]<nuint*, nuint, nint*, void>)&WithCapacity,
        "wasmtime_instance_t" => (nint)(delegate* unmanaged[Cdecl]<nint, nint, ulong*, nint*, nint>)&LongerInstance,
        "wasmtime_extern_t" => (nint)(delegate* unmanaged[Cdecl]<nint, nint, byte*, nuint, ulong*, byte>)&UnionFurtherBehind,
        "wasmtime_memory_t" => (nint)(delegate* unmanaged[Cdecl]<nint, nint, byte*, nuint, uint*, byte>)&WithoutPadding,
        "wasmtime_val_t" => (nint)(delegate* unmanaged[Cdecl]<nint, nint, ulong*, void>)&NumberFurtherBehind,
        "wasmtime_val_raw_t" => (nint)(delegate* unmanaged[Cdecl]<nint, nint, ulong*, nuint, nint*, nint>)&ShorterValues,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    private static nint Find(string name) => NativeLibrary.GetExport(_library, name);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void PointerBeforeSize(nint error, nint* message)
    {
        ((delegate* unmanaged<nint, nint*, void>)Find("wasmtime_error_message"))(error, message);
        (message[0], message[1]) = (message[1], message[0]);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void WithCapacity(nuint* vector, nuint size, nint* items)
    {
        ((delegate* unmanaged<nuint*, nuint, nint*, void>)Find("wasm_valtype_vec_new"))(vector, size, items);
        vector[2] = size;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint LongerInstance(nint pre, nint context, ulong* instance, nint* trap)
    {
        var error = ((delegate* unmanaged<nint, nint, ulong*, nint*, nint>)Find("wasmtime_instance_pre_instantiate"))(pre, context, instance, trap);
        instance[2] = 0;
        return error;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte UnionFurtherBehind(nint context, nint instance, byte* name, nuint length, ulong* item)
    {
        var found = ((delegate* unmanaged<nint, nint, byte*, nuint, ulong*, byte>)Find("wasmtime_instance_export_get"))(context, instance, name, length, item);
        new Span<ulong>(item + 1, 3).CopyTo(new Span<ulong>(item + 2, 3));
        return found;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte WithoutPadding(nint context, nint instance, byte* name, nuint length, uint* item)
    {
        var found = ((delegate* unmanaged<nint, nint, byte*, nuint, uint*, byte>)Find("wasmtime_instance_export_get"))(context, instance, name, length, item);
        (item[5], item[6]) = (item[6], 0xABABABAB);
        return found;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void NumberFurtherBehind(nint context, nint global, ulong* value)
    {
        ((delegate* unmanaged<nint, nint, ulong*, void>)Find("wasmtime_global_get"))(context, global, value);
        (value[2], value[1]) = (value[1], 0);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint ShorterValues(nint context, nint function, ulong* values, nuint count, nint* trap)
    {
        var error = ((delegate* unmanaged<nint, nint, ulong*, nuint, nint*, nint>)Find("wasmtime_func_call_unchecked"))(context, function, values, count, trap);
        (values[1], values[2], values[3]) = (values[2], values[4], values[5]);
        return error;
    }
}
