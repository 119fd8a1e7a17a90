namespace HeliosEdge.Wasm.Fuzz.Comparing;

/// <summary>How the engines stand on a function.</summary>
internal enum Agreement
{
    Agree,

    /// <summary>They differ only where the specification leaves the bits of a NaN open.</summary>
    NaNBits,

    /// <summary>libwasmtime and V8 do not agree, and our engine is with libwasmtime.</summary>
    ReferencesDiffer,

    /// <summary>Our engine gives something else.</summary>
    Differs,

    /// <summary>Our engine's process ended or hung.</summary>
    Dies,
}

/// <summary>What came of a function, by engine.</summary>
internal sealed record Verdict(Agreement Agreement, int Input, IReadOnlyList<(string Engine, byte[] Record)> Records, string Words)
{
    public static Verdict Agree { get; } = new(Agreement.Agree, 0, [], "");

    public bool IsFinding => Agreement is Agreement.Differs or Agreement.Dies or Agreement.ReferencesDiffer;
}
