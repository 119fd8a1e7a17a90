using HeliosEdge.Grains.Abstractions.Invocations;
using HeliosEdge.Grains.Invocations;
using Microsoft.Extensions.Logging.Abstractions;

namespace HeliosEdge.Grains.Tests.Invocations;

public sealed class InvocationWatchTests : IDisposable
{
    private static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(60);
    private static readonly Guid Id = Guid.NewGuid();

    private readonly OneLease _store = new();
    private readonly Owners _owners = new();
    private readonly WorkSignal _signal = new();
    private readonly InvocationWatch _watch;
    private InvocationState _state = InvocationState.Running;
    private int _looks;

    public InvocationWatchTests()
    {
        _store.Find = id =>
        {
            Interlocked.Increment(ref _looks);
            return Stored(id);
        };
        var runner = new AttemptRunner(_store, new Placement(), new RetryPolicy(Random.Shared), TimeProvider.System, NullLogger<AttemptRunner>.Instance);
        _watch = new InvocationWatch(_store, new RunningInvocations(runner), _owners, _signal, TimeProvider.System);
    }

    public void Dispose()
    {
        _watch.Dispose();
        _signal.Dispose();
    }

    [Fact]
    public async Task A_wait_for_what_another_silo_runs_ends_when_that_says_so()
    {
        var waiting = _watch.WaitAsync(Id, Watchdog, CancellationToken.None);
        await Eventually.HoldsAsync("the other silo to be asked", () => _owners.Asked.Count > 0);
        waiting.IsCompleted.ShouldBeFalse();

        _state = InvocationState.Succeeded;
        _owners.Answer.SetResult(true);

        (await waiting.WaitAsync(Watchdog)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_wait_for_what_another_silo_runs_ends_although_that_never_answers()
    {
        var waiting = _watch.WaitAsync(Id, Watchdog, CancellationToken.None);
        await Eventually.HoldsAsync("the other silo to be asked", () => _owners.Asked.Count > 0);

        // Somebody else has run it since.
        _state = InvocationState.Succeeded;

        (await waiting.WaitAsync(Watchdog)).ShouldBeTrue();
        (await _watch.WaitAsync(Id, TimeSpan.Zero, CancellationToken.None)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_wait_ends_with_its_own_time_whatever_another_silo_does()
    {
        (await _watch.WaitAsync(Id, TimeSpan.FromMilliseconds(50), CancellationToken.None).WaitAsync(Watchdog)).ShouldBeFalse();

        _owners.Answer.SetResult(false);

        (await _watch.WaitAsync(Id, TimeSpan.FromMilliseconds(50), CancellationToken.None).WaitAsync(Watchdog)).ShouldBeFalse();
        _looks.ShouldBeInRange(2, 10, "a silo that is gone is not asked over and over");
    }

    [Fact]
    public async Task What_another_silo_runs_is_interrupted_there()
    {
        _store.Cancel = _ => _state = InvocationState.Cancelled;

        (await _watch.CancelAsync(Id)).ShouldBeTrue();

        _owners.Interrupted.ShouldBe([Id]);
    }

    private StoredInvocation Stored(Guid id) => new()
    {
        Id = id,
        Function = "f",
        Region = "eu",
        Payload = default,
        State = _state,
        Attempt = 1,
        MaxAttempts = 1,
        NextAttemptAt = DateTimeOffset.UnixEpoch,
        CreatedAt = DateTimeOffset.UnixEpoch,
        LeaseOwner = Owners.Elsewhere,
    };

    private sealed class Placement : HeliosEdge.Grains.Placement.IInvocationPlacement
    {
        public Task<HeliosEdge.Grains.Placement.PlacedInvocation> InvokeAsync(
            HeliosEdge.Grains.Placement.InvocationOrder order, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }
}
