namespace HeliosEdge.Wasm.Tests.Spec;

/// <summary>One command that did not do what the suite says.</summary>
internal sealed record SpecFailure(string File, int Line, string Command, string Expected, string Actual)
{
    public override string ToString() => $"{File}:{Line}: {Command}: expected {Expected}, got {Actual}";
}

/// <summary>What came of one file's commands.</summary>
internal sealed class SpecReport(string file)
{
    private readonly SortedDictionary<string, int> _passedByKind = new(StringComparer.Ordinal);
    private readonly List<SpecFailure> _failures = [];

    public string File { get; } = file;

    public int Commands { get; private set; }

    public int Passed { get; private set; }

    public int SkippedText { get; private set; }

    public IReadOnlyList<SpecFailure> Failures => _failures;

    public IReadOnlyDictionary<string, int> PassedByKind => _passedByKind;

    public void Pass(string kind)
    {
        Commands++;
        Passed++;
        _passedByKind[kind] = _passedByKind.GetValueOrDefault(kind) + 1;
    }

    public void SkipText()
    {
        Commands++;
        SkippedText++;
    }

    public void Fail(int line, string kind, string expected, string actual)
    {
        Commands++;
        _failures.Add(new(File, line, kind, expected, actual));
    }

    /// <summary>The first failures, a line each.</summary>
    public string Describe(int most = 20) =>
        $"{this}{string.Concat(_failures.Take(most).Select(failure => Environment.NewLine + failure))}"
        + (_failures.Count > most ? $"{Environment.NewLine}and {_failures.Count - most} more" : "");

    public override string ToString() =>
        $"{File}: {Passed} passed, {_failures.Count} failed, {SkippedText} skipped (text)";
}
