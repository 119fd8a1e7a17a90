using System.Runtime.Intrinsics;
using HeliosEdge.Wasm;

namespace HeliosEdge.Sandbox.Engines.Managed;

/// <summary>The port's values as the engine's, and back.</summary>
internal static class ManagedValues
{
    /// <summary>A value that was checked to be of its type, a reference to be null.</summary>
    public static WasmValue ToWasm(GuestValue value) => value.Type switch
    {
        GuestValue.I32Type => WasmValue.FromI32(value.AsI32),
        GuestValue.I64Type => WasmValue.FromI64(value.AsI64),
        GuestValue.F32Type => WasmValue.FromF32(value.AsF32),
        GuestValue.F64Type => WasmValue.FromF64(value.AsF64),
        GuestValue.V128Type => WasmValue.FromV128(Vector128.Create((ulong)value.Bits, (ulong)(value.Bits >> 64)).AsByte()),
        GuestValue.FuncRefType => WasmValue.FromFuncRef(null),
        GuestValue.ExternRefType => WasmValue.FromExternRef(null),
        _ => throw new ArgumentException($"There are no values of type {value.Type}.", nameof(value)),
    };

    public static GuestValue ToGuest(WasmValue value) => value.Kind switch
    {
        ValueKind.I32 => GuestValue.FromI32(value.I32),
        ValueKind.I64 => GuestValue.FromI64(value.I64),
        ValueKind.F32 => GuestValue.FromF32(value.F32),
        ValueKind.F64 => GuestValue.FromF64(value.F64),
        ValueKind.V128 => GuestValue.FromV128(new UInt128(value.V128.AsUInt64()[1], value.V128.AsUInt64()[0])),
        ValueKind.FuncRef => new GuestValue(GuestValue.FuncRefType, value.FuncRef is null ? 0u : 1u),
        ValueKind.ExternRef => new GuestValue(GuestValue.ExternRefType, value.ExternRef is null ? 0u : 1u),
        _ => throw new ArgumentOutOfRangeException(nameof(value), value.Kind, null),
    };
}
