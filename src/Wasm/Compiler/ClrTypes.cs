using System.Runtime.Intrinsics;

namespace HeliosEdge.Wasm.Compiler;

/// <summary>The CLR type that holds a WebAssembly value in compiled code.</summary>
internal static class ClrTypes
{
    public static Type Of(ValueKind kind) => kind switch
    {
        ValueKind.I32 => typeof(int),
        ValueKind.I64 => typeof(long),
        ValueKind.F32 => typeof(float),
        ValueKind.F64 => typeof(double),
        ValueKind.V128 => typeof(Vector128<byte>),
        ValueKind.FuncRef => typeof(Function),
        _ => typeof(object),
    };
}
