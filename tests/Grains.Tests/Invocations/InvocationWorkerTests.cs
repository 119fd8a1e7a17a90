using System.Collections.Concurrent;
using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Abstractions.Invocations;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Grains.Regions;
using Microsoft.Extensions.Logging.Abstractions;

namespace HeliosEdge.Grains.Tests.Invocations;

public sealed class InvocationWorkerTests
{
    private static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(60);

    private readonly OneLease _store = new();
    private readonly Peers _peers = new();
    private readonly ConcurrentQueue<StoredInvocation> _due = [];
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _guests = [];
    private readonly ConcurrentQueue<InvocationAttempt> _attempts = [];
    private readonly ConcurrentQueue<(string[] Regions, int Count)> _asked = [];

    // Not disposed: what ends last may raise it after its test.
    private readonly WorkSignal _signal = new();

    public InvocationWorkerTests()
    {
        _store.Take = (regions, count) =>
        {
            _asked.Enqueue(([.. regions.Keys], count));
            var taken = new List<StoredInvocation>();
            while (taken.Count < count && _due.TryDequeue(out var next))
            {
                taken.Add(next);
            }

            return taken;
        };
    }

    [Fact]
    public async Task No_more_is_taken_than_may_run_and_what_ends_makes_room()
    {
        var ids = Enumerable.Range(0, 5).Select(_ => Queue()).ToList();
        using var worker = Worker(concurrency: 2);

        (await worker.LeaseAsync(default)).ShouldBeTrue();
        (await worker.LeaseAsync(default)).ShouldBeFalse();
        (await BegunAsync(2)).ShouldBe(ids[..2], ignoreOrder: true);
        _asked.Count.ShouldBe(1);

        _guests[ids[0]].SetResult();
        await Eventually.HoldsAsync("worker.Running < 2", () => worker.Running < 2);
        (await worker.LeaseAsync(default)).ShouldBeTrue();
        (await BegunAsync(3)).ShouldBe(ids[..3], ignoreOrder: true);
        _asked.Last().Count.ShouldBe(1);
    }

    [Fact]
    public async Task All_that_has_ended_is_made_up_for()
    {
        var ids = Enumerable.Range(0, 8).Select(_ => Queue()).ToList();
        using var worker = Worker(concurrency: 4);
        await worker.LeaseAsync(default);

        foreach (var id in ids[..4])
        {
            _guests[id].SetResult();
        }

        await worker.DrainAsync().WaitAsync(Watchdog);
        await Eventually.HoldsAsync("the invocations", async () =>
        {
            await worker.LeaseAsync(default);
            return _attempts.Count == 8;
        });
        (await BegunAsync(8)).ShouldBe(ids, ignoreOrder: true);
    }

    [Fact]
    public async Task Peers_are_asked_for_by_what_is_known_of_them_at_the_time()
    {
        _peers.Known = [new Peer("near", true), new Peer("away", false)];
        using var worker = Worker(concurrency: 2);

        await worker.LeaseAsync(default);
        _peers.Known = [new Peer("away", true), new Peer("near", true)];
        await worker.LeaseAsync(default);

        _asked.Select(asked => string.Join(' ', asked.Regions)).ShouldBe(["eu near", "eu away near"]);
    }

    [Fact]
    public async Task A_region_whose_guests_are_slow_may_have_all_places_and_keeps_no_other_from_working()
    {
        _peers.Known = [new Peer("near", true)];
        var due = new List<StoredInvocation>();
        _store.Take = (regions, count) =>
        {
            var taken = due.Where(waiting => regions.ContainsKey(waiting.Region)).Take(count).ToList();
            due.RemoveAll(taken.Contains);
            return taken;
        };
        var slow = Enumerable.Range(0, 4).Select(_ => New("eu")).ToList();
        due.AddRange(slow);
        using var worker = Worker(concurrency: 2);
        (await worker.LeaseAsync(default)).ShouldBeTrue();
        (await BegunAsync(2)).ShouldBe(slow[..2].Select(invocation => invocation.Id), ignoreOrder: true);

        var others = Enumerable.Range(0, 2).Select(_ => New("near")).ToList();
        due.AddRange(others);
        foreach (var (other, begun) in others.Zip([3, 4]))
        {
            await Eventually.HoldsAsync("the invocations", async () =>
            {
                await worker.LeaseAsync(default);
                return !due.Contains(other);
            });
            (await BegunAsync(begun)).ShouldContain(other.Id);
            (await worker.LeaseAsync(default)).ShouldBeFalse();
            worker.Running.ShouldBe(3);
            _guests[other.Id].SetResult();
            await Eventually.HoldsAsync("worker.Running == 2", () => worker.Running == 2);
        }

        due.ShouldBe(slow[2..]);
    }

