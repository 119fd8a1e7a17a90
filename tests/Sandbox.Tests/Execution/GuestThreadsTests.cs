using HeliosEdge.Sandbox.Execution;

namespace HeliosEdge.Sandbox.Tests.Execution;

public sealed class GuestThreadsTests
{
    private static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(30);

    [Fact]
    public void Everything_accepted_runs_on_a_thread_of_its_own_kind()
    {
        using var threads = new GuestThreads(new GuestThreadOptions { Threads = 4, MaxQueued = 1_000 });
        using var done = new CountdownEvent(500);
        var names = new System.Collections.Concurrent.ConcurrentDictionary<string, bool>();

        for (var i = 0; i < 500; i++)
        {
            threads.TryRun(new Work(() =>
            {
                Thread.CurrentThread.IsThreadPoolThread.ShouldBeFalse();
                names.TryAdd(Thread.CurrentThread.Name!, true);
                done.Signal();
            })).ShouldBeTrue();
        }

        done.Wait(Watchdog).ShouldBeTrue();
        names.Keys.ShouldAllBe(name => name.StartsWith("guest ", StringComparison.Ordinal));
        names.Count.ShouldBeLessThanOrEqualTo(4);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void Nothing_is_forgotten_however_work_comes(int count)
    {
        using var threads = new GuestThreads(new GuestThreadOptions { Threads = count, MaxQueued = 100_000 });
        using var done = new CountdownEvent(4 * 5_000);

        // With pauses of all lengths between, so that threads are met busy, looking out and asleep.
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, seed =>
        {
            var random = new Random(seed);
            for (var i = 0; i < 5_000; i++)
            {
                threads.TryRun(new Work(() => done.Signal())).ShouldBeTrue();
                Thread.SpinWait(random.Next(100) == 0 ? 20_000 : random.Next(200));
            }
        });

        done.Wait(Watchdog).ShouldBeTrue($"{done.CurrentCount} left");
    }

    [Fact]
    public void More_than_threads_and_queue_hold_is_refused_until_there_is_room()
    {
        using var threads = new GuestThreads(new GuestThreadOptions { Threads = 2, MaxQueued = 3 });
        using var gate = new ManualResetEventSlim();
        using var done = new CountdownEvent(5);

        for (var i = 0; i < 5; i++)
        {
            threads.TryRun(Blocking()).ShouldBeTrue();
        }

        threads.TryRun(Blocking()).ShouldBeFalse();
        gate.Set();
        done.Wait(Watchdog).ShouldBeTrue();
        using var later = new ManualResetEventSlim();
        SpinWait.SpinUntil(() => threads.TryRun(new Work(later.Set)), Watchdog).ShouldBeTrue();
        later.Wait(Watchdog).ShouldBeTrue();

        Work Blocking() => new(() =>
        {
            gate.Wait();
            done.Signal();
        });
    }

    [Fact]
    public void Without_a_queue_as_many_run_as_there_are_threads()
    {
        using var threads = new GuestThreads(new GuestThreadOptions { Threads = 3, MaxQueued = 0 });
        using var running = new CountdownEvent(3);
        using var gate = new ManualResetEventSlim();
        using var done = new CountdownEvent(3);

        for (var i = 0; i < 3; i++)
        {
            threads.TryRun(new Work(() =>
            {
                running.Signal();
                gate.Wait();
                done.Signal();
            })).ShouldBeTrue();
        }

        running.Wait(Watchdog).ShouldBeTrue();
        threads.TryRun(new Work(() => { })).ShouldBeFalse();
        gate.Set();
        done.Wait(Watchdog).ShouldBeTrue();
    }

