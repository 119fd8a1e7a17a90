using HeliosEdge.Wasm;

namespace HeliosEdge.Testing.Building;

/// <summary>Short names for lists of value types.</summary>
public static class Kinds
{
    public static readonly ValueKind[] None = [];
    public static readonly ValueKind[] I32 = [ValueKind.I32];
    public static readonly ValueKind[] I64 = [ValueKind.I64];
    public static readonly ValueKind[] F32 = [ValueKind.F32];
    public static readonly ValueKind[] F64 = [ValueKind.F64];
    public static readonly ValueKind[] V128 = [ValueKind.V128];
    public static readonly ValueKind[] FuncRef = [ValueKind.FuncRef];
    public static readonly ValueKind[] ExternRef = [ValueKind.ExternRef];

    public static ValueKind[] Many(ValueKind kind, int count) => [.. Enumerable.Repeat(kind, count)];
}
