using System.Collections.Concurrent;
using HeliosEdge.Grains.Abstractions.FanOuts;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Abstractions.Invocations;
using HeliosEdge.Grains.FanOuts;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Storage;
using HeliosEdge.Storage.Invocations;
using HeliosEdge.Storage.Sqlite;

namespace HeliosEdge.Silo.Tests.Storage.Contract;

/// <summary>What every store of invocations and results does; here with SQLite, by <see cref="PostgresContractTests"/> with PostgreSQL.</summary>
public sealed class InvocationStoreTests : IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly byte[] Unheld = [255];
    private static readonly InvocationFault Fault = new() { Code = "trap", Message = "It trapped.", Backtrace = ["a", "b"] };

    private readonly TemporaryFolder? _folder;
    private readonly IDisposable? _owned;
    private static readonly InvocationLifetime Lifetime = new(TimeSpan.FromHours(1));

    private readonly ManualClock _clock = new();
    private readonly IInvocationStore _store;
    private readonly IInvocationStore _otherSilo;
    private readonly SqlResultStore _results;
    private readonly IFanOutStore _fanOuts;

    public InvocationStoreTests()
    {
        _folder = new TemporaryFolder();
        var database = new SiloDatabase(Path.Combine(_folder.Path, "silo.db"));
        database.Migrate();
        _owned = database;
        (_store, _otherSilo, _results, _fanOuts) = Stores(database);
    }

    internal InvocationStoreTests(IStateDatabase database) => (_store, _otherSilo, _results, _fanOuts) = Stores(database);

    [Fact]
    public async Task A_result_is_replaced_only_where_the_expected_one_holds()
    {
        byte[] claim = [1];
        await _results.AddAsync("f", "k", claim, Minute, default);

        (await _results.ReplaceAsync("f", "k", [9], [2], Minute, default)).ShouldBeFalse();
        (await _results.ReplaceAsync("f", "k", claim, [2], Minute * 2, default)).ShouldBeTrue();
        _clock.Advance(Minute);
        (await ResultAsync("f")).ShouldBe([2]);
        (await _results.ReplaceAsync("f", "k", [2], null, Minute, default)).ShouldBeTrue();
        (await ResultAsync("f")).ShouldBe(Unheld);
    }

    [Fact]
    public async Task A_fan_out_and_its_invocations_are_on_disk_together_or_not_at_all()
    {
        var fanOut = FanOut(New() with { TraceParent = "00-1-2-01" }, New() with { Region = "us" }, out var invocations);

        (await _fanOuts.AddAsync(fanOut, invocations)).ShouldBe(new EnqueuedFanOut(fanOut.Id, true));
        var again = FanOut(New(), New(), out var others);
        (await _fanOuts.AddAsync(again, others)).ShouldBe(new EnqueuedFanOut(fanOut.Id, false));

        var leased = await _store.TryLeaseAsync(Idle("eu", "us"), 10, "me", Minute);
        leased.Select(invocation => invocation.Id).ShouldBe(fanOut.Invocations, ignoreOrder: true);
        leased.Single(invocation => invocation.Region == "eu").TraceParent.ShouldBe("00-1-2-01");
        (await _store.FindAsync(again.Invocations[0])).ShouldBeNull();
    }

    [Fact]
    public async Task A_fan_out_and_what_its_regions_answered_are_kept_until_it_is_decided_and_for_the_lifetime_from_then()
    {
        var fanOut = FanOut(New(), New() with { Region = "us" }, out var invocations);
        await _fanOuts.AddAsync(fanOut, invocations);
        await _store.CompleteAsync(Lease((await LeaseAsync()).Single()), new byte[] { 7 });

        _clock.Advance(TimeSpan.FromDays(90));
        (await _fanOuts.ListUndecidedAsync()).ShouldBe([fanOut.Id]);
        (await PurgeAllAsync()).ShouldBe(0);
        (await _store.FindAsync(fanOut.Invocations[0]))!.Response!.Value.ToArray().ShouldBe([7]);
        (await _store.ListAsync(InvocationState.Succeeded, null, null, null, 10)).ShouldHaveSingleItem();

        await _store.CompleteAsync(Lease((await _store.TryLeaseAsync(Idle("us"), 10, "me", Minute)).Single()), new byte[] { 8 });
        await _fanOuts.DecideAsync(fanOut.Id);
        (await _fanOuts.ListUndecidedAsync()).ShouldBeEmpty();
        var found = (await _fanOuts.FindAsync(fanOut.Id))!;
        found.Invocations.ShouldBe(fanOut.Invocations);
        found.Unsure.ShouldBe(fanOut.Unsure);
        (found with { Invocations = fanOut.Invocations, Unsure = fanOut.Unsure }).ShouldBe(fanOut with { IsDecided = true, ExpiresAt = _clock.GetUtcNow() + Lifetime.OfResults });

        _clock.Advance(Lifetime.OfResults - Minute);
        (await PurgeAllAsync()).ShouldBe(0);
        (await _store.FindAsync(fanOut.Invocations[0]))!.Response!.Value.ToArray().ShouldBe([7]);
        _clock.Advance(Minute);
        (await _fanOuts.FindAsync(fanOut.Id)).ShouldBeNull();
        (await _store.FindAsync(fanOut.Invocations[0])).ShouldBeNull();
        (await PurgeAllAsync()).ShouldBe(3);
    }

    [Fact]
    public async Task What_waits_or_runs_is_never_forgotten_and_results_are_kept_from_when_they_are_there()
    {
        var waits = (await _store.EnqueueAsync(New())).Id;
        var runs = (await _store.EnqueueAsync(New() with { Region = "us" })).Id;
        _clock.Advance(TimeSpan.FromDays(400));
        await _store.TryLeaseAsync(Idle("us"), 10, "me", Minute);
        (await _store.PurgeAsync()).ShouldBe(0);
        (await _store.FindAsync(runs))!.ExpiresAt.ShouldBeNull();
        _clock.Advance(TimeSpan.FromDays(400));
        (await _store.PurgeAsync()).ShouldBe(0);

        var leased = (await LeaseAsync()).ShouldHaveSingleItem();
        leased.Id.ShouldBe(waits);
        await _store.CompleteAsync(Lease(leased), new byte[] { 1 });
        (await _store.FindAsync(waits))!.ExpiresAt.ShouldBe(_clock.GetUtcNow() + Lifetime.OfResults);
        _clock.Advance(Lifetime.OfResults - Minute);
        (await _store.PurgeAsync()).ShouldBe(0);
        (await StateAsync(waits)).ShouldBe(InvocationState.Succeeded);
        _clock.Advance(Minute);
        (await StateAsync(waits)).ShouldBeNull();
        (await _store.ListAsync(InvocationState.Succeeded, null, null, null, 10)).ShouldBeEmpty();
        (await _store.PurgeAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task The_failed_and_the_cancelled_are_kept_like_results_and_the_dead_for_longer()
    {
        var failed = await EndAsync(lease => _store.FailAsync(lease, Fault, null));
        var cancelled = await EndAsync(lease => _store.CancelAsync(lease.Id));
        var dead = await EndAsync(lease => _store.FailAsync(lease, Fault, _clock.GetUtcNow()));
        var abandoned = await EndAsync(_ => Task.CompletedTask);
        _clock.Advance(Minute);
        (await LeaseAsync()).ShouldBeEmpty();

        _clock.Advance(Lifetime.OfResults);
        (await StateAsync(failed), await StateAsync(cancelled)).ShouldBe((null, null));
        (await _store.PurgeAsync()).ShouldBe(2);
        _clock.Advance(InvocationLifetime.LeastOfDead - Lifetime.OfResults - Minute - Minute);
        (await StateAsync(dead), await StateAsync(abandoned)).ShouldBe((InvocationState.Dead, InvocationState.Dead));

        // Queued again, it waits for as long as it takes.
        (await _store.RequeueAsync(dead)).ShouldBeTrue();
        _clock.Advance(TimeSpan.FromDays(30));
        (await StateAsync(dead)).ShouldBe(InvocationState.Queued);
        (await StateAsync(abandoned)).ShouldBeNull();
        (await _store.PurgeAsync()).ShouldBe(1);

        async Task<Guid> EndAsync(Func<InvocationLease, Task> end)
        {
            var id = (await _store.EnqueueAsync(New() with { MaxAttempts = 1 })).Id;
            await end(Lease((await LeaseAsync()).Single()));
            return id;
        }
    }

    [Fact]
    public async Task What_can_not_begin_is_put_off_and_uses_up_no_attempt()
    {
        var id = (await _store.EnqueueAsync(New() with { MaxAttempts = 1 })).Id;
        for (var times = 1; times <= 20; times++)
        {
            var leased = (await LeaseAsync()).ShouldHaveSingleItem();
            (leased.Attempt, leased.Postponed).ShouldBe((1, times - 1));
            (await _store.PostponeAsync(Lease(leased), Fault, _clock.GetUtcNow() + Minute)).ShouldBeTrue();
            (await _store.PostponeAsync(Lease(leased), Fault, _clock.GetUtcNow())).ShouldBeFalse();
            (await LeaseAsync()).ShouldBeEmpty();
            _clock.Advance(Minute);
        }

        var waiting = (await _store.FindAsync(id))!;
        (waiting.State, waiting.Attempt, waiting.Fault!.Code).ShouldBe((InvocationState.Queued, 0, "trap"));
        var last = (await LeaseAsync()).Single();
        await _store.CompleteAsync(Lease(last), new byte[] { 1 });
        (await _store.FindAsync(id))!.Attempt.ShouldBe(1);
    }

    [Fact]
    public async Task Many_who_end_at_once_share_transactions_and_each_learns_what_became_of_its_own()
    {
        for (var i = 0; i < 60; i++)
        {
            await _store.EnqueueAsync(New() with { MaxAttempts = 1 });
        }

        var leased = await _store.TryLeaseAsync(Idle("eu"), 60, "me", Minute);
        await _store.CancelAsync(leased[0].Id);
        var ended = await Task.WhenAll(leased.Select((invocation, i) => Task.Run<object?>(async () => (i % 3) switch
        {
            0 => await _store.CompleteAsync(Lease(invocation), BitConverter.GetBytes(i)),
            1 => await _store.FailAsync(Lease(invocation), Fault, _clock.GetUtcNow()),
            _ => await _store.RenewAsync(Lease(invocation), Minute * 5),
        })));

        _clock.Advance(Minute * 2);
        for (var i = 0; i < leased.Count; i++)
        {
            var now = (await _store.FindAsync(leased[i].Id))!;
            (ended[i], now.State).ShouldBe(i == 0 ? (false, InvocationState.Cancelled) : (i % 3) switch
            {
                0 => (true, InvocationState.Succeeded),
                1 => (InvocationState.Dead, InvocationState.Dead),
                _ => ((object?)true, InvocationState.Running),
            });
            if (i > 0 && i % 3 == 0)
            {
                now.Response!.Value.ToArray().ShouldBe(BitConverter.GetBytes(i));
            }
        }

        (await LeaseAsync()).ShouldBeEmpty();
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
        (await _store.TryLeaseAsync(Idle("eu", "us"), 10, "me", Minute, default)).ShouldHaveSingleItem().Region.ShouldBe("us");
    }

    [Fact]
    public async Task A_lease_that_ran_out_goes_to_the_next_and_the_first_owner_can_do_nothing_with_it()
    {
        var id = (await _store.EnqueueAsync(New(), default)).Id;
        var first = (await LeaseAsync()).Single();
        _clock.Advance(Minute / 2);
        (await _store.RenewAsync(Lease(first), Minute, default)).ShouldBeTrue();
        _clock.Advance(Minute / 2);
        (await _otherSilo.TryLeaseAsync(Idle("eu"), 10, "other", Minute, default)).ShouldBeEmpty();
        _clock.Advance(Minute / 2);

        var second = (await _otherSilo.TryLeaseAsync(Idle("eu"), 10, "other", Minute, default)).ShouldHaveSingleItem();
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
    public async Task Regions_with_work_share_what_is_taken_and_one_alone_gets_all()
    {
        foreach (var region in Enumerable.Repeat("eu", 12).Concat(Enumerable.Repeat("us", 5)))
        {
            await _store.EnqueueAsync(New() with { Region = region });
            _clock.Advance(TimeSpan.FromMilliseconds(2));
        }

        (await TakenAsync(4, ("eu", 0), ("us", 0), ("ap", 0))).ShouldBe((2, 2));
        (await TakenAsync(3, ("eu", 2), ("us", 0))).ShouldBe((1, 2));
        (await TakenAsync(4, ("eu", 0), ("us", 9), ("ap", 0))).ShouldBe((4, 0));
        (await TakenAsync(4, ("eu", 9), ("us", 0))).ShouldBe((3, 1));
        (await TakenAsync(4, ("us", 0), ("eu", 9))).ShouldBe((2, 0));

        async Task<(int Eu, int Us)> TakenAsync(int count, params (string Region, int Running)[] regions)
        {
            var leased = await _store.TryLeaseAsync(regions.ToDictionary(region => region.Region, region => region.Running), count, "me", Minute);
            return (leased.Count(taken => taken.Region == "eu"), leased.Count(taken => taken.Region == "us"));
        }
    }

    [Fact]
    public async Task Of_each_region_the_earliest_is_taken()
    {
        var ids = new List<Guid>();
        foreach (var region in new[] { "eu", "eu", "eu", "us", "us" })
        {
            ids.Add((await _store.EnqueueAsync(New() with { Region = region })).Id);
            _clock.Advance(TimeSpan.FromMilliseconds(2));
        }

        (await _store.TryLeaseAsync(Idle("us", "eu"), 3, "me", Minute)).Select(taken => taken.Id).ShouldBe([ids[0], ids[3], ids[4]]);
        (await _store.TryLeaseAsync(Idle("us", "eu"), 3, "me", Minute)).Select(taken => taken.Id).ShouldBe([ids[1], ids[2]]);
    }

    [Fact]
    public async Task A_key_is_one_invocation_until_it_expires()
    {
        var keyed = New() with { IdempotencyKey = "k" };
        var ids = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => _store.EnqueueAsync(keyed, default))));
        ids.Select(result => result.Id).Distinct().ShouldHaveSingleItem();
        ids.Count(result => result.IsNew).ShouldBe(1);
        (await _store.EnqueueAsync(keyed with { Function = "g" }, default)).IsNew.ShouldBeTrue();

        _clock.Advance(TimeSpan.FromDays(2));
        (await _store.EnqueueAsync(keyed)).IsNew.ShouldBeFalse();
        await _store.CancelAsync(ids[0].Id);
        _clock.Advance(Lifetime.OfResults);
        var later = await _store.EnqueueAsync(keyed);
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

        async Task<(int Key, EnqueuedInvocation Queued)[]> QueueAsync(IInvocationStore store, bool forward, int round)
        {
            var keys = Enumerable.Range(0, Keys).Select(key => forward ? key : Keys - 1 - key);
            return await Task.WhenAll(keys.Select(async key =>
                (key, await store.EnqueueAsync(New() with { IdempotencyKey = $"{round}/{key}" }, default))));
        }
    }

    [Fact]
    public async Task Keys_that_expire_while_they_are_queued_again_are_free()
    {
        var keyed = New() with { IdempotencyKey = "k" };
        var queued = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Task.Run(async () =>
        {
            var result = await (i % 2 == 0 ? _store : _otherSilo).EnqueueAsync(keyed, default);
            await _store.CancelAsync(result.Id);
            _clock.Advance(Lifetime.OfResults);
            await _otherSilo.PurgeAsync(default);
            return result;
        })));

        queued.ShouldAllBe(result => result.Id != Guid.Empty);
        (await _store.EnqueueAsync(keyed, default)).IsNew.ShouldBeTrue();
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
            while (await store.TryLeaseAsync(Idle("eu"), 7, $"w{worker}", Minute, default) is { Count: > 0 } leased)
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
    public async Task States_are_listed_in_pages()
    {
        var ids = new List<Guid>();
        for (var i = 0; i < 5; i++)
        {
            ids.Add((await _store.EnqueueAsync(New(), default)).Id);
            _clock.Advance(TimeSpan.FromMilliseconds(2));
        }

        await _store.EnqueueAsync(New() with { Function = "g" }, default);
        var first = await _store.ListAsync(InvocationState.Queued, "f", null, null, 3, default);
        var second = await _store.ListAsync(InvocationState.Queued, "f", null, first[^1].Id, 3, default);
        first.Concat(second).Select(invocation => invocation.Id).ShouldBe(ids);
        (await _store.ListAsync(InvocationState.Queued, null, null, null, 100, default)).Count.ShouldBe(6);
        (await _store.ListAsync(InvocationState.Dead, null, null, null, 100, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_first_result_of_a_key_holds_until_it_expires()
    {
        (await _results.AddAsync("f", "k", [1], Minute, default)).Result.ShouldBe([1]);
        (await _results.AddAsync("f", "k", [2], Minute, default)).Result.ShouldBe([1]);
        (await _results.AddAsync("g", "k", [2], Minute, default)).Result.ShouldBe([2]);
        (await _results.AddAsync("f", "l", [3], Minute, default)).Result.ShouldBe([3]);

        _clock.Advance(Minute);
        (await _results.AddAsync("f", "k", [4], Minute, default)).Result.ShouldBe([4]);
    }

    [Fact]
    public async Task A_key_is_of_one_call_whatever_its_kind_and_region()
    {
        var keyed = New() with { IdempotencyKey = "k" };
        var queued = await _store.EnqueueAsync(keyed);
        (await _otherSilo.EnqueueAsync(keyed with { Region = "us" })).ShouldBe(new EnqueuedInvocation(queued.Id, false));
        (await _results.AddAsync("f", "k", [1], Minute, default)).ShouldBe(new KeyHolder { Invocation = queued.Id });
        var fanOut = FanOut(New(), New(), out var invocations);
        (await _fanOuts.AddAsync(fanOut, invocations)).HeldBy.ShouldBe(new KeyHolder { Invocation = queued.Id });
        (await _store.FindAsync(fanOut.Invocations[0])).ShouldBeNull();

        await _store.CancelAsync(queued.Id);
        _clock.Advance(Lifetime.OfResults);
        (await _fanOuts.AddAsync(fanOut, invocations)).ShouldBe(new EnqueuedFanOut(fanOut.Id, true));
        (await _store.EnqueueAsync(keyed)).ShouldBe(new EnqueuedInvocation(Guid.Empty, false, new KeyHolder { FanOut = fanOut.Id }));
        (await _results.AddAsync("f", "k", [1], Minute, default)).ShouldBe(new KeyHolder { FanOut = fanOut.Id });

        await _fanOuts.DecideAsync(fanOut.Id);
        _clock.Advance(Lifetime.OfResults);
        (await _results.AddAsync("f", "k", [1], Minute, default)).Result.ShouldBe([1]);
        (await _store.EnqueueAsync(keyed)).HeldBy!.Result.ShouldBe([1]);
        (await _fanOuts.AddAsync(FanOut(New(), New(), out invocations), invocations)).HeldBy!.Result.ShouldBe([1]);
    }

    [Fact]
    public async Task Of_all_kinds_of_calls_with_a_key_at_the_same_time_one_gets_it()
    {
        for (var round = 0; round < 10; round++)
        {
            var key = $"{round}";
            var keyed = New() with { IdempotencyKey = key };
            var taken = await Task.WhenAll(Enumerable.Range(0, 18).Select(i => Task.Run(async () =>
            {
                switch (i % 3)
                {
                    case 0:
                        return (await (i % 2 == 0 ? _store : _otherSilo).EnqueueAsync(keyed)).IsNew;
                    case 1:
                        var fanOut = FanOut(New(), New(), out var invocations) with { IdempotencyKey = key };
                        return (await _fanOuts.AddAsync(fanOut, invocations)).IsNew;
                    default:
                        return (await _results.AddAsync("f", key, [(byte)i], Minute, default)).Result is [var own] && own == i;
                }
            })));

            taken.Count(isMine => isMine).ShouldBe(1);
        }
    }

    [Fact]
    public async Task What_was_answered_at_once_can_be_recorded_as_an_invocation_that_has_ended_so()
    {
        var keyed = New() with { IdempotencyKey = "k", Owner = "me", Payload = new byte[] { 9 } };
        await _results.AddAsync("f", "k", [1], Minute, default);

        var recorded = await _store.RecordAsync(keyed, new byte[] { 7 }, null);
        (await _otherSilo.RecordAsync(keyed, new byte[] { 8 }, null)).Id.ShouldBe(recorded.Id);
        (await _store.EnqueueAsync(keyed)).ShouldBe(new EnqueuedInvocation(recorded.Id, false));
        (await _results.AddAsync("f", "k", [2], Minute, default)).Result.ShouldBe([1]);
        var found = (await _store.FindAsync(recorded.Id))!;
        (found.State, found.Attempt, found.Owner, found.Response!.Value.ToArray()[0]).ShouldBe((InvocationState.Succeeded, 1, "me", (byte)7));
        (await LeaseAsync()).ShouldBeEmpty();

        var failed = await _store.RecordAsync(keyed with { IdempotencyKey = "l" }, null, Fault);
        found = (await _store.FindAsync(failed.Id))!;
        (found.State, found.Fault!.Code, found.Response).ShouldBe((InvocationState.Failed, Fault.Code, null));
        _clock.Advance(Lifetime.OfResults);
        (await _store.PurgeAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task An_owner_finds_its_own_in_the_list()
    {
        foreach (var owner in (string?[])["me", null, "you", "me"])
        {
            await _store.EnqueueAsync(New() with { Owner = owner });
        }

        (await OfAsync(null)).ShouldBe(["me", "me", "you", null], ignoreOrder: true);
        (await OfAsync("me")).ShouldBe(["me", "me"]);
        (await OfAsync("they")).ShouldBeEmpty();

        async Task<IEnumerable<string?>> OfAsync(string? owner) =>
            (await _store.ListAsync(InvocationState.Queued, null, owner, null, 10)).Select(invocation => invocation.Owner);
    }

    public void Dispose()
    {
        _owned?.Dispose();
        _folder?.Dispose();
    }

    private static InvocationLease Lease(StoredInvocation invocation) => new(invocation.Id, invocation.LeaseOwner!, invocation.Attempt);

    private static Dictionary<string, int> Idle(params string[] regions) => regions.ToDictionary(region => region, _ => 0);

    private static NewInvocation New() => new()
    {
        Function = "f",
        Region = "eu",
        Payload = default,
    };

    private (IInvocationStore One, IInvocationStore Other, SqlResultStore Results, IFanOutStore FanOuts) Stores(IStateDatabase database) => (
        new SqlInvocationStore(database, Lifetime, _clock),
        new SqlInvocationStore(database, Lifetime, _clock),
        new SqlResultStore(database, _clock),
        new SqlFanOutStore(database, Lifetime, _clock));

    private async Task<int> PurgeAllAsync() => await _store.PurgeAsync() + await _fanOuts.PurgeAsync();

    private StoredFanOut FanOut(NewInvocation first, NewInvocation second, out NewInvocation[] invocations)
    {
        invocations = [first, second];
        Guid[] ids = [Guid.CreateVersion7(), Guid.CreateVersion7()];
        return new StoredFanOut
        {
            Id = Guid.CreateVersion7(),
            Function = "f",
            Mode = FanOutMode.Quorum,
            Needed = 2,
            Invocations = [.. ids],
            Unsure = [ids[1]],
            IdempotencyKey = "k",
            CreatedAt = _clock.GetUtcNow(),
        };
    }

    private Task<IReadOnlyList<StoredInvocation>> LeaseAsync() => _store.TryLeaseAsync(Idle("eu"), 10, "me", Minute, default);

    /// <summary>What is stored under the key "k"; where there is nothing, something is from now on.</summary>
    private async Task<byte[]?> ResultAsync(string function) => (await _results.AddAsync(function, "k", Unheld, Minute, default)).Result;

    private async Task<InvocationState?> StateAsync(Guid id) => (await _store.FindAsync(id, default))?.State;
}
