using Xunit.Abstractions;
using Xunit.Sdk;

namespace HeliosEdge.Wasm.Tests.Spec;

/// <summary>Says at the end of the run how many of the suite's commands passed.</summary>
public sealed class SpecTotals(IMessageSink sink) : IDisposable
{
    public void Dispose()
    {
        var reports = SpecSuite.Finished.ToArray();
        sink.OnMessage(new DiagnosticMessage(
            $"WebAssembly spec suite: {reports.Length} files, {reports.Sum(r => r.Passed)} commands passed, "
            + $"{reports.Sum(r => r.Failures.Count)} failed, {reports.Sum(r => r.SkippedText)} skipped (text)"));
    }
}
