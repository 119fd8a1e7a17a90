namespace HeliosEdge.Sandbox.Engines.Wasmtime;

/// <summary>
/// Compares the structs of <c>NativeTypes.cs</c> with those of the library that was loaded: it writes known values into room that was
/// filled before, and what is found there, and how far it reaches, must be what the structs say. A wrong guess would be memory corruption.
/// </summary>
// SAFETY: all that the library writes goes to room that is larger than any of its structs; what it made is given back to it.
internal static unsafe class LayoutCheck
{
    private const byte Fill = 0xAB;
    private const int RoomBytes = 128;
    private const ulong Filled = 0xABABABAB_ABABABAB;
    private const int SmallPages = 2;
    private const int LargePages = 3;
    private const int Number = 0x1122_3344;
    private const long LongNumber = 0x1122_3344_5566_7788;
    private const int GlobalNumber = 0x0506_0708;
    private const ulong LowOfVector = 0x0807_0605_0403_0201;
    private const ulong HighOfVector = 0x100F_0E0D_0C0B_0A09;

    /// <summary>
    /// Two memories <c>m0</c> (2 pages) and <c>m1</c> (3), two globals <c>g0</c> and <c>g1</c> (0x05060708), and two functions:
    /// <c>f0</c> returns an i32, an i64 and a v128, <c>f1</c> nothing.
    /// </summary>
    public static ReadOnlySpan<byte> Module =>
    [
        0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0,
        1, 0x0A, 2, 0x60, 0, 3, 0x7F, 0x7E, 0x7B, 0x60, 0, 0,
        3, 3, 2, 0, 1,
        5, 5, 2, 0, SmallPages, 0, LargePages,
        6, 0x11, 2, 0x7F, 0, 0x41, 0x84, 0x86, 0x88, 8, 0x0B, 0x7F, 0, 0x41, 0x88, 0x8E, 0x98, 0x28, 0x0B,
        7, 0x1F, 6,
        2, (byte)'m', (byte)'0', 2, 0, 2, (byte)'m', (byte)'1', 2, 1,
        2, (byte)'g', (byte)'0', 3, 0, 2, (byte)'g', (byte)'1', 3, 1,
        2, (byte)'f', (byte)'0', 0, 0, 2, (byte)'f', (byte)'1', 0, 1,
        0x0A, 0x29, 2,
        0x24, 0, 0x41, 0xC4, 0xE6, 0x88, 0x89, 1, 0x42, 0x88, 0xEF, 0x99, 0xAB, 0xC5, 0xE8, 0x8C, 0x91, 0x11,
        0xFD, 0x0C, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F, 0x10, 0x0B,
        2, 0, 0x0B,
    ];

    /// <summary>Looks at every struct.</summary>
    /// <param name="api">The library.</param>
    /// <param name="engine">An engine of it.</param>
    /// <param name="module"><see cref="Module"/>, compiled for the engine.</param>
    /// <returns>Which of them differs, in C's words, or null.</returns>
    public static string? Fault(WasmtimeApi api, EngineHandle engine, ModuleHandle module) =>
        OfVectors(api) ?? OfInstances(api, engine, module);

    private static string? OfVectors(WasmtimeApi api)
    {
        var room = stackalloc byte[RoomBytes];
        Clear(room);
        nint error;
        fixed (byte* text = "layout\0"u8)
        {
            error = api.ErrorNew(text);
        }

        api.ErrorMessage(error, (ByteVector*)room);
        api.ErrorDelete(error);
        var bytes = (ByteVector*)room;
        if (bytes->Size is not (6 or 7) || !Ends(room, sizeof(ByteVector)) || !new ReadOnlySpan<byte>(bytes->Data, 6).SequenceEqual("layout"u8))
        {
            return "wasm_byte_vec_t";
        }

        api.BytesDelete(bytes);
        Clear(room);
        nint[] types = [api.ValueTypeNew((byte)HostValueKind.I32), api.ValueTypeNew((byte)HostValueKind.I64)];
        fixed (nint* first = types)
        {
            api.ValueTypesNew((PointerVector*)room, (nuint)types.Length, first);
        }

        var pointers = (PointerVector*)room;
        if (pointers->Size != (nuint)types.Length || !Ends(room, sizeof(PointerVector)) || !new ReadOnlySpan<nint>(pointers->Data, types.Length).SequenceEqual(types))
        {
            return "wasm_valtype_vec_t";
        }

        PointerVector none;
        api.ValueTypesNew(&none, 0, null);
        api.FunctionTypeDelete(api.FunctionTypeNew(pointers, &none));
        return null;
    }

