using HeliosEdge.Wasm.Tests.Properties;

namespace HeliosEdge.Wasm.Fuzz.Comparing;

/// <summary>The functions of a seed by their numbers. All pairs of instructions come in turn before one comes again.</summary>
internal sealed class FunctionSeries
{
    /// <summary>How many functions share a module, its data and its inputs.</summary>
    public const int Batch = 512;

    // Of twenty functions in a row.
    private static readonly FunctionShape[] _shares =
    [
        .. Enumerable.Repeat(FunctionShape.Pair, 13), .. Enumerable.Repeat(FunctionShape.Chain, 5), .. Enumerable.Repeat(FunctionShape.Tree, 2),
    ];

    private readonly ulong _seed;
    private readonly FunctionShape[] _slots;
    private readonly int _pairs;
    private readonly long _stride;

    public FunctionSeries(ulong seed, IReadOnlyCollection<FunctionShape> shapes)
    {
        _seed = seed;
        _slots = [.. _shares.Where(shapes.Contains)];
        _pairs = _slots.Count(shape => shape == FunctionShape.Pair);
        _stride = 7_919;
        while (GreatestDivisor(_stride, GeneratedInstructions.Pairs.Count) != 1)
        {
            _stride++;
        }
    }

    /// <summary>The choices of a function.</summary>
    public Choices Function(long number)
    {
        var slot = (int)(number % _slots.Length);
        var seed = Choices.Seed(_seed, (ulong)number);
        if (_slots[slot] != FunctionShape.Pair)
        {
            return new(seed, FunctionPlan.Of(_slots[slot]));
        }

        // Pairs come first among the slots.
        var count = (ulong)GeneratedInstructions.Pairs.Count;
        var turn = (ulong)((number / _slots.Length * _pairs) + slot);
        return new(seed, FunctionPlan.OfPair((int)(((_seed % count) + (turn % count * (ulong)_stride)) % count)));
    }

    /// <summary>The seed of what a function's module has besides: data, inputs, globals.</summary>
    public ulong Data(long number) => Choices.Seed(~_seed, (ulong)(number / Batch));

    private static long GreatestDivisor(long a, long b) => b == 0 ? a : GreatestDivisor(b, a % b);
}
