namespace HeliosEdge.Sandbox.Engines;

/// <summary>The type of a parameter or result of a host function, and how its value travels in a <see cref="long"/>.</summary>
public enum HostValueKind
{
    /// <summary>An <c>i32</c>; sign-extended as an argument, and only its low 32 bits count as a result.</summary>
    I32,

    /// <summary>An <c>i64</c>, as it is.</summary>
    I64,

    /// <summary>An <c>f32</c>; its 32 bits, not its number.</summary>
    F32,

    /// <summary>An <c>f64</c>; its 64 bits, not its number.</summary>
    F64,
}
