using System.Buffers;
using System.Text;
using HeliosEdge.Sandbox.Abi;
using HeliosEdge.Sandbox.Abi.Extism;
using HeliosEdge.Sandbox.Abi.Helios1;
using HeliosEdge.Sandbox.Abi.Wasi;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Security;
using HeliosEdge.Sandbox.Tests.Storage;

namespace HeliosEdge.Sandbox.Tests.Execution;

/// <summary>A guest that waits in a host call gives its place back as soon as nobody waits for it.</summary>
public sealed class TakenBackTests
{
    private static readonly ResourceLimits Limits = new() { MemoryMiB = 16, TimeoutMs = 600_000 };

    private static readonly Dictionary<string, IGuestAbi> Abis = new() { ["wasi"] = new WasiAbi(), ["extism"] = new ExtismAbi() };

    [Theory]
    [InlineData("wasi")]
    [InlineData("extism")]
    public async Task A_guest_that_waits_ends_with_its_call_and_not_at_its_deadline(string abi)
    {
        using var module = Guests.Compile("wasi_wait");
        using var taken = new CancellationTokenSource();
        using var threads = new GuestThreads(new GuestThreadOptions { Threads = 1, MaxQueued = 0 });
        var scope = new SandboxScope("wait", "eu", SecurityProfile.Resolve("compute", []), Limits, new HostServiceSet());
        var call = new Call(() => Abis[abi].Invoke(module, "_start", [], Limits, new ArrayBufferWriter<byte>(), scope, taken.Token));
        threads.TryRun(call).ShouldBeTrue();
        await Eventually.HoldsAsync("a guest that waits", () => threads.Waiting == 1);

        await taken.CancelAsync();

        var failure = await Should.ThrowAsync<SandboxException>(call.Ended.WaitAsync(TimeSpan.FromMinutes(1)));
        failure.Code.ShouldBe(ErrorCodes.Timeout);
    }

    [Theory]
    [InlineData("query", "WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s) SELECT count(*) FROM s")]
    [InlineData("execute", "CREATE TABLE t (a)")]
    public async Task A_statement_that_runs_or_waits_for_another_ends_with_its_call(string entry, string sql)
    {
        using var file = new TemporaryFile();
        using var databases = new SqliteRegionDatabases(Path.GetDirectoryName(file.Path)!);
        databases.Find("eu", "main")!
            .TryBegin(new SqlTerms(SqlAccess.Write), SqlPatience.For(TimeSpan.FromMinutes(5), CancellationToken.None), out var other, out _).ShouldBeTrue();
        using var module = Guests.Compile("database");
        using var taken = new CancellationTokenSource();
        using var threads = new GuestThreads(new GuestThreadOptions { Threads = 1, MaxQueued = 0 });
        var scope = new SandboxScope("sql", "eu", SecurityProfile.Resolve("database_only", []), Limits, new HostServiceSet { Services = [databases] });
        var call = new Call(() => new Helios1Abi().Invoke(module, entry, Encoding.UTF8.GetBytes(sql), Limits, new ArrayBufferWriter<byte>(), scope, taken.Token));
        threads.TryRun(call).ShouldBeTrue();
        await Eventually.HoldsAsync("a guest that is in its host call", () => (entry == "query" ? threads.Busy : threads.Waiting) == 1);

        await taken.CancelAsync();

        var failure = await Should.ThrowAsync<SandboxException>(call.Ended.WaitAsync(TimeSpan.FromMinutes(1)));
        failure.Code.ShouldBe(ErrorCodes.Timeout);
        other!.Dispose();
        databases.Execute("eu", "CREATE TABLE t (a)", default, TimeSpan.FromMinutes(1)).Error.ShouldBeNull();
    }

    private sealed class Call(Action invoke) : IThreadPoolWorkItem
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Ended => _ended.Task;

        public void Execute()
        {
            try
            {
                invoke();
                _ended.SetResult();
            }
            catch (Exception e)
            {
                _ended.SetException(e);
            }
        }
    }
}
