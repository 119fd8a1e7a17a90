using System.Runtime.InteropServices;
using System.Text;

namespace HeliosEdge.Sandbox.Engines.Wasmtime;

/// <summary>
/// The functions of Wasmtime's C API that are used, each with the signature that its headers (<c>wasm.h</c>, <c>wasmtime.h</c>) give it:
/// objects of the library as <see cref="nint"/>, <c>size_t</c> as <see cref="nuint"/>, <c>bool</c> as <see cref="byte"/>.
/// </summary>
/// <param name="find">Finds a function of the library by its name, or throws <see cref="EntryPointNotFoundException"/>.</param>
// SAFETY: the types repeat the C declarations; the library stays loaded for as long as the process lives.
internal sealed unsafe class WasmtimeApi(Func<string, nint> find)
{
    public readonly delegate* unmanaged<nint> ConfigNew = (delegate* unmanaged<nint>)Find(find, "wasm_config_new");
    public readonly delegate* unmanaged<nint, byte, void> ConfigEpochInterruption =
        (delegate* unmanaged<nint, byte, void>)Find(find, "wasmtime_config_epoch_interruption_set");

    public readonly delegate* unmanaged<nint, nuint, void> ConfigMaxWasmStack =
        (delegate* unmanaged<nint, nuint, void>)Find(find, "wasmtime_config_max_wasm_stack_set");

    public readonly delegate* unmanaged<nint, nuint, void> ConfigAsyncStackSize =
        (delegate* unmanaged<nint, nuint, void>)Find(find, "wasmtime_config_async_stack_size_set");

    public readonly delegate* unmanaged<nint, byte, void> ConfigConsumeFuel =
        (delegate* unmanaged<nint, byte, void>)Find(find, "wasmtime_config_consume_fuel_set");

    public readonly delegate* unmanaged<nint, byte, void> ConfigMemoryInitCow =
        (delegate* unmanaged<nint, byte, void>)Find(find, "wasmtime_config_memory_init_cow_set");

    public readonly delegate* unmanaged<nint, byte, void> ConfigGc = Feature(find, "gc");
    public readonly delegate* unmanaged<nint, byte, void> ConfigFunctionReferences = Feature(find, "function_references");
    public readonly delegate* unmanaged<nint, byte, void> ConfigExceptions = Feature(find, "exceptions");
    public readonly delegate* unmanaged<nint, byte, void> ConfigTailCall = Feature(find, "tail_call");
    public readonly delegate* unmanaged<nint, byte, void> ConfigMemory64 = Feature(find, "memory64");
    public readonly delegate* unmanaged<nint, byte, void> ConfigMultiMemory = Feature(find, "multi_memory");
    public readonly delegate* unmanaged<nint, byte, void> ConfigRelaxedSimd = Feature(find, "relaxed_simd");
    public readonly delegate* unmanaged<nint, byte, void> ConfigThreads = Feature(find, "threads");
    public readonly delegate* unmanaged<nint, byte, void> ConfigWideArithmetic = Feature(find, "wide_arithmetic");
    public readonly delegate* unmanaged<nint, byte, void> ConfigCustomPageSizes = Feature(find, "custom_page_sizes");
    public readonly delegate* unmanaged<nint, byte, void> ConfigParallelCompilation =
        (delegate* unmanaged<nint, byte, void>)Find(find, "wasmtime_config_parallel_compilation_set");

    public readonly delegate* unmanaged<nint, byte, void> ConfigConcurrencySupport =
        (delegate* unmanaged<nint, byte, void>)Find(find, "wasmtime_config_concurrency_support_set");

    public readonly delegate* unmanaged<nint> PoolNew = (delegate* unmanaged<nint>)Find(find, "wasmtime_pooling_allocation_config_new");
    public readonly delegate* unmanaged<nint, void> PoolDelete =
        (delegate* unmanaged<nint, void>)Find(find, "wasmtime_pooling_allocation_config_delete");

