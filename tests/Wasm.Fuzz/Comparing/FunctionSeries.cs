using HeliosEdge.Wasm.Tests.Properties;

namespace HeliosEdge.Wasm.Fuzz.Comparing;

/// <summary>The functions of a seed by their numbers. All pairs of instructions come in turn before one comes again.</summary>
internal sealed class FunctionSeries
{
    /// <summary>How many functions share a module, its data and its inputs.</summary>
    public const int Batch = 512;

    // Of twenty functions in a row. Every second pair is one of instructions that work on the same.
    private static readonly FunctionShape[] _shares =
    [
        .. Enumerable.Repeat(FunctionShape.Pair, 12), .. Enumerable.Repeat(FunctionShape.Chain, 6), .. Enumerable.Repeat(FunctionShape.Tree, 2),
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
        while (GreatestDivisor(_stride, GeneratedInstructions.Pairs.Count) != 1 || GreatestDivisor(_stride, GeneratedInstructions.RelatedPairs.Count) != 1)
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

        // Pairs come first among the slots, and of these there is an even number.
        var turn = (number / _slots.Length * (_pairs / 2)) + (slot / 2);
        return new(seed, FunctionPlan.OfPair(slot % 2 == 0 ? InTurn(turn, GeneratedInstructions.Pairs.Count) : GeneratedInstructions.RelatedPairs[InTurn(turn, GeneratedInstructions.RelatedPairs.Count)]));
    }

    private int InTurn(long turn, int count) => (int)((((long)(_seed % (ulong)count)) + (turn % count * _stride)) % count);

    /// <summary>The seed of what a function's module has besides: data, inputs, globals.</summary>
    public ulong Data(long number) => Choices.Seed(~_seed, (ulong)(number / Batch));

    private static long GreatestDivisor(long a, long b) => b == 0 ? a : GreatestDivisor(b, a % b);
}
