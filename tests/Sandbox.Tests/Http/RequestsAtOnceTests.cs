using System.Net;
using System.Net.Sockets;
using HeliosEdge.Sandbox.HostServices.Http;

namespace HeliosEdge.Sandbox.Tests.Http;

public sealed class RequestsAtOnceTests : IDisposable
{
    private static readonly TimeSpan Ample = TimeSpan.FromSeconds(30);

    private readonly ManualResetEventSlim _answering = new();
    private readonly LocalServer _server;
    private readonly OutboundHttp _http = new(
        new() { AllowPrivateNetworks = true, MaxResponseBytes = 100 },
        (name, _) => name == "none.test" ? throw new SocketException((int)SocketError.HostNotFound) : Task.FromResult<IPAddress[]>([IPAddress.Loopback]));

    public RequestsAtOnceTests()
    {
        _server = new LocalServer(request =>
        {
            if (request.StartsWith("GET /held", StringComparison.Ordinal))
            {
                _answering.Wait(Ample);
            }

            return LocalServer.Ok(request.StartsWith("GET /large", StringComparison.Ordinal) ? new string('x', 101) : "");
        });
    }

    [Fact]
    public async Task A_request_above_the_limit_is_not_sent_and_other_functions_and_regions_have_limits_of_their_own()
    {
        var sender = Sender("f", "eu", 2);
        var held = new[] { Hold(sender), Hold(sender) };

        var refused = Should.Throw<SandboxException>(() => Send(sender));
        (refused.Code, refused.Limit, refused.Value).ShouldBe((ErrorCodes.HttpRequestsExceeded, 2, 3));
        refused.Message.ShouldContain("3 requests; the limit is 2 requests");
        _server.Requests.Count.ShouldBe(2);
        Send(Sender("g", "eu", 2)).ShouldBe(200);
        Send(Sender("f", "us", 2)).ShouldBe(200);
        Send(Sender("f", "eu", 3)).ShouldBe(200, "a version may have more than the one before");

        _answering.Set();
        (await Task.WhenAll(held)).ShouldBe([200, 200]);
        Send(sender).ShouldBe(200);
    }

    [Fact]
    public void What_failed_is_not_under_way_any_more()
    {
        var sender = Sender("f", "eu", 1);

        Fails("http://none.test/", ErrorCodes.HttpFailed);
        Fails("http://other.test/", ErrorCodes.HttpHostDenied);
        Fails("http://169.254.169.254/", ErrorCodes.HttpAddressDenied);
        Fails("ftp://api.test/", ErrorCodes.HttpRequestInvalid);
        Fails($"http://api.test:{_server.Port}/large", ErrorCodes.HttpResponseTooLarge);
        Should.Throw<TimeoutException>(() => _http.Send(new() { Url = $"http://api.test:{_server.Port}/" }, sender, TimeSpan.Zero));
        Send(sender).ShouldBe(200);

        void Fails(string url, string code) =>
            Should.Throw<SandboxException>(() => _http.Send(new() { Url = url }, sender, Ample)).Code.ShouldBe(code);
    }

    [Fact]
    public void What_its_guest_left_at_the_deadline_ends_soon_after()
    {
        var sender = Sender("f", "eu", 1);

        Should.Throw<TimeoutException>(() => _http.Send(
            new() { Url = $"http://api.test:{_server.Port}/held" }, sender, TimeSpan.FromMilliseconds(50)));

        SpinWait.SpinUntil(
            () =>
            {
                try
                {
                    return Send(sender) == 200;
                }
                catch (SandboxException e) when (e.Code == ErrorCodes.HttpRequestsExceeded)
                {
                    return false;
                }
            },
            Ample).ShouldBeTrue();
    }

    [Fact]
    public async Task What_is_taken_back_with_its_call_ends_at_once()
    {
        using var taken = new CancellationTokenSource();
        var held = Hold(Sender("f", "eu", 1), taken.Token);

        await taken.CancelAsync();

        await Should.ThrowAsync<TimeoutException>(held);
    }

    [Fact]
    public void Threads_that_begin_and_end_at_the_same_time_are_never_more_than_the_limit_and_all_are_counted_down()
    {
        const int Limit = 3;
        var underWay = new RequestsUnderWay();
        var sender = Sender("f", "eu", Limit);
        var (now, most, refused) = (0, 0, 0);

        Parallel.For(0, 20_000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            try
            {
                underWay.Begin(sender);
            }
            catch (SandboxException e)
            {
                e.Limit.ShouldBe(Limit);
                Interlocked.Increment(ref refused);
                return;
            }

            var here = Interlocked.Increment(ref now);
            InterlockedMax(ref most, here);
            Interlocked.Decrement(ref now);
            underWay.End(sender);
        });

        most.ShouldBeInRange(1, Limit);
        refused.ShouldBeLessThan(20_000);
        for (var i = 0; i < Limit; i++)
        {
            underWay.Begin(sender);
        }

        Should.Throw<SandboxException>(() => underWay.Begin(sender)).Value.ShouldBe(Limit + 1);
    }

    public void Dispose()
    {
        _answering.Set();
        _http.Dispose();
        _server.Dispose();
        _answering.Dispose();
    }

    private OutboundHttpSender Sender(string function, string region, int limit) =>
        new(function, region, [AllowedHost.Parse($"api.test:{_server.Port}"), AllowedHost.Parse("none.test"), AllowedHost.Parse("169.254.169.254")], limit);

    private int Send(OutboundHttpSender sender) => _http.Send(new() { Url = $"http://api.test:{_server.Port}/" }, sender, Ample).Status;

    /// <summary>Sends a request that is not answered before the test says so, and waits until it has arrived.</summary>
    private Task<int> Hold(OutboundHttpSender sender, CancellationToken cancellationToken = default)
    {
        var before = _server.Requests.Count;
        var held = Task.Factory.StartNew(
            () => _http.Send(new() { Url = $"http://api.test:{_server.Port}/held" }, sender, Ample, cancellationToken).Status,
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        SpinWait.SpinUntil(() => _server.Requests.Count > before || held.IsFaulted, Ample).ShouldBeTrue();
        return held;
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); seen < value;)
        {
            seen = Interlocked.CompareExchange(ref most, value, seen) is var found && found == seen ? value : found;
        }
    }
}