    public readonly delegate* unmanaged<nint, uint, void> PoolTotalInstances = PoolCount(find, "total_core_instances");
    public readonly delegate* unmanaged<nint, uint, void> PoolTotalMemories = PoolCount(find, "total_memories");
    public readonly delegate* unmanaged<nint, uint, void> PoolTotalTables = PoolCount(find, "total_tables");
    public readonly delegate* unmanaged<nint, uint, void> PoolTotalGcHeaps = PoolCount(find, "total_gc_heaps");
    public readonly delegate* unmanaged<nint, uint, void> PoolMaxTables = PoolCount(find, "max_tables_per_module");
    public readonly delegate* unmanaged<nint, nuint, void> PoolTableElements = PoolSize(find, "table_elements");
    public readonly delegate* unmanaged<nint, nuint, void> PoolMemoryKeepResident = PoolSize(find, "linear_memory_keep_resident");
    public readonly delegate* unmanaged<nint, nuint, void> PoolTableKeepResident = PoolSize(find, "table_keep_resident");
    public readonly delegate* unmanaged<nint, uint, void> PoolWarmSlots = PoolCount(find, "max_unused_warm_slots");
    public readonly delegate* unmanaged<nint, nint, void> ConfigPool =
        (delegate* unmanaged<nint, nint, void>)Find(find, "wasmtime_pooling_allocation_strategy_set");

    public readonly delegate* unmanaged<nint, nint> EngineNewWithConfig = (delegate* unmanaged<nint, nint>)Find(find, "wasm_engine_new_with_config");
    public readonly delegate* unmanaged<nint, void> EngineDelete = (delegate* unmanaged<nint, void>)Find(find, "wasm_engine_delete");
    public readonly delegate* unmanaged[SuppressGCTransition]<nint, void> EngineIncrementEpoch =
        (delegate* unmanaged[SuppressGCTransition]<nint, void>)Find(find, "wasmtime_engine_increment_epoch");

    public readonly delegate* unmanaged<nint, byte*, nuint, nint> ModuleValidate =
        (delegate* unmanaged<nint, byte*, nuint, nint>)Find(find, "wasmtime_module_validate");

    public readonly delegate* unmanaged<nint, byte*, nuint, nint*, nint> ModuleNew =
        (delegate* unmanaged<nint, byte*, nuint, nint*, nint>)Find(find, "wasmtime_module_new");

    public readonly delegate* unmanaged<nint, void> ModuleDelete = (delegate* unmanaged<nint, void>)Find(find, "wasmtime_module_delete");
    public readonly delegate* unmanaged<nint, nint*, nint*, void> ModuleImageRange =
        (delegate* unmanaged<nint, nint*, nint*, void>)Find(find, "wasmtime_module_image_range");

    public readonly delegate* unmanaged<nint, ByteVector*, nint> ModuleSerialize =
        (delegate* unmanaged<nint, ByteVector*, nint>)Find(find, "wasmtime_module_serialize");

    public readonly delegate* unmanaged<nint, byte*, nuint, nint*, nint> ModuleDeserialize =
        (delegate* unmanaged<nint, byte*, nuint, nint*, nint>)Find(find, "wasmtime_module_deserialize");

    public readonly delegate* unmanaged<nint, nint> LinkerNew = (delegate* unmanaged<nint, nint>)Find(find, "wasmtime_linker_new");
    public readonly delegate* unmanaged<nint, void> LinkerDelete = (delegate* unmanaged<nint, void>)Find(find, "wasmtime_linker_delete");
    public readonly delegate* unmanaged<nint, byte*, nuint, byte*, nuint, nint, delegate* unmanaged[Cdecl]<nint, nint, RawValue*, nuint, nint>, nint, delegate* unmanaged[Cdecl]<nint, void>, nint> LinkerDefineFunc =
        (delegate* unmanaged<nint, byte*, nuint, byte*, nuint, nint, delegate* unmanaged[Cdecl]<nint, nint, RawValue*, nuint, nint>, nint, delegate* unmanaged[Cdecl]<nint, void>, nint>)Find(find, "wasmtime_linker_define_func_unchecked");

    public readonly delegate* unmanaged<byte, nint> ValueTypeNew = (delegate* unmanaged<byte, nint>)Find(find, "wasm_valtype_new");
    public readonly delegate* unmanaged<PointerVector*, nuint, nint*, void> ValueTypesNew =
        (delegate* unmanaged<PointerVector*, nuint, nint*, void>)Find(find, "wasm_valtype_vec_new");

    public readonly delegate* unmanaged<PointerVector*, PointerVector*, nint> FunctionTypeNew =
        (delegate* unmanaged<PointerVector*, PointerVector*, nint>)Find(find, "wasm_functype_new");

