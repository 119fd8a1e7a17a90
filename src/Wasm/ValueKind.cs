namespace HeliosEdge.Wasm;

/// <summary>
/// The value types of WebAssembly 2.0; the numbers are those of the binary format (core spec 5.3.1–5.3.4).
/// </summary>
public enum ValueKind : byte
{
    /// <summary>32-bit integer, without a sign of its own.</summary>
    I32 = 0x7F,

    /// <summary>64-bit integer, without a sign of its own.</summary>
    I64 = 0x7E,

    /// <summary>IEEE 754 binary32.</summary>
    F32 = 0x7D,

    /// <summary>IEEE 754 binary64.</summary>
    F64 = 0x7C,

    /// <summary>128-bit vector.</summary>
    V128 = 0x7B,

    /// <summary>A reference to a function, or null.</summary>
    FuncRef = 0x70,

    /// <summary>A reference to any host object, or null.</summary>
    ExternRef = 0x6F,
}
