using System.Diagnostics;
using HeliosEdge.Wasm.Fuzz.Engines;
using HeliosEdge.Wasm.Tests.Properties;

namespace HeliosEdge.Wasm.Fuzz.Comparing;

/// <summary>Makes a function that the engines differ on smaller, by leaving out and lowering the choices that made it.</summary>
internal sealed class Reducer(Judge judge, IEngine ours, ulong data)
{
    private const int AtOnce = 48;

    // A function that ends the process costs a new process each time.
    private const int AtOnceWhereProcessesEnd = 12;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(90);

    public (ulong[] Choices, Verdict Verdict) Reduce(ulong[] choices, Verdict verdict)
    {
        var size = Size(choices);
        var clock = Stopwatch.StartNew();
        for (var better = true; better && clock.Elapsed < _patience;)
        {
            better = false;
            var before = size;
            foreach (var candidates in Smaller(choices).Where(candidate => Size(candidate).CompareTo(before) < 0).Chunk(verdict.Agreement == Agreement.Dies ? AtOnceWhereProcessesEnd : AtOnce))
            {
                Choices[] made = [.. candidates.Select(Choices.Replay)];
                var verdicts = judge.Verdicts(ours, data, made);
                for (var i = 0; i < made.Length; i++)
                {
                    if (verdicts[i].Agreement == verdict.Agreement && made[i].Made is var kept && Size(kept) is var small && small.CompareTo(size) < 0)
                    {
                        (choices, verdict, size, better) = (kept, verdicts[i], small, true);
                    }
                }

                if (better || clock.Elapsed > _patience)
                {
                    break;
                }
            }
        }

        return (choices, verdict);
    }

    /// <summary>Parts left out, the largest first; then zeros and smaller numbers.</summary>
    private static IEnumerable<ulong[]> Smaller(ulong[] choices)
    {
        for (var length = choices.Length / 2; length >= 1; length = length > 8 ? length / 2 : length - 1)
        {
            for (var at = 0; at + length <= choices.Length; at += Math.Max(1, length / 2))
            {
                yield return [.. choices[..at], .. choices[(at + length)..]];
            }
        }

        for (var at = 0; at < choices.Length; at++)
        {
            foreach (var lower in (ulong[])[0, choices[at] / 2, choices[at] - 1])
            {
                if (lower < choices[at])
                {
                    yield return [.. choices[..at], lower, .. choices[(at + 1)..]];
                }
            }
        }
    }

    private (int Bytes, int Choices, UInt128 Sum) Size(ulong[] choices)
    {
        var replayed = Choices.Replay(choices);
        var bytes = new ModuleGenerator(data, [replayed]).Make().Bytes.Length;
        return (bytes, replayed.Made.Length, replayed.Made.Aggregate(UInt128.Zero, (sum, choice) => sum + choice));
    }
}
