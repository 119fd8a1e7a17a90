using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Engines.Compilation;

namespace HeliosEdge.Sandbox.Tests.Engines.Compilation;

[Trait("Category", "Slow")]
public sealed class CompilePoolTests
{
    private static readonly CompileLimits Limits = new()
    {
        Parallel = 2,
        Slice = TimeSpan.FromMilliseconds(100),
        MaxSeconds = 10_000,
        MaxSecondsPerCaller = 10_000,
    };

    private readonly ScriptedEngine _engine = new();

    [Fact]
    public async Task What_is_brief_does_not_wait_for_what_is_not()
    {
        using var pool = new CompilePool(new EngineSet(_engine), Limits);
        using var end = new CancellationTokenSource();
        var begun = new SemaphoreSlim(0);
        var first = pool.CompileAsync(_engine.Endless(1, end.Token, () => begun.Release()), new ModuleBuild(_engine), "one");
        await begun.WaitAsync();
        var second = pool.CompileAsync(_engine.Endless(2, end.Token, () => begun.Release()), new ModuleBuild(_engine), "one");
        await begun.WaitAsync();

        // Both places are taken. The second one makes way, and is begun again once the first has ended.
        (await pool.CompileAsync(_engine.Module(3, _ => { }), new ModuleBuild(_engine), "other")).ShouldNotBeNull();
        (await pool.CompileAsync(_engine.Module(4, _ => { }), new ModuleBuild(_engine), "other")).ShouldNotBeNull();

        (first.IsCompleted, second.IsCompleted).ShouldBe((false, false));
        await end.CancelAsync();
        await Task.WhenAll(first, second);
        _engine.Begun.ToArray().ShouldBe([1, 2, 3, 4, 2]);
        (pool.Running, pool.Waiting).ShouldBe((0, 0));
    }

    [Fact]
    public async Task What_nobody_waits_for_goes_on_where_it_is()
    {
        using var pool = new CompilePool(new EngineSet(_engine), Limits);
        var passes = 0;
        await pool.CompileAsync(
            _engine.Module(1, turn =>
            {
                for (; passes < 1_000; passes++)
                {
                    turn.Pass();
                }
            }),
            new ModuleBuild(_engine),
            "one");

        _engine.Begun.ToArray().ShouldBe([1]);
        passes.ShouldBe(1_000);
    }

    [Fact]
    public async Task What_takes_more_time_than_it_may_is_refused_with_limit_and_value()
    {
        using var pool = new CompilePool(new EngineSet(_engine), Limits with { MaxSeconds = 7 });

        var refused = await Should.ThrowAsync<SandboxException>(
            () => pool.CompileAsync(_engine.Module(1, turn => turn.Pass(TimeSpan.FromSeconds(8.5))), new ModuleBuild(_engine), "one"));

        (refused.Code, refused.Limit, refused.Value).ShouldBe((ErrorCodes.CompileLimitExceeded, 7, 9));
        refused.Message.ShouldContain("the limit is 7 s");
    }

    [Fact]
    public async Task A_compilation_that_uses_the_processor_comes_to_its_end()
    {
        using var pool = new CompilePool(new EngineSet(_engine), Limits with { MaxSeconds = 1 });

        var refused = await Should.ThrowAsync<SandboxException>(() => pool.CompileAsync(_engine.Endless(1, CancellationToken.None), new ModuleBuild(_engine), "one"));

        (refused.Code, refused.Limit).ShouldBe((ErrorCodes.CompileLimitExceeded, 1));
    }

    [Fact]
    public async Task A_caller_who_took_much_time_of_late_is_put_off_and_others_are_not()
    {
        using var pool = new CompilePool(new EngineSet(_engine), Limits with { MaxSeconds = 10_000, MaxSecondsPerCaller = 60 });
        var costly = _engine.Module(1, turn => turn.Pass(TimeSpan.FromSeconds(8_000)));
        await pool.CompileAsync(costly, new ModuleBuild(_engine), "one");

        var refused = await Should.ThrowAsync<SandboxException>(() => pool.CompileAsync(costly, new ModuleBuild(_engine), "one"));

        (refused.Code, refused.Limit).ShouldBe((ErrorCodes.Overloaded, 60));
        refused.Value.ShouldNotBeNull().ShouldBeGreaterThan(60);
        await pool.CompileAsync(costly, new ModuleBuild(_engine), "other");
        await pool.CompileAsync(costly, new ModuleBuild(_engine), CompilePool.Silo);
        await pool.CompileAsync(costly, new ModuleBuild(_engine), CompilePool.Silo);
    }

