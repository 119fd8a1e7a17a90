using System.Collections.Immutable;
using System.Net.Sockets;
using HeliosEdge.Federation;
using HeliosEdge.Sandbox;
using Microsoft.AspNetCore.Http;

namespace HeliosEdge.Silo.Tests.Federation;

/// <summary>The circuit before a peer, and what is tried again, on a clock that the tests turn.</summary>
[Trait("Category", "Slow")]
public sealed class PeerSiloTests : IDisposable
{
    private const string Open = "several requests in a row failed";

    private readonly ManualClock _clock = new();
    private readonly int _port = FreePorts.Take();
    private readonly PeerSilo _peer;
    private int _calls;

    public PeerSiloTests()
    {
        _peer = new PeerSilo(
            new Uri($"http://127.0.0.1:{_port}"), ["west"], null, PeerTls.Open(null, null, null, TimeProvider.System, static _ => { }), _clock);
    }

    [Fact]
    public async Task A_circuit_opens_lets_nothing_through_and_heals_by_one_call_that_succeeds()
    {
        await FailUntilOpenAsync();

        await using var west = await FakePeer.StartAsync(CountAsync, _port);
        (await FaultAsync()).Message.ShouldContain(Open);
        _calls.ShouldBe(0);
        _clock.Advance(TimeSpan.FromSeconds(3));

        (await SendAsync()).ShouldBe(200);
        (await SendAsync()).ShouldBe(200);
        _calls.ShouldBe(2);
    }

    [Fact]
    public async Task A_circuit_that_is_tried_and_fails_is_open_again()
    {
        await FailUntilOpenAsync();
        _clock.Advance(TimeSpan.FromSeconds(3));

        (await FaultAsync()).Message.ShouldNotContain(Open);

        (await FaultAsync()).Message.ShouldContain(Open);
    }

    [Fact]
    public async Task Answers_whatever_they_say_open_no_circuit()
    {
        await using var west = await FakePeer.StartAsync(
            http =>
            {
                http.Response.StatusCode = 500;
                return CountAsync(http);
            },
            _port);

        for (var i = 0; i < 20; i++)
        {
            (await SendAsync()).ShouldBe(500);
        }

        _calls.ShouldBe(20);
    }

    [Fact]
    public async Task Failures_that_are_fewer_than_half_open_no_circuit()
    {
        var isLost = false;
        await using var west = await FakePeer.StartAsync(
            http =>
            {
                if (isLost)
                {
                    http.Abort();
                    return Task.CompletedTask;
                }

                return CountAsync(http);
            },
            _port);

        for (var i = 0; i < 12; i++)
        {
            isLost = i % 3 == 2;
            if (isLost)
            {
                (await FaultAsync("peer_failed")).Message.ShouldContain("may have begun");
            }
            else
            {
                (await SendAsync()).ShouldBe(200);
            }
        }

        _calls.ShouldBe(8);
    }

    [Fact]
    public async Task A_call_that_may_have_begun_is_not_sent_again()
    {
        await using var west = await FakePeer.StartAsync(
            http =>
            {
                Interlocked.Increment(ref _calls);
                http.Abort();
                return Task.CompletedTask;
            },
            _port);

        await FaultAsync("peer_failed");

        _calls.ShouldBe(1);
    }

    [Fact]
    public async Task What_looks_at_the_peer_opens_and_closes_the_circuit()
    {
        await using var west = await FakePeer.StartAsync(CountAsync, _port);
        (await SendAsync()).ShouldBe(200);

        (await _peer.FailedAsync("it is asleep")).ShouldBeTrue();
        (await FaultAsync()).Message.ShouldContain("it is asleep");
        _clock.Advance(TimeSpan.FromMinutes(1));
        (await FaultAsync()).Message.ShouldContain("it is asleep");
        (await _peer.AnsweredAsync(TimeSpan.FromMilliseconds(1), ImmutableDictionary<string, int>.Empty)).ShouldBeTrue();

        (await SendAsync()).ShouldBe(200);
        _calls.ShouldBe(2);
    }

    [Fact]
    public async Task Connecting_is_tried_three_times()
    {
        var attempts = 0;
        await using var stream = await PeerConnections.WithRetriesAsync(
            _ => ++attempts < 3 ? throw new SocketException((int)SocketError.ConnectionRefused) : new ValueTask<Stream>(new MemoryStream()), default);
        attempts.ShouldBe(3);

        attempts = 0;
        await Should.ThrowAsync<SocketException>(async () => await PeerConnections.WithRetriesAsync(
            _ =>
            {
                attempts++;
                throw new SocketException((int)SocketError.ConnectionRefused);
            },
            default));
        attempts.ShouldBe(3);
    }

    [Fact]
    public async Task What_is_no_failure_to_connect_is_not_tried_again()
    {
        var attempts = 0;

        await Should.ThrowAsync<IOException>(async () => await PeerConnections.WithRetriesAsync(
            _ =>
            {
                attempts++;
                throw new IOException("the connection was lost");
            },
            default));

        attempts.ShouldBe(1);
    }

    public void Dispose() => _peer.Dispose();

    private Task CountAsync(HttpContext http)
    {
        Interlocked.Increment(ref _calls);
        return http.Response.WriteAsync("done");
    }

    private async Task FailUntilOpenAsync()
    {
        for (var i = 0; i < 4; i++)
        {
            (await FaultAsync()).Message.ShouldNotContain(Open);
        }

        (await FaultAsync()).Message.ShouldContain(Open);
    }

    private async Task<int> SendAsync()
    {
        using var request = _peer.Request(HttpMethod.Post, "v1/functions/f/invoke?region=west");
        using var response = await _peer.SendAsync(request, default);
        return (int)response.StatusCode;
    }

    private async Task<SandboxException> FaultAsync(string code = "region_unavailable")
    {
        var fault = await Should.ThrowAsync<SandboxException>(SendAsync);
        fault.Code.ShouldBe(code);
        return fault;
    }
}
