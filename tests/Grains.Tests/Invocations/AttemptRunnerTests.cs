using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Sandbox;
using Microsoft.Extensions.Logging.Abstractions;

namespace HeliosEdge.Grains.Tests.Invocations;

public sealed class AttemptRunnerTests
{
    private const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private static readonly TimeSpan Third = AttemptRunner.LeaseDuration / 3;

    private readonly ManualTime _time = new();
    private readonly OneLease _store = new();

    [Fact]
    public async Task A_response_is_recorded()
    {
        await RunAsync((_, _) => Answer(new InvocationResult { Response = new byte[] { 7 } }));

        _store.Completed.ShouldHaveSingleItem().ShouldBe([7]);
        _store.Failed.ShouldBeEmpty();
        _time.Timers.ShouldBe(0);
    }

    [Theory]
    [InlineData(ErrorCodes.Trap, 1, 1)]
    [InlineData(ErrorCodes.Timeout, 3, 4)]
    [InlineData(ErrorCodes.PeerFailed, 50, 300)]
    public async Task A_failure_that_can_pass_is_tried_again_within_the_backoff(string code, int attempt, int mostSeconds)
    {
        await RunAsync((_, _) => Answer(Failure(code)), attempt);

        var (fault, next) = _store.Failed.ShouldHaveSingleItem();
        fault.Code.ShouldBe(code);
        next.ShouldNotBeNull().ShouldBeInRange(_time.GetUtcNow(), _time.GetUtcNow().AddSeconds(mostSeconds));
    }

    [Theory]
    [InlineData(ErrorCodes.PayloadTooLarge)]
    [InlineData(ErrorCodes.FunctionNotFound)]
    public async Task A_failure_that_can_not_pass_is_final(string code)
    {
        await RunAsync((_, _) => Answer(Failure(code)));

        _store.Failed.ShouldHaveSingleItem().NextAttemptAt.ShouldBeNull();
    }

    [Theory]
    [InlineData(ErrorCodes.RegionUnavailable, 0, 0.5, 1)]
    [InlineData(ErrorCodes.RegionUnavailable, 3, 4, 8)]
    [InlineData(ErrorCodes.RegionUnavailable, 100_000, 15, 30)]
    [InlineData(ErrorCodes.Overloaded, 0, 0.5, 1)]
    public async Task What_can_not_have_begun_is_put_off_and_is_no_failed_attempt(string code, int postponed, double leastSeconds, double mostSeconds)
    {
        await RunAsync((_, _) => Answer(Failure(code)), attempt: 100, postponed: postponed);

        _store.Failed.ShouldBeEmpty();
        var (fault, until) = _store.Postponed.ShouldHaveSingleItem();
        fault.Code.ShouldBe(code);
        until.ShouldBeInRange(_time.GetUtcNow().AddSeconds(leastSeconds), _time.GetUtcNow().AddSeconds(mostSeconds));
    }

    [Fact]
    public async Task The_trace_goes_with_the_order_and_it_has_passed_no_silo()
    {
        InvocationOrder? seen = null;
        await RunAsync((order, _) =>
        {
            seen = order;
            return Answer(new InvocationResult());
        });

        (seen!.TraceParent, seen.Hops).ShouldBe((Trace, 0));
    }

    [Fact]
    public async Task A_refusal_is_a_failure_like_any_other()
    {
        await RunAsync((_, _) => throw new SandboxException(ErrorCodes.RegionNotFound, "Nobody serves it."));

        _store.Failed.ShouldHaveSingleItem().Fault.Code.ShouldBe(ErrorCodes.RegionNotFound);
    }

    [Fact]
    public async Task The_silos_own_fault_loses_no_work()
    {
        await RunAsync((_, _) => throw new InvalidOperationException("The host is broken."));

        var (fault, next) = _store.Failed.ShouldHaveSingleItem();
        fault.Code.ShouldBe("internal_error");
        next.ShouldNotBeNull();
    }

