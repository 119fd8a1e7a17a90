using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Grains.Http;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Abi.Wasi;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Grains.Tests.Http;

public sealed class CgiInputTests
{
    private const int Most = 4 << 20;

    private static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(60);

    [Fact]
    public void A_body_is_read_as_it_came_whatever_pieces_it_comes_and_is_read_in()
    {
        var bodies =
            from size in Gen.OneOf(Gen.Choose(0, 2_000), Gen.Choose(0, 600_000))
            from seed in Gen.Choose(0, 1_000)
            from sent in Gen.Choose(1, 70_000)
            from read in Gen.Choose(1, 70_000)
            select (Size: size, Seed: seed, Sent: sent, Read: read);
        Prop.ForAll(bodies.ToArbitrary(), given =>
        {
            var body = new byte[given.Size];
            new Random(given.Seed).NextBytes(body);
            var request = new StreamedRequest(null);
            var feeding = request.FeedAsync(new Steps(body, given.Sent), Most, CancellationToken.None);
            using var input = Open(request);

            var read = new MemoryStream();
            input.CopyTo(read, given.Read);

            feeding.Wait(Watchdog).ShouldBeTrue();
            read.ToArray().ShouldBe(body);
            input.Read(new byte[1]).ShouldBe(0);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));
    }

    [Fact]
    public async Task All_of_a_body_is_had_at_once()
    {
        var body = new byte[Most];
        new Random(5).NextBytes(body);
        var request = new StreamedRequest(null);
        var feeding = request.FeedAsync(new MemoryStream(body), Most, CancellationToken.None);

        (await request.WholeAsync(Most, CancellationToken.None).WaitAsync(Watchdog)).ToArray().ShouldBe(body);

        await feeding.WaitAsync(Watchdog);
    }

    [Theory]
    [InlineData(99, 1_000)]
    [InlineData(1_000, 99)]
    public void A_body_over_a_limit_is_refused_by_whoever_has_it(int fed, int taken)
    {
        var request = new StreamedRequest(null);
        var feeding = request.FeedAsync(new MemoryStream(new byte[100]), fed, CancellationToken.None);
        using var input = Open(request, maxBytes: taken);

        var refused = Should.Throw<SandboxException>(() => input.CopyTo(Stream.Null));

        (refused.Code, refused.Limit, refused.Value).ShouldBe((ErrorCodes.PayloadTooLarge, 99, 100));
        feeding.IsFaulted.ShouldBe(fed < 100);
    }

    [Fact]
    public async Task A_body_that_breaks_off_does_not_look_as_if_it_had_ended()
    {
        var request = new StreamedRequest(null);
        using var stop = new CancellationTokenSource();
        var feeding = request.FeedAsync(new Endless("abc"u8.ToArray()), Most, stop.Token);
        using var input = Open(request);
        input.Read(new byte[3]).ShouldBe(3);

        await stop.CancelAsync();

        Should.Throw<SandboxException>(() => input.Read(new byte[3])).Code.ShouldBe(ErrorCodes.Cancelled);
        await Should.ThrowAsync<OperationCanceledException>(() => feeding.WaitAsync(Watchdog));
    }

    [Fact]
    public async Task A_sender_never_waits_for_the_program_and_stops_when_nobody_will_read()
    {
        var request = new StreamedRequest(null);
        await request.FeedAsync(new MemoryStream(new byte[Most]), Most, CancellationToken.None).WaitAsync(Watchdog);

        var unread = new StreamedRequest(null);
        Open(unread).Dispose();
        var body = new MemoryStream(new byte[Most]);
        await unread.FeedAsync(body, Most, CancellationToken.None).WaitAsync(Watchdog);

        body.Position.ShouldBeLessThan(Most / 2);
    }

    [Fact]
    public void A_program_does_not_wait_for_a_body_beyond_its_time_or_its_calls_end()
    {
        using var cancel = new CancellationTokenSource();
        foreach (var isCancelled in new[] { false, true })
        {
            var request = new StreamedRequest(null);
            _ = request.FeedAsync(new Endless([]), Most, CancellationToken.None);
            using var input = Open(request, timeoutMs: isCancelled ? 60_000 : 200, cancel: cancel.Token);
            input.IsReadable(TimeSpan.Zero).ShouldBeFalse();
            if (isCancelled)
            {
                cancel.Cancel();
            }

            Should.Throw<TimeoutException>(() => input.Read(new byte[1]));
        }
    }

    private static CgiInput Open(StreamedRequest request, int timeoutMs = 60_000, int maxBytes = Most, CancellationToken cancel = default) =>
        new(request.Body, new ResourceLimits { TimeoutMs = timeoutMs, MaxPayloadBytes = maxBytes }, cancel);

    /// <summary>Gives no more than so many bytes at once, and each time on another thread.</summary>
    private sealed class Steps(byte[] bytes, int step) : MemoryStream(bytes)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            return await base.ReadAsync(buffer[..Math.Min(buffer.Length, step)], cancellationToken);
        }
    }

    /// <summary>Gives some bytes, and then nothing, without an end.</summary>
    private sealed class Endless(byte[] bytes) : MemoryStream(bytes)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position < Length)
            {
                return await base.ReadAsync(buffer, cancellationToken);
            }

            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }
    }
}
