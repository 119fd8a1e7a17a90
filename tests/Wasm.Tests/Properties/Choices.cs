namespace HeliosEdge.Wasm.Tests.Properties;

/// <summary>
/// The random choices that a generated thing is made by. They are written down, so that the same choices make the same thing again,
/// and fewer or smaller ones a smaller thing: past the end of given choices every choice is 0, which means the simplest there is.
/// </summary>
internal sealed class Choices
{
    private readonly List<ulong> _made = [];
    private readonly ulong[] _given;
    private readonly bool _isRandom;
    private ulong _state;

    /// <summary>The given choices first, then random ones.</summary>
    public Choices(ulong seed, params ulong[] first)
    {
        _given = first;
        _isRandom = true;
        _state = seed;
    }

    private Choices(ulong[] given) => _given = given;

    /// <summary>What was chosen so far.</summary>
    public ulong[] Made => [.. _made];

    /// <summary>The given choices, then zeros.</summary>
    public static Choices Replay(ulong[] given) => new(given);

    /// <summary>A seed for one of many things that are made from one seed.</summary>
    public static ulong Seed(ulong seed, ulong number) => Mix(seed + Mix(number + 1));

    /// <summary>Any 64 bits.</summary>
    public ulong Bits()
    {
        var bits = _made.Count < _given.Length ? _given[_made.Count] : _isRandom ? Mix(_state += 0x9E37_79B9_7F4A_7C15) : 0;
        _made.Add(bits);
        return bits;
    }

    /// <summary>A number from 0 to below the given one.</summary>
    public int Below(int count)
    {
        var given = _made.Count < _given.Length;
        var bits = Bits();
        var number = (int)(given || !_isRandom ? bits % (ulong)count : Math.BigMul(bits, (ulong)count, out _));
        _made[^1] = (ulong)number;
        return number;
    }

    /// <summary>True once in so many times.</summary>
    public bool Chance(int of) => Below(of) == of - 1;

    public T Pick<T>(IReadOnlyList<T> values) => values[Below(values.Count)];

    // SplitMix64's finaliser.
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }
}
