using System.Globalization;

namespace HeliosEdge.Benchmarks.Engine;

/// <summary>One timed call of a kernel; <paramref name="Result"/> in the form of <see cref="ResultText"/>.</summary>
internal readonly record struct RunTime(double Milliseconds, string Result);

/// <summary>One timed way from bytes to a first result.</summary>
internal readonly record struct StartTime(double CompileMilliseconds, double FirstCallMilliseconds, string Result)
{
    public double TotalMilliseconds => CompileMilliseconds + FirstCallMilliseconds;
}

/// <summary>A module on disk and the call that ends its start.</summary>
internal sealed record StartCase(string Name, string Path, string Export, int N);

/// <summary>The same text for the same value on every engine: an i64 by its bits, any other number by the bits of its f64.</summary>
internal static class ResultText
{
    public static string FromInteger(long value) => "i" + value.ToString("x16", CultureInfo.InvariantCulture);

    public static string FromNumber(double value) =>
        "n" + BitConverter.DoubleToInt64Bits(value).ToString("x16", CultureInfo.InvariantCulture);
}

/// <summary>The two averages that the tables use.</summary>
internal static class Average
{
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    public static double GeometricMean(IEnumerable<double> values) => Math.Exp(values.Average(Math.Log));

    /// <summary>The start whose total is the median one, so that its parts still add up.</summary>
    public static StartTime MedianStart(IEnumerable<StartTime> starts)
    {
        StartTime[] sorted = [.. starts.OrderBy(start => start.TotalMilliseconds)];
        return sorted[sorted.Length / 2];
    }
}
