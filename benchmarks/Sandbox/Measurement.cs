using System.Buffers;
using System.Diagnostics;

namespace HeliosEdge.Benchmarks.Sandbox;

/// <summary>How things are timed: in short batches, in turn, so that a machine that gets slower meets all alike.</summary>
internal static class Measurement
{
    private static readonly double NanosecondsPerTick = 1e9 / Stopwatch.Frequency;

    public static double Median(IEnumerable<double> values) => Percentile([.. values], 0.5);

    public static double Percentile(double[] values, double part)
    {
        Array.Sort(values);
        return values[Math.Min(values.Length - 1, (int)(values.Length * part))];
    }

    /// <summary>Nanoseconds that each of some calls takes: one row a runner, each call timed on its own.</summary>
    public static double[][] EachCall(IReadOnlyList<IRunner> runners, byte[] payload, int rounds, int batch)
    {
        var response = new ArrayBufferWriter<byte>(2 * payload.Length);
        var times = runners.Select(_ => new double[rounds * batch]).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var turn = 0; turn < runners.Count; turn++)
            {
                var which = round % 2 == 0 ? turn : runners.Count - 1 - turn;
                for (var i = 0; i < batch; i++)
                {
                    response.ResetWrittenCount();
                    var start = Stopwatch.GetTimestamp();
                    runners[which].Invoke(payload, response);
                    times[which][(round * batch) + i] = (Stopwatch.GetTimestamp() - start) * NanosecondsPerTick;
                }
            }
        }

        return times;
    }

    /// <summary>Nanoseconds a call of some actions, one row an action and one number a round.</summary>
    public static double[][] Batches(IReadOnlyList<Action> actions, int rounds, int callsInAction)
    {
        var times = actions.Select(_ => new double[rounds]).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var turn = 0; turn < actions.Count; turn++)
            {
                var which = round % 2 == 0 ? turn : actions.Count - 1 - turn;
                var start = Stopwatch.GetTimestamp();
                actions[which]();
                times[which][round] = (Stopwatch.GetTimestamp() - start) * NanosecondsPerTick / callsInAction;
            }
        }

        return times;
    }

    /// <summary>The median of the rounds' ratios: what disturbs a round disturbs both of its parts.</summary>
    public static double Ratio(double[] one, double[] other) => Median(one.Zip(other, (a, b) => a / b));

    /// <summary>Calls something until the runtime has compiled it as well as it will.</summary>
    public static void WarmUp(Action action)
    {
        var until = Stopwatch.GetTimestamp() + Stopwatch.Frequency;
        while (Stopwatch.GetTimestamp() < until)
        {
            for (var i = 0; i < 100; i++)
            {
                action();
            }
        }
    }
}
