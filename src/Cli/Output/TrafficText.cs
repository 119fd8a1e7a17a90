using System.Globalization;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Output;

/// <summary>How the calls of a function are divided, for people.</summary>
internal static class TrafficText
{
    public static string Of(FunctionInfo function)
    {
        var traffic = function.Traffic ?? new Dictionary<int, int> { [function.Version] = 1 };
        var sum = traffic.Values.Sum(weight => (long)weight);
        return string.Join(", ", traffic.OrderBy(version => version.Key).Select(version => string.Create(
            CultureInfo.InvariantCulture, $"version {version.Key}: {100.0 * version.Value / Math.Max(sum, 1):0.##} %")));
    }
}
