using System.Collections.Concurrent;
using HeliosEdge.Wasm.Tests.Running;

namespace HeliosEdge.Wasm.Tests.Spec;

/// <summary>Every file's report, made once a test run however many tests ask for it.</summary>
internal static class SpecSuite
{
    private static readonly ConcurrentDictionary<string, Lazy<SpecReport>> _reports = new(StringComparer.Ordinal);

    public static SpecReport Report(string name) =>
        _reports.GetOrAdd(name, file => new(() => Watchdog.Run(() => SpecRunner.Run(file), 300))).Value;

    public static IEnumerable<SpecReport> Finished =>
        _reports.Values.Where(report => report.IsValueCreated).Select(report => report.Value);
}
