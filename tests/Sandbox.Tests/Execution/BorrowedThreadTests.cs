using HeliosEdge.Sandbox.Execution;

namespace HeliosEdge.Sandbox.Tests.Execution;

/// <summary>Guests on the threads of their callers. Not in parallel with others: the size of the thread pool is looked at.</summary>
[Collection(nameof(BorrowedThreadTests))]
[CollectionDefinition(nameof(BorrowedThreadTests), DisableParallelization = true)]
public sealed class BorrowedThreadTests
{
    private const int StackBytes = 1 << 20;
    private static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(30);

    [Fact]
    public void Work_runs_on_the_calling_thread_before_the_call_returns_and_counts_as_a_guest()
    {
        using var threads = Idle(new GuestThreadOptions());
        var (ranOn, busy) = (0, 0);

        threads.TryRunHere(new Work(() => (ranOn, busy) = (Environment.CurrentManagedThreadId, threads.Busy)), StackBytes).ShouldBeTrue();

        (ranOn, busy).ShouldBe((Environment.CurrentManagedThreadId, 1));
        threads.Busy.ShouldBe(0);
    }

    [Fact]
    public void A_guest_thread_is_not_borrowed()
    {
        using var threads = Idle(new GuestThreadOptions());
        using var done = new ManualResetEventSlim();
        var (inGuest, inBorrowed) = (true, true);

        threads.TryRun(new Work(() =>
        {
            inGuest = threads.TryRunHere(new Work(() => { }), StackBytes);
            done.Set();
        })).ShouldBeTrue();
        done.Wait(Watchdog).ShouldBeTrue();
        threads.TryRunHere(new Work(() => inBorrowed = threads.TryRunHere(new Work(() => { }), StackBytes)), StackBytes).ShouldBeTrue();

        (inGuest, inBorrowed).ShouldBe((false, false));
    }

    [Fact]
    public void Nothing_goes_ahead_of_what_is_queued()
    {
        using var threads = Idle(new GuestThreadOptions { Threads = 1 });
        using var gate = new ManualResetEventSlim();
        using var begun = new ManualResetEventSlim();
        using var done = new CountdownEvent(2);
        threads.TryRun(new Work(() =>
        {
            begun.Set();
            gate.Wait(Watchdog);
            done.Signal();
        })).ShouldBeTrue();
        begun.Wait(Watchdog).ShouldBeTrue();
        threads.TryRun(new Work(() => done.Signal())).ShouldBeTrue();

        threads.TryRunHere(new Work(() => { }), StackBytes).ShouldBeFalse();

        gate.Set();
        done.Wait(Watchdog).ShouldBeTrue();
    }

    [Fact]
    public void A_thread_with_too_little_stack_is_not_borrowed()
    {
        using var threads = Idle(new GuestThreadOptions());
        var taken = true;
        var thread = new Thread(() => taken = threads.TryRunHere(new Work(() => { }), StackBytes), 512 << 10);

        thread.Start();
        thread.Join();

        taken.ShouldBeFalse();
    }

    [Fact]
    public void Only_as_many_as_there_are_places_run_at_once_and_each_place_is_had_again()
    {
        using var threads = Idle(new GuestThreadOptions());
        using var gate = new ManualResetEventSlim();
        var most = Math.Max(2, Environment.ProcessorCount);
        using var begun = new CountdownEvent(most);
        var callers = Enumerable.Range(0, most).Select(_ => new Thread(() => threads.TryRunHere(
            new Work(() =>
            {
                begun.Signal();
                gate.Wait(Watchdog);
            }),
            StackBytes).ShouldBeTrue())).ToArray();
        Array.ForEach(callers, caller => caller.Start());
        begun.Wait(Watchdog).ShouldBeTrue();

        threads.TryRunHere(new Work(() => { }), StackBytes).ShouldBeFalse();

        gate.Set();
        Array.ForEach(callers, caller => caller.Join());
        for (var i = 0; i < 3 * most; i++)
        {
            threads.TryRunHere(new Work(() => { }), StackBytes).ShouldBeTrue();
        }
    }

