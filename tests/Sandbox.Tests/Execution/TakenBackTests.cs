using System.Buffers;
using HeliosEdge.Sandbox.Abi;
using HeliosEdge.Sandbox.Abi.Extism;
using HeliosEdge.Sandbox.Abi.Wasi;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Security;

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
