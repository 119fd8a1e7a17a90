using System.Collections.Concurrent;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.FanOuts;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Silo.Storage;
using HeliosEdge.Silo.Storage.Invocations;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Storage.Contract;

/// <summary>What every store of invocations and results does; here with SQLite, by <see cref="PostgresContractTests"/> with PostgreSQL.</summary>
public sealed class InvocationStoreTests : IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly InvocationFault Fault = new() { Code = "trap", Message = "It trapped.", Backtrace = ["a", "b"] };

    private readonly TemporaryFolder? _folder;
    private readonly IDisposable? _owned;
    private readonly ManualClock _clock = new();
    private readonly SqlInvocationStore _store;
    private readonly SqlInvocationStore _otherSilo;
    private readonly SqlResultStore _results;
    private readonly SqlFanOutStore _fanOuts;

    public InvocationStoreTests()
    {
        _folder = new TemporaryFolder();
        var database = new SiloDatabase(Path.Combine(_folder.Path, "silo.db"));
        database.Migrate();
        (_owned, _store, _otherSilo, _results, _fanOuts) = (database, new(database, _clock), new(database, _clock), new(database, _clock), new(database, _clock));
    }

    internal InvocationStoreTests(IStateDatabase database) =>
        (_store, _otherSilo, _results, _fanOuts) = (new(database, _clock), new(database, _clock), new(database, _clock), new(database, _clock));

    [Fact]
    public async Task A_result_is_replaced_only_where_the_expected_one_holds()
    {
        byte[] claim = [1];
        await _results.AddAsync("f", "eu", "k", claim, Minute, default);

        (await _results.ReplaceAsync("f", "eu", "k", [9], [2], Minute, default)).ShouldBeFalse();
        (await _results.ReplaceAsync("f", "eu", "k", claim, [2], Minute * 2, default)).ShouldBeTrue();
        _clock.Advance(Minute);
        (await _results.FindAsync("f", "eu", "k", default)).ShouldBe([2]);
        (await _results.ReplaceAsync("f", "eu", "k", [2], null, Minute, default)).ShouldBeTrue();
        (await _results.FindAsync("f", "eu", "k", default)).ShouldBeNull();
    }

    [Fact]
    public async Task A_fan_out_is_kept_until_it_is_decided_and_has_expired()
    {
        var fanOut = new StoredFanOut
        {
            Id = Guid.CreateVersion7(),
            Function = "f",
            Mode = FanOutMode.Quorum,
            Needed = 2,
            Invocations = [Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid()],
            IdempotencyKey = "k",
            CreatedAt = _clock.GetUtcNow(),
            ExpiresAt = _clock.GetUtcNow() + Minute,
        };

        (await _fanOuts.AddAsync(fanOut, default)).ShouldBe((fanOut.Id, true));
        (await _fanOuts.AddAsync(fanOut with { Id = Guid.CreateVersion7() }, default)).ShouldBe((fanOut.Id, false));
        (await _fanOuts.ListUndecidedAsync(default)).ShouldBe([fanOut.Id]);
        await _fanOuts.DecideAsync(fanOut.Id, default);
        (await _fanOuts.ListUndecidedAsync(default)).ShouldBeEmpty();
        var found = (await _fanOuts.FindAsync(fanOut.Id, default))!;
        found.Invocations.ShouldBe(fanOut.Invocations);
        (found with { Invocations = fanOut.Invocations }).ShouldBe(fanOut with { IsDecided = true });
        _clock.Advance(Minute);
        (await _fanOuts.FindAsync(fanOut.Id, default)).ShouldBeNull();
        (await _fanOuts.PurgeAsync(default)).ShouldBe(1);
    }

    [Fact]
    public async Task When_an_attempt_began_and_the_invocation_ended_is_kept()
    {
        var id = (await _store.EnqueueAsync(New(), default)).Id;
        _clock.Advance(Minute);
        var began = _clock.GetUtcNow();
        var leased = (await LeaseAsync()).Single();
        _clock.Advance(Minute / 2);
        await _store.CompleteAsync(Lease(leased), new byte[] { 1 }, default);

        var done = (await _store.FindAsync(id, default))!;
        (done.StartedAt, done.EndedAt).ShouldBe((began, began + (Minute / 2)));
    }

    [Fact]
    public async Task What_is_queued_is_run_and_answered()
    {
        var queued = await _store.EnqueueAsync(New() with { Payload = new byte[] { 1, 2 } }, default);
        queued.IsNew.ShouldBeTrue();
        queued.Id.Version.ShouldBe(7);
        (await StateAsync(queued.Id)).ShouldBe(InvocationState.Queued);

        var leased = (await LeaseAsync()).ShouldHaveSingleItem();
        (leased.Id, leased.State, leased.Attempt, leased.LeaseOwner).ShouldBe((queued.Id, InvocationState.Running, 1, "me"));
        leased.LeaseUntil.ShouldBe(_clock.GetUtcNow() + Minute);
        leased.Payload.ToArray().ShouldBe([1, 2]);
        (await LeaseAsync()).ShouldBeEmpty();
        (await _store.CompleteAsync(Lease(leased), new byte[] { 3 }, default)).ShouldBeTrue();

        var done = (await _store.FindAsync(queued.Id, default))!;
        (done.State, done.LeaseOwner, done.LeaseUntil, done.Fault).ShouldBe((InvocationState.Succeeded, null, null, null));
        done.Response!.Value.ToArray().ShouldBe([3]);
        (await _store.CompleteAsync(Lease(leased), new byte[] { 4 }, default)).ShouldBeFalse();
    }

    [Fact]
    public async Task Only_work_of_the_regions_asked_for_that_is_due_is_handed_out()
    {
        var late = await _store.EnqueueAsync(New() with { NotBefore = _clock.GetUtcNow() + Minute }, default);
        await _store.EnqueueAsync(New() with { Region = "us" }, default);

        (await LeaseAsync()).ShouldBeEmpty();
        _clock.Advance(Minute);
        (await LeaseAsync()).ShouldHaveSingleItem().Id.ShouldBe(late.Id);
        (await _store.TryLeaseAsync(["eu", "us"], 10, "me", Minute, default)).ShouldHaveSingleItem().Region.ShouldBe("us");
    }

    [Fact]
    public async Task A_lease_that_ran_out_goes_to_the_next_and_the_first_owner_can_do_nothing_with_it()
    {
        var id = (await _store.EnqueueAsync(New(), default)).Id;
        var first = (await LeaseAsync()).Single();
        _clock.Advance(Minute / 2);
        (await _store.RenewAsync(Lease(first), Minute, default)).ShouldBeTrue();
        _clock.Advance(Minute / 2);
        (await _otherSilo.TryLeaseAsync(["eu"], 10, "other", Minute, default)).ShouldBeEmpty();
        _clock.Advance(Minute / 2);

        var second = (await _otherSilo.TryLeaseAsync(["eu"], 10, "other", Minute, default)).ShouldHaveSingleItem();
        (second.Id, second.Attempt).ShouldBe((id, 2));
        (await _store.RenewAsync(Lease(first), Minute, default)).ShouldBeFalse();
        (await _store.CompleteAsync(Lease(first), new byte[] { 1 }, default)).ShouldBeFalse();
        (await _store.FailAsync(Lease(first), Fault, null, default)).ShouldBeNull();
        (await _otherSilo.CompleteAsync(Lease(second), new byte[] { 2 }, default)).ShouldBeTrue();
        (await _store.FindAsync(id, default))!.Response!.Value.ToArray().ShouldBe([2]);
    }

    [Fact]
    public async Task Attempts_are_repeated_until_none_is_left_and_can_be_given_again()
    {
        var id = (await _store.EnqueueAsync(New() with { MaxAttempts = 2 }, default)).Id;
        var first = (await LeaseAsync()).Single();
        (await _store.FailAsync(Lease(first), Fault, _clock.GetUtcNow() + Minute, default)).ShouldBe(InvocationState.Queued);
        (await LeaseAsync()).ShouldBeEmpty();
        _clock.Advance(Minute);
        var second = (await LeaseAsync()).Single();
        second.Fault!.Backtrace.ShouldBe(["a", "b"]);
        (await _store.FailAsync(Lease(second), Fault, _clock.GetUtcNow(), default)).ShouldBe(InvocationState.Dead);
        (await LeaseAsync()).ShouldBeEmpty();

        (await _store.RequeueAsync(id, default)).ShouldBeTrue();
        (await _store.RequeueAsync(id, default)).ShouldBeFalse();
        var third = (await LeaseAsync()).Single();
        third.Attempt.ShouldBe(1);
        (await _store.FailAsync(Lease(third), Fault, null, default)).ShouldBe(InvocationState.Failed);
        (await _store.RequeueAsync(id, default)).ShouldBeFalse();
    }

    [Fact]
    public async Task Work_that_kills_whoever_takes_it_ends_up_dead()
    {
        var id = (await _store.EnqueueAsync(New() with { MaxAttempts = 2 }, default)).Id;
        for (var attempt = 1; attempt <= 2; attempt++)
        {
            (await LeaseAsync()).ShouldHaveSingleItem().Attempt.ShouldBe(attempt);
            _clock.Advance(Minute);
        }

        (await LeaseAsync()).ShouldBeEmpty();
        var dead = (await _store.FindAsync(id, default))!;
        (dead.State, dead.Fault!.Code).ShouldBe((InvocationState.Dead, "abandoned"));
    }

    [Fact]
    public async Task What_is_cancelled_loses_its_lease_and_what_has_ended_stays_as_it_is()
    {
        var queued = (await _store.EnqueueAsync(New() with { NotBefore = _clock.GetUtcNow() + Minute }, default)).Id;
        await _store.EnqueueAsync(New(), default);
        var running = (await LeaseAsync()).Single();

        (await _store.CancelAsync(queued, default)).ShouldBe(InvocationState.Cancelled);
        (await _store.CancelAsync(running.Id, default)).ShouldBe(InvocationState.Cancelled);
        (await _store.CompleteAsync(Lease(running), default, default)).ShouldBeFalse();
        (await StateAsync(running.Id)).ShouldBe(InvocationState.Cancelled);
        (await _store.CancelAsync(Guid.NewGuid(), default)).ShouldBeNull();

        var done = (await _store.EnqueueAsync(New(), default)).Id;
        await _store.CompleteAsync(Lease((await LeaseAsync()).Single()), default, default);
        (await _store.CancelAsync(done, default)).ShouldBe(InvocationState.Succeeded);
    }

    [Fact]
    public async Task A_key_is_one_invocation_until_it_expires()
    {
        var keyed = New() with { IdempotencyKey = "k" };
        var ids = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => _store.EnqueueAsync(keyed, default))));
        ids.Select(result => result.Id).Distinct().ShouldHaveSingleItem();
        ids.Count(result => result.IsNew).ShouldBe(1);
        (await _store.EnqueueAsync(keyed with { Function = "g" }, default)).IsNew.ShouldBeTrue();

        _clock.Advance(TimeSpan.FromHours(2));
        var later = await _store.EnqueueAsync(keyed with { ExpiresAt = _clock.GetUtcNow() + Minute }, default);
        later.IsNew.ShouldBeTrue();
        later.Id.ShouldNotBe(ids[0].Id);
    }

    [Fact]
    public async Task Silos_that_queue_the_same_keys_in_another_order_agree_on_them()
    {
        const int Keys = 60;
        var batches = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(i => Task.Run(() => QueueAsync(i % 2 == 0 ? _store : _otherSilo, i % 2 == 0, i / 2))));

        foreach (var round in Enumerable.Range(0, 10))
        {
            var results = batches[2 * round].Concat(batches[(2 * round) + 1]).GroupBy(result => result.Key).ToList();
            results.Count.ShouldBe(Keys);
            results.ShouldAllBe(same => same.Select(result => result.Queued.Id).Distinct().Count() == 1);
            results.ShouldAllBe(same => same.Count(result => result.Queued.IsNew) == 1);
        }

        async Task<(int Key, EnqueuedInvocation Queued)[]> QueueAsync(SqlInvocationStore store, bool forward, int round)
        {
            var keys = Enumerable.Range(0, Keys).Select(key => forward ? key : Keys - 1 - key);
            return await Task.WhenAll(keys.Select(async key =>
                (key, await store.EnqueueAsync(New() with { IdempotencyKey = $"{round}/{key}" }, default))));
        }
    }

    [Fact]
    public async Task Keys_that_expire_while_they_are_queued_again_are_free()
    {
        var expired = New() with { IdempotencyKey = "k", ExpiresAt = _clock.GetUtcNow() };
        var queued = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Task.Run(async () =>
        {
            var result = await (i % 2 == 0 ? _store : _otherSilo).EnqueueAsync(expired, default);
            await _otherSilo.PurgeAsync(default);
            return result;
        })));

        queued.ShouldAllBe(result => result.Id != Guid.Empty);
        (await _store.EnqueueAsync(expired with { ExpiresAt = _clock.GetUtcNow() + Minute }, default)).IsNew.ShouldBeTrue();
    }

    [Fact]
    public async Task Many_who_queue_and_take_at_once_never_get_the_same_work()
    {
        const int Count = 300;
        var queued = await Task.WhenAll(Enumerable.Range(0, Count).Select(_ => Task.Run(() => _store.EnqueueAsync(New(), default))));
        var taken = new ConcurrentBag<Guid>();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            var store = worker % 2 == 0 ? _store : _otherSilo;
            while (await store.TryLeaseAsync(["eu"], 7, $"w{worker}", Minute, default) is { Count: > 0 } leased)
            {
                foreach (var invocation in leased)
                {
                    taken.Add(invocation.Id);
                    (await store.CompleteAsync(Lease(invocation), default, default)).ShouldBeTrue();
                }
            }
        })));

        taken.Count.ShouldBe(Count);
        taken.Order().ShouldBe(queued.Select(result => result.Id).Order());
    }

    [Fact]
    public async Task States_are_listed_in_pages_and_what_has_expired_is_forgotten()
    {
        var ids = new List<Guid>();
        for (var i = 0; i < 5; i++)
        {
            ids.Add((await _store.EnqueueAsync(New(), default)).Id);
            _clock.Advance(TimeSpan.FromMilliseconds(2));
        }

        await _store.EnqueueAsync(New() with { Function = "g" }, default);
        var first = await _store.ListAsync(InvocationState.Queued, "f", null, 3, default);
        var second = await _store.ListAsync(InvocationState.Queued, "f", first[^1].Id, 3, default);
        first.Concat(second).Select(invocation => invocation.Id).ShouldBe(ids);
        (await _store.ListAsync(InvocationState.Queued, null, null, 100, default)).Count.ShouldBe(6);
        (await _store.ListAsync(InvocationState.Dead, null, null, 100, default)).ShouldBeEmpty();

        (await _store.PurgeAsync(default)).ShouldBe(0);
        _clock.Advance(TimeSpan.FromHours(2));
        (await _store.FindAsync(ids[0], default)).ShouldBeNull();
        (await LeaseAsync()).ShouldBeEmpty();
        (await _store.PurgeAsync(default)).ShouldBe(6);
    }

    [Fact]
    public async Task The_first_result_of_a_key_holds_until_it_expires()
    {
        (await _results.FindAsync("f", "eu", "k", default)).ShouldBeNull();
        (await _results.AddAsync("f", "eu", "k", [1], Minute, default)).ShouldBe([1]);
        (await _results.AddAsync("f", "eu", "k", [2], Minute, default)).ShouldBe([1]);
        (await _results.FindAsync("f", "eu", "k", default)).ShouldBe([1]);
        (await _results.FindAsync("f", "us", "k", default)).ShouldBeNull();

        _clock.Advance(Minute);
        (await _results.FindAsync("f", "eu", "k", default)).ShouldBeNull();
        (await _results.AddAsync("f", "eu", "k", [3], Minute, default)).ShouldBe([3]);
    }

    public void Dispose()
    {
        _store.Dispose();
        _otherSilo.Dispose();
        _owned?.Dispose();
        _folder?.Dispose();
    }

    private static InvocationLease Lease(StoredInvocation invocation) => new(invocation.Id, invocation.LeaseOwner!, invocation.Attempt);

    private NewInvocation New() => new()
    {
        Function = "f",
        Region = "eu",
        Payload = default,
        ExpiresAt = _clock.GetUtcNow() + TimeSpan.FromHours(1),
    };

    private Task<IReadOnlyList<StoredInvocation>> LeaseAsync() => _store.TryLeaseAsync(["eu"], 10, "me", Minute, default);

    private async Task<InvocationState?> StateAsync(Guid id) => (await _store.FindAsync(id, default))?.State;
}