    [Fact]
    public void Those_that_wait_leave_their_places_to_others_up_to_a_bound()
    {
        using var threads = new GuestThreads(new GuestThreadOptions { Threads = 1, MaxWaiting = 2, MaxQueued = 10 });
        using var gate = new ManualResetEventSlim();
        using var begun = new CountdownEvent(3);
        using var last = new CountdownEvent(1);
        using var done = new CountdownEvent(4);

        // Two wait beside, the third would be one too many and keeps its place, so that the fourth has none.
        for (var i = 0; i < 3; i++)
        {
            threads.TryRun(new Work(() =>
            {
                using (GuestThreads.Wait())
                {
                    begun.Signal();
                    gate.Wait(Watchdog);
                }

                done.Signal();
            })).ShouldBeTrue();
        }

        threads.TryRun(new Work(() =>
        {
            last.Signal();
            done.Signal();
        })).ShouldBeTrue();

        begun.Wait(Watchdog).ShouldBeTrue();
        (threads.Waiting, threads.Busy).ShouldBe((2, 1));
        last.CurrentCount.ShouldBe(1);
        gate.Set();
        done.Wait(Watchdog).ShouldBeTrue();
        SpinWait.SpinUntil(() => threads is { Busy: 0, Waiting: 0 }, Watchdog).ShouldBeTrue();
    }

    [Fact]
    public void Nothing_is_forgotten_where_work_waits_now_and_then()
    {
        using var threads = new GuestThreads(new GuestThreadOptions { Threads = 3, MaxWaiting = 8, MaxQueued = 100_000 });
        using var done = new CountdownEvent(4 * 500);

        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, seed =>
        {
            var random = new Random(seed);
            for (var i = 0; i < 500; i++)
            {
                var waits = random.Next(3);
                threads.TryRun(new Work(() =>
                {
                    for (var n = 0; n < waits; n++)
                    {
                        using var waiting = GuestThreads.Wait();
                        Thread.Sleep(n);
                    }

                    done.Signal();
                })).ShouldBeTrue();
                Thread.SpinWait(random.Next(20_000));
            }
        });

        done.Wait(Watchdog).ShouldBeTrue($"{done.CurrentCount} left");
    }

    [LinuxFact]
    public void A_guest_that_runs_long_gives_way_and_the_next_one_does_not()
    {
        using var threads = new GuestThreads(new GuestThreadOptions { Threads = 1 });
        using var done = new CountdownEvent(2);
        var before = ThreadNice.Of(ThreadNice.CurrentThread);
        var (lowered, after) = (false, int.MinValue);

        threads.TryRun(new Work(() =>
        {
            lowered = SpinWait.SpinUntil(() => ThreadNice.Of(ThreadNice.CurrentThread) > before, Watchdog);
            done.Signal();
        })).ShouldBeTrue();
        threads.TryRun(new Work(() =>
        {
            after = ThreadNice.Of(ThreadNice.CurrentThread);
            done.Signal();
        })).ShouldBeTrue();

        done.Wait(Watchdog).ShouldBeTrue();
        (lowered, after).ShouldBe((before < 19, before));
    }

    [Fact]
    public void Waiting_on_another_thread_is_nothing_special()
    {
        using var threads = new GuestThreads(new GuestThreadOptions { Threads = 1 });

        using (GuestThreads.Wait())
        {
            threads.Waiting.ShouldBe(0);
        }

        threads.Busy.ShouldBe(0);
    }

    [Fact]
    public void After_the_end_nothing_is_accepted_but_what_was_accepted_still_runs()
    {
        var threads = new GuestThreads(new GuestThreadOptions { Threads = 1, MaxQueued = 10 });
        using var gate = new ManualResetEventSlim();
        using var done = new CountdownEvent(2);
        threads.TryRun(new Work(() =>
        {
            gate.Wait();
            done.Signal();
        })).ShouldBeTrue();
        threads.TryRun(new Work(() => done.Signal())).ShouldBeTrue();

        threads.Dispose();

        threads.TryRun(new Work(() => { })).ShouldBeFalse();
        gate.Set();
        done.Wait(Watchdog).ShouldBeTrue();
    }

    [Theory]
    [InlineData(0, 1, "guest threads")]
    [InlineData(1, -1, "queued guest calls")]
    public void Options_that_make_no_sense_are_refused(int count, int queued, string name) =>
        Should.Throw<SandboxException>(() => new GuestThreads(new GuestThreadOptions { Threads = count, MaxQueued = queued }))
            .Message.ShouldContain(name);

    private sealed class Work(Action action) : IThreadPoolWorkItem
    {
        public void Execute() => action();
    }
}