    private static string? OfInstances(WasmtimeApi api, EngineHandle engine, ModuleHandle module)
    {
        var linker = api.LinkerNew(engine.Native);
        nint pre;
        var error = api.LinkerInstantiatePre(linker, module.Native, &pre);
        api.LinkerDelete(linker);
        if (error != 0)
        {
            return $"wasmtime_instance_pre_t ({api.TakeError(error)})";
        }

        using var linked = new InstancePreHandle(api, pre);
        var store = api.StoreNew(engine.Native, 0, 0);
        try
        {
            var context = api.StoreContext(store);
            api.SetEpochDeadline(context, 1);
            var instance = stackalloc byte[RoomBytes];
            Clear(instance);
            nint trap = 0;
            error = api.InstancePreInstantiate(linked.Native, context, (InstanceHandle*)instance, &trap);
            if (error != 0 || trap != 0)
            {
                return $"wasmtime_instance_t ({(error != 0 ? api.TakeError(error) : "a trap")})";
            }

            var owner = ((InstanceHandle*)instance)->Store;
            return owner is 0 or Filled || ((InstanceHandle*)instance)->Index == unchecked((nuint)Filled) || !Ends(instance, sizeof(InstanceHandle))
                ? "wasmtime_instance_t"
                : OfExports(api, context, (InstanceHandle*)instance);
        }
        finally
        {
            api.StoreDelete(store);
        }
    }

    private static string? OfExports(WasmtimeApi api, nint context, InstanceHandle* instance)
    {
        var rooms = stackalloc byte[6 * RoomBytes];
        ReadOnlySpan<byte> names = "m0m1g0g1f0f1"u8;
        ReadOnlySpan<byte> kinds = [ExternItem.MemoryKind, ExternItem.GlobalKind, ExternItem.FunctionKind];
        for (var i = 0; i < 6; i++)
        {
            var room = rooms + (i * RoomBytes);
            Clear(room);
            byte found;
            fixed (byte* name = names.Slice(2 * i, 2))
            {
                found = api.InstanceExportGet(context, instance, name, 2, (ExternItem*)room);
            }

            if (found == 0 || room[0] != kinds[i / 2] || !Ends(room, ExternItem.BytesOfLibrary) || *(ulong*)(room + ExternItem.UnionOffset) != instance->Store)
            {
                return "wasmtime_extern_t";
            }
        }

        // A memory is named by its instance and its number there, which WasmtimeInstance relies on. Padding holds anything.
        var memories = (ExternItem*)rooms;
        var large = (ExternItem*)(rooms + RoomBytes);
        if ((memories->Memory.First, memories->Memory.Second) != ((uint)instance->Index, 0u)
            || (large->Memory.First, large->Memory.Second) != ((uint)instance->Index, 1u)
            || Pages(api, context, memories) != SmallPages
            || Pages(api, context, large) != LargePages)
        {
            return "wasmtime_memory_t";
        }

        var globals = (ExternItem*)(rooms + (2 * RoomBytes));
        var other = (ExternItem*)(rooms + (3 * RoomBytes));
        if ((globals->Global.First, globals->Global.Second, globals->Global.Third) == (other->Global.First, other->Global.Second, other->Global.Third))
        {
            return "wasmtime_global_t";
        }

        var functions = (ExternItem*)(rooms + (4 * RoomBytes));
        return functions->Function.Item == ((ExternItem*)(rooms + (5 * RoomBytes)))->Function.Item
            ? "wasmtime_func_t"
            : OfValues(api, context, other, functions);
    }

    private static string? OfValues(WasmtimeApi api, nint context, ExternItem* global, ExternItem* function)
    {
        var room = stackalloc byte[RoomBytes];
        Clear(room);
        api.GlobalGet(context, &global->Global, (Value*)room);
        if (((Value*)room)->Kind != (byte)HostValueKind.I32 || ((Value*)room)->I32 != GlobalNumber || !Ends(room, Value.BytesOfLibrary))
        {
            return "wasmtime_val_t";
        }

        Clear(room);
        nint trap = 0;
        var values = (RawValue*)room;
        var error = api.FuncCallUnchecked(context, &function->Function, values, 3, &trap);
        if (error != 0)
        {
            return $"wasmtime_val_raw_t ({api.TakeError(error)})";
        }

        return trap != 0 || values[0].I32 != Number || values[1].I64 != LongNumber || values[2].Low != LowOfVector || values[2].High != HighOfVector || !Ends(room, 3 * sizeof(RawValue))
            ? "wasmtime_val_raw_t"
            : null;
    }

    private static long Pages(WasmtimeApi api, nint context, ExternItem* item) => (long)api.MemoryDataSize(context, &item->Memory) / 65_536;

    private static void Clear(byte* room) => new Span<byte>(room, RoomBytes).Fill(Fill);

    /// <summary>Whether nothing was written from here on.</summary>
    private static bool Ends(byte* room, int length) => !new ReadOnlySpan<byte>(room + length, RoomBytes - length).ContainsAnyExcept(Fill);
}