    [Fact]
    public void While_a_guest_holds_a_thread_for_long_the_pool_has_one_more()
    {
        using var threads = Idle(new GuestThreadOptions());
        ThreadPool.GetMinThreads(out var before, out _);
        var during = 0;

        threads.TryRunHere(
            new Work(() => SpinWait.SpinUntil(
                () =>
                {
                    ThreadPool.GetMinThreads(out during, out _);
                    return during > before;
                },
                Watchdog)),
            StackBytes).ShouldBeTrue();

        during.ShouldBe(before + 1);
        ThreadPool.GetMinThreads(out var after, out _);
        after.ShouldBe(before);
    }

    [LinuxFact]
    public void A_guest_that_runs_long_gives_way_only_where_its_caller_gets_the_share_back()
    {
        using var threads = Idle(new GuestThreadOptions());
        var before = ThreadNice.OfCurrent;
        var gaveWay = false;

        threads.TryRunHere(
            new Work(() => gaveWay = ThreadNice.CanBeTakenBack
                && SpinWait.SpinUntil(() => ThreadNice.Of(ThreadNice.CurrentThread) > before, Watchdog)),
            StackBytes).ShouldBeTrue();

        gaveWay.ShouldBe(ThreadNice.CanBeTakenBack && before < 19);
        ThreadNice.Of(ThreadNice.CurrentThread).ShouldBe(before);
    }

    [Fact]
    public void A_thread_whose_work_failed_is_as_it_was()
    {
        using var threads = Idle(new GuestThreadOptions());

        for (var i = 0; i < 3 * Math.Max(2, Environment.ProcessorCount); i++)
        {
            Should.Throw<InvalidOperationException>(() => threads.TryRunHere(new Work(() => throw new InvalidOperationException()), StackBytes));
        }

        threads.Busy.ShouldBe(0);
        threads.TryRunHere(new Work(() => { }), StackBytes).ShouldBeTrue();
    }

    [Fact]
    public void A_guest_that_waits_leaves_its_place_to_others_and_has_it_again()
    {
        using var threads = Idle(new GuestThreadOptions());
        var waiting = (Waiting: 0, Busy: 0);
        var after = 0;

        threads.TryRunHere(
            new Work(() =>
            {
                using (GuestThreads.Wait())
                {
                    waiting = (threads.Waiting, threads.Busy);
                }

                after = threads.Busy;
            }),
            StackBytes).ShouldBeTrue();

        waiting.ShouldBe((1, 0));
        after.ShouldBe(1);
        (threads.Waiting, threads.Busy).ShouldBe((0, 0));
    }

    [Fact]
    public void While_a_guest_waits_on_a_borrowed_thread_the_pool_has_one_more()
    {
        using var threads = Idle(new GuestThreadOptions());
        ThreadPool.GetMinThreads(out var before, out _);
        var during = new List<int>();

        threads.TryRunHere(
            new Work(() =>
            {
                for (var wait = 0; wait < 2; wait++)
                {
                    using var waiting = GuestThreads.Wait();
                    ThreadPool.GetMinThreads(out var workers, out _);
                    during.Add(workers);
                }
            }),
            StackBytes).ShouldBeTrue();

        during.ShouldBe([before + 1, before + 1]);
        ThreadPool.GetMinThreads(out var after, out _);
        after.ShouldBe(before);
    }

    [Fact]
    public void Nothing_is_forgotten_where_some_runs_here_and_some_there()
    {
        using var threads = new GuestThreads(new GuestThreadOptions { Threads = 2, MaxQueued = 100_000 });
        using var done = new CountdownEvent(4 * 5_000);

        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, seed =>
        {
            var random = new Random(seed);
            for (var i = 0; i < 5_000; i++)
            {
                var work = new Work(() => done.Signal());
                if (random.Next(2) == 0 || !threads.TryRunHere(work, StackBytes))
                {
                    threads.TryRun(work).ShouldBeTrue();
                }
            }
        });

        done.Wait(Watchdog).ShouldBeTrue($"{done.CurrentCount} left");
        SpinWait.SpinUntil(() => threads is { Busy: 0, Waiting: 0 }, Watchdog).ShouldBeTrue();
    }

    /// <summary>Threads that have all come up and fallen asleep, so that none counts as about to run.</summary>
    private static GuestThreads Idle(GuestThreadOptions options)
    {
        var threads = new GuestThreads(options);
        SpinWait.SpinUntil(() => threads.TryRunHere(new Work(() => { }), StackBytes), Watchdog).ShouldBeTrue();
        return threads;
    }

    private sealed class Work(Action action) : IThreadPoolWorkItem
    {
        public void Execute() => action();
    }
}
