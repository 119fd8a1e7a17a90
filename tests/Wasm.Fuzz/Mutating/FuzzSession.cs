using System.Diagnostics;
using HeliosEdge.Wasm.Tests.Properties;

namespace HeliosEdge.Wasm.Fuzz.Mutating;

/// <summary>
/// Runs cases until the time is over. A case that does not end within ten seconds is saved as a hang; its thread cannot
/// be stopped, so a new one goes on from the next case.
/// </summary>
internal sealed class FuzzSession(FuzzCorpus corpus, int seed, TimeSpan duration, DirectoryInfo folder)
{
    private const int MostHangs = 3;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    private readonly FuzzFindings _findings = new(folder);
    private readonly int[] _outcomes = new int[Enum.GetValues<TrialOutcome>().Length];
    private readonly HashSet<string> _kinds = new(StringComparer.Ordinal);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Lock _lock = new();
    private int _worker;
    private int _cases;
    private int _breaks;
    private int _hangs;
    private byte[] _module = [];
    private int _choice;
    private TimeSpan _caseStarted;
    private bool _finished;

    /// <summary>The process's exit code: 0, or 1 if anything broke.</summary>
    public int Run()
    {
        Console.WriteLine($"{corpus.Modules.Count} modules, {corpus.Sound.Count} of them valid, seed {seed}, {duration.TotalSeconds:0} s, findings go to {folder.FullName}");
        StartWorker();
        var reported = TimeSpan.Zero;
        while (!Volatile.Read(ref _finished) && _hangs < MostHangs)
        {
            Thread.Sleep(200);
            LookForHang();
            if (_clock.Elapsed - reported > TimeSpan.FromSeconds(10))
            {
                reported = _clock.Elapsed;
                Console.WriteLine($"{reported.TotalSeconds,5:0} s  {Totals()}");
            }
        }

        _findings.Finish();
        Console.WriteLine($"done   {Totals()}");
        return _breaks + _hangs == 0 ? 0 : 1;
    }

    private string Totals()
    {
        lock (_lock)
        {
            return $"{_cases} cases: "
                + string.Join(", ", Enum.GetValues<TrialOutcome>().Select(outcome => $"{_outcomes[(int)outcome]} {Words(outcome)}"))
                + $"; {_breaks} broke the engine, {_hangs} hung";
        }
    }

    private static string Words(TrialOutcome outcome) => outcome switch
    {
        TrialOutcome.Refused => "refused",
        TrialOutcome.DidNotLink => "did not link",
        TrialOutcome.TrappedAtStart => "trapped at start",
        _ => "ran",
    };

    private void StartWorker()
    {
        var number = ++_worker;
        _caseStarted = _clock.Elapsed;

        // A seed of its own for each worker, or the one after a hang would repeat the cases before it.
        var thread = new Thread(() => Work(number, new Random(unchecked(seed + (number - 1) * 7919)))) { IsBackground = true };
        thread.Start();
    }

    private void Work(int number, Random random)
    {
        var mutator = new Mutator(random, corpus.Modules, corpus.Sound);
        while (_clock.Elapsed < duration)
        {
            var choice = random.Next();
            var module = mutator.Next();
            lock (_lock)
            {
                if (number != _worker)
                {
                    return;
                }

                _cases++;
                _module = module;
                _choice = choice;
                _caseStarted = _clock.Elapsed;
            }

            _findings.Announce(module);
            try
            {
                var outcome = Trial.Run(module, choice);
                lock (_lock)
                {
                    _outcomes[(int)outcome]++;
                }
            }
            catch (Exception exception)
            {
                Report(module, choice, exception);
            }
        }

        lock (_lock)
        {
            _finished |= number == _worker;
        }
    }

    private void Report(byte[] module, int choice, Exception exception)
    {
        // The same failure again is counted and not saved: a place in the code is told by the innermost frames.
        var place = string.Join('|', (exception.StackTrace ?? "").Split('\n').Take(3).Select(line => line.Trim()));
        bool first;
        lock (_lock)
        {
            _breaks++;
            first = _kinds.Add($"{exception.GetType()}|{place}");
        }

        if (first)
        {
            var path = _findings.Save("break", module, $"seed {seed}, choice {choice}{Environment.NewLine}{exception}");
            Console.WriteLine($"BROKE  {exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")}");
            Console.WriteLine($"       {path}");
        }
    }

    private void LookForHang()
    {
        lock (_lock)
        {
            if (_finished || _clock.Elapsed - _caseStarted < _patience)
            {
                return;
            }

            _hangs++;
            var path = _findings.Save("hang", _module, $"seed {seed}, choice {_choice}: not done after {_patience.TotalSeconds:0} s");
            Console.WriteLine($"HUNG   {path}");
            StartWorker();
        }
    }
}
