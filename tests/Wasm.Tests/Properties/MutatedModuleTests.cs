using HeliosEdge.Wasm.Tests.Running;
using Xunit.Abstractions;

namespace HeliosEdge.Wasm.Tests.Properties;

/// <summary>
/// Whatever bytes come in, only documented exceptions come out. A failure names the seed and the case, and has the
/// module in hexadecimal.
/// </summary>
[Trait("Category", "Slow")]
public sealed class MutatedModuleTests(ITestOutputHelper output)
{
    private const int Cases = 2_500;

    [Fact]
    public void Every_module_of_the_corpus_runs_or_is_refused()
    {
        var outcomes = new Dictionary<TrialOutcome, int>();
        Watchdog.Run(
            () =>
            {
                for (var i = 0; i < Corpus.Modules.Count; i++)
                {
                    Try(Corpus.Modules[i], i, $"module {i} of the corpus", outcomes);
                }
            },
            seconds: 300);
        Say(outcomes);
        outcomes[TrialOutcome.Ran].ShouldBeGreaterThan(3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Mutated_modules_let_out_no_other_exceptions(int seed)
    {
        var outcomes = new Dictionary<TrialOutcome, int>();
        var current = 0;
        try
        {
            Watchdog.Run(
                () =>
                {
                    var random = new Random(seed);
                    var mutator = new Mutator(random, Corpus.Modules, Corpus.Sound);
                    for (current = 0; current < Cases; current++)
                    {
                        Try(mutator.Next(), random.Next(), $"seed {seed}, case {current}", outcomes);
                    }
                },
                seconds: 300);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"seed {seed}, case {current} does not end");
        }

        Say(outcomes);
        outcomes.Keys.ShouldContain(TrialOutcome.Ran);
        outcomes.Keys.ShouldContain(TrialOutcome.Refused);
    }

    private static void Try(byte[] module, int choice, string name, Dictionary<TrialOutcome, int> outcomes)
    {
        try
        {
            var outcome = Trial.Run(module, choice);
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException(
                $"{name} (choice {choice}): {exception}{Environment.NewLine}{Convert.ToHexString(module)}",
                exception);
        }
    }

    private void Say(Dictionary<TrialOutcome, int> outcomes) =>
        output.WriteLine(string.Join(", ", outcomes.OrderBy(o => o.Key).Select(o => $"{o.Key} {o.Value}")));
}