    [Fact]
    public async Task The_lease_is_renewed_for_as_long_as_the_guest_runs()
    {
        var guest = new TaskCompletionSource<PlacedInvocation>();
        var running = RunAsync((_, _) => guest.Task);
        for (var renewals = 1; renewals <= 10; renewals++)
        {
            await PassAsync(Third);
            await Eventually.HoldsAsync("_store.Renewals == renewals", () => _store.Renewals == renewals);
        }

        guest.SetResult(new PlacedInvocation("eu", new InvocationResult()));
        await running;

        _store.Completed.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_lost_lease_stops_the_guest_and_nothing_is_recorded()
    {
        _store.Renew = () => false;
        var running = RunAsync(UntilStoppedAsync);

        await PassAsync(Third);
        await running;

        (_store.Completed.Count, _store.Failed.Count).ShouldBe((0, 0));
    }

    [Fact]
    public async Task A_lease_that_can_not_be_renewed_stops_the_guest_before_it_has_run_out()
    {
        _store.Renew = () => throw new IOException("The database is away.");
        var begun = _time.GetUtcNow();
        var running = RunAsync(UntilStoppedAsync);

        while (!running.IsCompleted)
        {
            (_time.GetUtcNow() - begun).ShouldBeLessThan(AttemptRunner.LeaseDuration);
            await PassAsync(Third, () => running.IsCompleted);
        }

        await running;
        (_store.Completed.Count, _store.Failed.Count).ShouldBe((0, 0));
    }

    [Fact]
    public async Task A_cancelled_attempt_records_nothing()
    {
        using var cancel = new CancellationTokenSource();
        var running = RunAsync(UntilStoppedAsync, cancel: cancel.Token);

        await cancel.CancelAsync();
        await running;

        (_store.Completed.Count, _store.Failed.Count).ShouldBe((0, 0));
    }

    private static InvocationResult Failure(string code) => new() { Fault = new InvocationFault { Code = code, Message = "No." } };

    private static Task<PlacedInvocation> Answer(InvocationResult result) => Task.FromResult(new PlacedInvocation("eu", result));

    private static async Task<PlacedInvocation> UntilStoppedAsync(InvocationOrder order, CancellationToken stop)
    {
        var stopped = new TaskCompletionSource();
        await using var registration = stop.Register(stopped.SetResult);
        await stopped.Task.WaitAsync(TimeSpan.FromSeconds(60), CancellationToken.None);
        return new PlacedInvocation("eu", Failure(ErrorCodes.Cancelled));
    }

    private async Task PassAsync(TimeSpan time, Func<bool>? over = null)
    {
        await Eventually.HoldsAsync("_time.Timers > 0 || over?.Invoke() == true", () => _time.Timers > 0 || over?.Invoke() == true);
        _time.Advance(time);
    }

    private Task RunAsync(
        Func<InvocationOrder, CancellationToken, Task<PlacedInvocation>> guest, int attempt = 1, int postponed = 0, CancellationToken cancel = default) =>
        new AttemptRunner(_store, new Placement(guest), new RetryPolicy(new Random(1)), _time, NullLogger<AttemptRunner>.Instance).RunAsync(
            new InvocationAttempt
            {
                Id = Guid.NewGuid(),
                Function = "f",
                Region = "eu",
                Payload = default,
                Owner = "me",
                Attempt = attempt,
                LeaseUntil = _time.GetUtcNow() + AttemptRunner.LeaseDuration,
                Postponed = postponed,
                TraceParent = Trace,
            },
            cancel);

    private sealed class Placement(Func<InvocationOrder, CancellationToken, Task<PlacedInvocation>> guest) : IInvocationPlacement
    {
        public Task<PlacedInvocation> InvokeAsync(InvocationOrder order, CancellationToken cancellationToken) => guest(order, cancellationToken);
    }
}