    [Fact]
    public async Task What_runs_of_each_region_is_told_to_the_queue()
    {
        _peers.Known = [new Peer("near", true)];
        Queue();
        var told = new List<string>();
        var take = _store.Take;
        _store.Take = (regions, count) =>
        {
            told.Add(string.Join(' ', regions.Select(region => $"{region.Key}={region.Value}")));
            return take(regions, count);
        };
        using var worker = Worker(concurrency: 4);

        await worker.LeaseAsync(default);
        await worker.LeaseAsync(default);

        told.ShouldBe(["eu=0 near=0", "eu=1 near=0"]);
    }

    [Fact]
    public async Task An_attempt_is_handed_on_as_it_was_leased()
    {
        var id = Queue();
        using var worker = Worker(concurrency: 1);
        await worker.LeaseAsync(default);

        await BegunAsync(1);
        var attempt = _attempts.ShouldHaveSingleItem();
        (attempt.Id, attempt.Attempt, attempt.Postponed, attempt.TraceParent).ShouldBe((id, 3, 2, "00-a-b-01"));
        attempt.Payload.ToArray().ShouldBe([1, 2]);
    }

    [Fact]
    public async Task An_attempt_that_fails_keeps_no_place_and_nobody_from_working()
    {
        var (lost, next) = (Queue(), Queue());
        using var worker = Worker(concurrency: 1);
        await worker.LeaseAsync(default);

        _guests[lost].SetException(new IOException("The database is away."));
        await Eventually.HoldsAsync("the invocations", async () =>
        {
            await worker.LeaseAsync(default);
            return _attempts.Any(attempt => attempt.Id == next);
        });
    }

    [Fact]
    public async Task The_loop_outlives_a_queue_that_can_not_be_read_and_drains_when_it_stops()
    {
        var fails = 2;
        var id = Queue();
        _store.Take = (_, _) => Interlocked.Decrement(ref fails) >= 0
            ? throw new IOException("The database is away.")
            : _due.TryDequeue(out var next) ? [next] : [];
        using var worker = Worker(concurrency: 1);

        await worker.StartAsync(default);
        await Eventually.HoldsAsync("!_attempts.IsEmpty", () => !_attempts.IsEmpty);
        var stopping = worker.StopAsync(default);
        stopping.IsCompleted.ShouldBeFalse();
        _guests[id].SetResult();
        await stopping.WaitAsync(Watchdog);
    }

    private async Task<List<Guid>> BegunAsync(int count)
    {
        await Eventually.HoldsAsync("_attempts.Count >= count", () => _attempts.Count >= count);
        return [.. _attempts.Select(attempt => attempt.Id)];
    }

    private Guid Queue()
    {
        var invocation = New("eu");
        _due.Enqueue(invocation);
        return invocation.Id;
    }

    private StoredInvocation New(string region)
    {
        var id = Guid.CreateVersion7();
        _guests[id] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return new StoredInvocation
        {
            Id = id,
            Function = "f",
            Region = region,
            Payload = new byte[] { 1, 2 },
            State = InvocationState.Running,
            Attempt = 3,
            MaxAttempts = 5,
            Postponed = 2,
            TraceParent = "00-a-b-01",
            NextAttemptAt = DateTimeOffset.UtcNow,
            CreatedAt = DateTimeOffset.UtcNow,
        };
    }

    private InvocationWorker Worker(int concurrency) => new(
        _store,
        new ServedRegions(["eu"]),
        _peers,
        new Attempts(this),
        new Owners(),
        _signal,
        new InvocationWorkerOptions { Concurrency = concurrency, PollEvery = TimeSpan.FromMilliseconds(10) },
        TimeProvider.System,
        NullLogger<InvocationWorker>.Instance);

    private sealed class Attempts(InvocationWorkerTests tests) : IAttempts
    {
        public Task RunAsync(InvocationAttempt attempt)
        {
            tests._attempts.Enqueue(attempt);
            return tests._guests[attempt.Id].Task;
        }
    }

    private sealed class Peers : IRegionPeers
    {
        public ImmutableArray<IRegionPeer> Known { get; set; } = [];

        public ImmutableArray<IRegionPeer> Nearest => Known;

        public IRegionPeer? Find(string region) => Known.FirstOrDefault(peer => peer.Region == region);
    }

    private sealed record Peer(string Region, bool IsReachable) : IRegionPeer
    {
        public Task<InvocationResult> InvokeAsync(InvocationOrder order, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