    public readonly delegate* unmanaged<nint, void> FunctionTypeDelete = (delegate* unmanaged<nint, void>)Find(find, "wasm_functype_delete");
    public readonly delegate* unmanaged<nint, byte*, nuint, ExternItem*, byte> CallerExportGet =
        (delegate* unmanaged<nint, byte*, nuint, ExternItem*, byte>)Find(find, "wasmtime_caller_export_get");

    public readonly delegate* unmanaged<byte*, nuint, nint> TrapNew = (delegate* unmanaged<byte*, nuint, nint>)Find(find, "wasmtime_trap_new");
    public readonly delegate* unmanaged<nint, nint, nint*, nint> LinkerInstantiatePre =
        (delegate* unmanaged<nint, nint, nint*, nint>)Find(find, "wasmtime_linker_instantiate_pre");

    public readonly delegate* unmanaged<nint, void> InstancePreDelete = (delegate* unmanaged<nint, void>)Find(find, "wasmtime_instance_pre_delete");
    public readonly delegate* unmanaged<nint, nint, InstanceHandle*, nint*, nint> InstancePreInstantiate =
        (delegate* unmanaged<nint, nint, InstanceHandle*, nint*, nint>)Find(find, "wasmtime_instance_pre_instantiate");

    public readonly delegate* unmanaged<nint, InstanceHandle*, byte*, nuint, ExternItem*, byte> InstanceExportGet =
        (delegate* unmanaged<nint, InstanceHandle*, byte*, nuint, ExternItem*, byte>)Find(find, "wasmtime_instance_export_get");

    public readonly delegate* unmanaged<nint, nint, nint, nint> StoreNew = (delegate* unmanaged<nint, nint, nint, nint>)Find(find, "wasmtime_store_new");
    public readonly delegate* unmanaged<nint, void> StoreDelete = (delegate* unmanaged<nint, void>)Find(find, "wasmtime_store_delete");
    public readonly delegate* unmanaged[SuppressGCTransition]<nint, nint> StoreContext =
        (delegate* unmanaged[SuppressGCTransition]<nint, nint>)Find(find, "wasmtime_store_context");

    public readonly delegate* unmanaged[SuppressGCTransition]<nint, long, long, long, long, long, void> StoreLimiter =
        (delegate* unmanaged[SuppressGCTransition]<nint, long, long, long, long, long, void>)Find(find, "wasmtime_store_limiter");

    public readonly delegate* unmanaged[SuppressGCTransition]<nint, ulong, void> SetEpochDeadline =
        (delegate* unmanaged[SuppressGCTransition]<nint, ulong, void>)Find(find, "wasmtime_context_set_epoch_deadline");

    public readonly delegate* unmanaged<nint, delegate* unmanaged[Cdecl]<nint, nint, ulong*, byte*, nint>, nint, nint, void> SetEpochCallback =
        (delegate* unmanaged<nint, delegate* unmanaged[Cdecl]<nint, nint, ulong*, byte*, nint>, nint, nint, void>)Find(find, "wasmtime_store_epoch_deadline_callback");

    public readonly delegate* unmanaged<nint, ulong, nint> SetFuel = (delegate* unmanaged<nint, ulong, nint>)Find(find, "wasmtime_context_set_fuel");
    public readonly delegate* unmanaged<nint, FunctionHandle*, RawValue*, nuint, nint*, nint> FuncCallUnchecked =
        (delegate* unmanaged<nint, FunctionHandle*, RawValue*, nuint, nint*, nint>)Find(find, "wasmtime_func_call_unchecked");

    public readonly delegate* unmanaged[SuppressGCTransition]<nint, MemoryHandle*, byte*> MemoryData =
        (delegate* unmanaged[SuppressGCTransition]<nint, MemoryHandle*, byte*>)Find(find, "wasmtime_memory_data");

    public readonly delegate* unmanaged[SuppressGCTransition]<nint, MemoryHandle*, nuint> MemoryDataSize =
        (delegate* unmanaged[SuppressGCTransition]<nint, MemoryHandle*, nuint>)Find(find, "wasmtime_memory_data_size");

    public readonly delegate* unmanaged<nint, GlobalHandle*, Value*, void> GlobalGet =
        (delegate* unmanaged<nint, GlobalHandle*, Value*, void>)Find(find, "wasmtime_global_get");