    [Fact]
    public async Task A_caller_has_only_so_many_modules_waiting_and_others_have_theirs()
    {
        using var pool = new CompilePool(new EngineSet(_engine), Limits with { MaxQueuedPerCaller = 3 });
        using var end = new CancellationTokenSource();
        var all = Enumerable.Range(1, 3).Select(number => pool.CompileAsync(_engine.Endless((byte)number, end.Token), new ModuleBuild(_engine), "one")).ToArray();

        var refused = await Should.ThrowAsync<SandboxException>(() => pool.CompileAsync(_engine.Module(4, _ => { }), new ModuleBuild(_engine), "one"));

        (refused.Code, refused.Limit, refused.Value).ShouldBe((ErrorCodes.Overloaded, 3, 4));
        await pool.CompileAsync(_engine.Module(5, _ => { }), new ModuleBuild(_engine), "other");
        all.ShouldAllBe(compiling => !compiling.IsCompleted);
        await end.CancelAsync();
        await Task.WhenAll(all);
        await pool.CompileAsync(_engine.Module(6, _ => { }), new ModuleBuild(_engine), "one");
    }

    [Fact]
    public async Task All_that_waits_has_only_so_many_bytes()
    {
        using var pool = new CompilePool(new EngineSet(_engine), Limits with { MaxQueuedBytes = 10 });
        using var end = new CancellationTokenSource();
        _engine.Endless(1, end.Token);
        var first = pool.CompileAsync(new byte[] { 1, 0, 0, 0, 0, 0, 0, 0 }, new ModuleBuild(_engine), "one");

        var refused = await Should.ThrowAsync<SandboxException>(() => pool.CompileAsync(new byte[] { 1, 0, 0 }, new ModuleBuild(_engine), "other"));

        (refused.Code, refused.Limit, refused.Value).ShouldBe((ErrorCodes.Overloaded, 10, 11));
        await end.CancelAsync();
        await first;
    }

    [Fact]
    public void Next_is_the_caller_who_took_the_least_time_of_late()
    {
        var queue = new CompileQueue();
        var (greedy, modest) = (new CompileAccount(), new CompileAccount());
        greedy.Charge(TimeSpan.FromHours(2));
        modest.Charge(TimeSpan.FromHours(1));
        var jobs = new[] { greedy, greedy, modest, modest }.Select(account => new CompileJob(default, new ModuleBuild(_engine), account)).ToArray();
        foreach (var job in jobs)
        {
            queue.Add(job);
        }

        Enumerable.Range(0, 4).Select(_ => Array.IndexOf(jobs, queue.TryTake())).ShouldBe([2, 3, 0, 1]);
        queue.TryTake().ShouldBeNull();
    }

    [Fact]
    public async Task A_pool_that_is_disposed_ends_what_runs_and_refuses_what_waits()
    {
        var pool = new CompilePool(new EngineSet(_engine), Limits);
        var all = Enumerable.Range(1, 4).Select(number => pool.CompileAsync(_engine.Endless((byte)number, CancellationToken.None), new ModuleBuild(_engine), "one")).ToArray();

        pool.Dispose();

        foreach (var compiling in all)
        {
            (await Should.ThrowAsync<SandboxException>(compiling)).Code.ShouldBe(ErrorCodes.Overloaded);
        }
    }

    [Fact]
    public void Limits_out_of_range_are_refused()
    {
        foreach (var limits in (CompileLimits[])[Limits with { MaxSeconds = 0 }, Limits with { MaxMemoryMiB = 1 }, Limits with { MaxCodeMiB = 1_025 }, Limits with { Parallel = 1 }])
        {
            Should.Throw<SandboxException>(() => new CompilePool(new EngineSet(_engine), limits)).Code.ShouldBe(ErrorCodes.InvalidParameter);
        }
    }
}
