using System.Collections.Concurrent;
using HeliosEdge.Grains.Abstractions.FanOuts;
using HeliosEdge.Grains.Abstractions.Invocations;
using HeliosEdge.Grains.FanOuts;
using HeliosEdge.Grains.Invocations;

namespace HeliosEdge.Grains.Tests.Invocations;

public sealed class FanOutWatchTests
{
    private static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<Guid, Guest> _guests = [];
    private readonly OneFanOut _fanOuts = new();
    private readonly OneLease _store = new();

    public FanOutWatchTests() => _store.Find = id => Stored(id, _guests[id].State);

    [Theory]
    [InlineData(FanOutMode.All)]
    [InlineData(FanOutMode.First)]
    [InlineData(FanOutMode.Quorum)]
    public async Task One_whose_invocations_have_all_ended_before_it_is_asked_for_is_decided(FanOutMode mode)
    {
        var ids = Start(mode, needed: mode == FanOutMode.First ? 1 : 2, InvocationState.Succeeded, InvocationState.Succeeded, InvocationState.Succeeded);
        foreach (var id in ids)
        {
            _guests[id].Wait.SetResult(true);
        }

        (await WaitAsync()).ShouldBeTrue();

        _fanOuts.Decided.ShouldBeTrue();
    }

    [Fact]
    public async Task What_is_not_needed_any_more_is_cancelled_and_what_has_ended_is_not()
    {
        var ids = Start(FanOutMode.First, needed: 1, InvocationState.Dead, InvocationState.Succeeded, InvocationState.Succeeded);
        _guests[ids[0]].Wait.SetResult(true);

        var waiting = WaitAsync();
        waiting.IsCompleted.ShouldBeFalse();
        _guests[ids[2]].Wait.SetResult(true);

        (await waiting).ShouldBeTrue();
        ids.Select(id => _guests[id].IsCancelled).ShouldBe([false, true, false]);
    }

    [Fact]
    public async Task Nothing_is_decided_or_cancelled_where_one_has_not_ended_in_time()
    {
        var ids = Start(FanOutMode.All, needed: 2, InvocationState.Succeeded, InvocationState.Running);
        _guests[ids[0]].Wait.SetResult(true);
        _guests[ids[1]].Wait.SetResult(false);

        (await WaitAsync()).ShouldBeFalse();

        _fanOuts.Decided.ShouldBeFalse();
        _guests.Values.ShouldAllBe(guest => !guest.IsCancelled);
    }

    private Guid[] Start(FanOutMode mode, int needed, params InvocationState[] states)
    {
        var ids = states.Select(_ => Guid.NewGuid()).ToArray();
        foreach (var (id, state) in ids.Zip(states))
        {
            _guests[id] = new Guest(state);
        }

        _fanOuts.FanOut = new StoredFanOut
        {
            Id = Guid.NewGuid(),
            Function = "f",
            Mode = mode,
            Needed = needed,
            Invocations = [.. ids],
            CreatedAt = DateTimeOffset.UnixEpoch,
        };
        return ids;
    }

    private Task<bool> WaitAsync() =>
        new FanOutWatch(_fanOuts, _store, new Watch(_guests)).WaitAsync(_fanOuts.FanOut!.Id, TimeSpan.FromMinutes(1), CancellationToken.None).WaitAsync(Watchdog);

    private static StoredInvocation Stored(Guid id, InvocationState state) => new()
    {
        Id = id,
        Function = "f",
        Region = "eu",
        Payload = default,
        State = state,
        Attempt = 1,
        MaxAttempts = 1,
        NextAttemptAt = DateTimeOffset.UnixEpoch,
        CreatedAt = DateTimeOffset.UnixEpoch,
    };

    private sealed class Guest(InvocationState state)
    {
        public InvocationState State => state;

        public TaskCompletionSource<bool> Wait { get; } = new();

        public bool IsCancelled { get; set; }
    }

    private sealed class Watch(ConcurrentDictionary<Guid, Guest> guests) : IInvocationWatch
    {
        public Task<bool> WaitAsync(Guid id, TimeSpan atMost, CancellationToken cancellationToken) => guests[id].Wait.Task;

        public Task<bool> CancelAsync(Guid id)
        {
            guests[id].IsCancelled = true;
            return Task.FromResult(true);
        }
    }

    private sealed class OneFanOut : IFanOutStore
    {
        public StoredFanOut? FanOut { get; set; }

        public bool Decided { get; private set; }

        public Task<StoredFanOut?> FindAsync(Guid id, CancellationToken cancel) => Task.FromResult(FanOut);

        public Task DecideAsync(Guid id, CancellationToken cancel)
        {
            Decided = true;
            return Task.CompletedTask;
        }

        public Task<EnqueuedFanOut> AddAsync(StoredFanOut fanOut, IReadOnlyList<NewInvocation> invocations, CancellationToken cancel) =>
            throw new NotSupportedException();

        public Task<IReadOnlyList<Guid>> ListUndecidedAsync(CancellationToken cancel) => throw new NotSupportedException();

        public Task<int> PurgeAsync(CancellationToken cancel) => throw new NotSupportedException();
    }
}