    public readonly delegate* unmanaged<nint, byte*, byte> TrapCode = (delegate* unmanaged<nint, byte*, byte>)Find(find, "wasmtime_trap_code");
    public readonly delegate* unmanaged<nint, ByteVector*, void> TrapMessage = (delegate* unmanaged<nint, ByteVector*, void>)Find(find, "wasm_trap_message");
    public readonly delegate* unmanaged<nint, PointerVector*, void> TrapTrace = (delegate* unmanaged<nint, PointerVector*, void>)Find(find, "wasm_trap_trace");
    public readonly delegate* unmanaged<nint, void> TrapDelete = (delegate* unmanaged<nint, void>)Find(find, "wasm_trap_delete");
    public readonly delegate* unmanaged<nint, uint> FrameFuncIndex = (delegate* unmanaged<nint, uint>)Find(find, "wasm_frame_func_index");
    public readonly delegate* unmanaged<nint, nuint> FrameModuleOffset = (delegate* unmanaged<nint, nuint>)Find(find, "wasm_frame_module_offset");
    public readonly delegate* unmanaged<PointerVector*, void> FramesDelete = (delegate* unmanaged<PointerVector*, void>)Find(find, "wasm_frame_vec_delete");
    public readonly delegate* unmanaged<nint, ByteVector*, void> ErrorMessage = (delegate* unmanaged<nint, ByteVector*, void>)Find(find, "wasmtime_error_message");
    public readonly delegate* unmanaged<byte*, nint> ErrorNew = (delegate* unmanaged<byte*, nint>)Find(find, "wasmtime_error_new");
    public readonly delegate* unmanaged<nint, PointerVector*, void> ErrorTrace = (delegate* unmanaged<nint, PointerVector*, void>)Find(find, "wasmtime_error_wasm_trace");
    public readonly delegate* unmanaged<nint, void> ErrorDelete = (delegate* unmanaged<nint, void>)Find(find, "wasmtime_error_delete");
    public readonly delegate* unmanaged<ByteVector*, void> BytesDelete = (delegate* unmanaged<ByteVector*, void>)Find(find, "wasm_byte_vec_delete");

    /// <summary>The functions of a library that was loaded.</summary>
    public static WasmtimeApi Of(nint library) => new(name => NativeLibrary.GetExport(library, name));

    /// <summary>The text of an error; the error is gone afterwards.</summary>
    public string TakeError(nint error)
    {
        var text = TextOf(error);
        ErrorDelete(error);
        return text;
    }

    /// <summary>The text of an error.</summary>
    public string TextOf(nint error)
    {
        ByteVector message = default;
        ErrorMessage(error, &message);
        return TakeText(&message);
    }

    /// <summary>The bytes of a module's machine code, or null where the library has none to give.</summary>
    public byte[] Serialize(nint module)
    {
        ByteVector bytes = default;
        var error = ModuleSerialize(module, &bytes);
        if (error != 0)
        {
            throw new InvalidOperationException($"libwasmtime cannot serialize a module: {TakeError(error)}");
        }

        var copy = new ReadOnlySpan<byte>(bytes.Data, checked((int)bytes.Size)).ToArray();
        BytesDelete(&bytes);
        return copy;
    }

    private string TakeText(ByteVector* text)
    {
        var copy = Encoding.UTF8.GetString(text->Data, checked((int)text->Size)).TrimEnd('\0');
        BytesDelete(text);
        return copy;
    }

    private static void* Find(Func<string, nint> find, string name) => (void*)find(name);

    private static delegate* unmanaged<nint, byte, void> Feature(Func<string, nint> find, string name) =>
        (delegate* unmanaged<nint, byte, void>)Find(find, $"wasmtime_config_wasm_{name}_set");

    private static delegate* unmanaged<nint, uint, void> PoolCount(Func<string, nint> find, string name) =>
        (delegate* unmanaged<nint, uint, void>)Find(find, $"wasmtime_pooling_allocation_config_{name}_set");

    private static delegate* unmanaged<nint, nuint, void> PoolSize(Func<string, nint> find, string name) =>
        (delegate* unmanaged<nint, nuint, void>)Find(find, $"wasmtime_pooling_allocation_config_{name}_set");
}
