namespace HeliosEdge.Wasm.Tests.Simd;

/// <summary>How exactly the specification fixes a lane of a result.</summary>
internal enum LanePattern
{
    /// <summary>Every bit.</summary>
    Exact,

    /// <summary>A NaN whose payload is the most significant bit alone, of any sign.</summary>
    CanonicalNaN,

    /// <summary>A NaN with the most significant bit of the payload set, of any sign.</summary>
    ArithmeticNaN,
}

/// <summary>What the specification says about a lane of a result.</summary>
internal readonly record struct ExpectedLane(int Width, LanePattern Pattern, ulong Bits)
{
    internal bool Accepts(ulong actual)
    {
        (ulong magnitude, ulong quiet) = Width == 32 ? (0x7FFF_FFFFUL, 0x7FC0_0000UL) : (long.MaxValue, 0x7FF8_0000_0000_0000UL);
        return Pattern switch
        {
            LanePattern.CanonicalNaN => (actual & magnitude) == quiet,
            LanePattern.ArithmeticNaN => (actual & quiet) == quiet,
            _ => actual == Bits,
        };
    }

    public override string ToString() => Pattern == LanePattern.Exact ? Bits.ToString($"X{Width / 4}") : Pattern.ToString();
}
