using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace HeliosEdge.Benchmarks.Http;

/// <summary>A run of <c>wrk</c> and what it printed.</summary>
internal sealed partial record Load(double RequestsPerSecond, double P50Microseconds, double P99Microseconds)
{
    /// <summary>Runs it.</summary>
    /// <exception cref="InvalidOperationException">It failed, or an answer was not a success.</exception>
    public static async Task<Load> RunAsync(Target target, int connections, int seconds)
    {
        var start = new ProcessStartInfo("wrk") { RedirectStandardOutput = true };
        string[] arguments =
        [
            "-t1", $"-c{connections}", $"-d{seconds}", "--latency",
            "-s", Path.Combine(AppContext.BaseDirectory, "wrk", target.Script), target.Url.AbsoluteUri, "--", .. target.Arguments,
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var wrk = Process.Start(start) ?? throw new InvalidOperationException("wrk did not start.");
        var printed = await wrk.StandardOutput.ReadToEndAsync();
        await wrk.WaitForExitAsync();
        if (wrk.ExitCode != 0 || Failures().IsMatch(printed))
        {
            throw new InvalidOperationException($"{target.Name}: {printed}");
        }

        var rate = double.Parse(Rate().Match(printed).Groups[1].Value, CultureInfo.InvariantCulture);
        return new Load(rate, Percentile(printed, 50), Percentile(printed, 99));
    }

    private static double Percentile(string printed, int percent)
    {
        var match = Regex.Match(printed, $@"^\s+{percent}%\s+([\d.]+)(us|ms|s)\s*$", RegexOptions.Multiline);
        return double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * match.Groups[2].Value switch
        {
            "us" => 1,
            "ms" => 1_000,
            _ => 1_000_000,
        };
    }

    [GeneratedRegex(@"^Requests/sec:\s+([\d.]+)", RegexOptions.Multiline)]
    private static partial Regex Rate();

    [GeneratedRegex("Non-2xx|Socket errors")]
    private static partial Regex Failures();
}
