using HeliosEdge.Federation;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Tests.Invocations;
using HeliosEdge.Silo.Tests.Running;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace HeliosEdge.Silo.Tests.Federation;

/// <summary>Silos that are gone while their connections stay open.</summary>
[Trait("Category", "Process")]
public sealed class CutOffTests
{
    [Fact]
    public async Task The_guest_of_a_silo_that_is_gone_without_a_word_ends_at_its_peer_while_nobody_else_may_run_it()
    {
        using var folder = new TemporaryFolder();
        var ports = FreePorts.Take(2);
        var federation = new FederationOptions { Peers = [("east", new Uri($"http://127.0.0.1:{ports[0]}"))] };
        var policy = new Sandbox.Limits.SandboxPolicy();

        // Its deadline is past what a test waits for.
        policy = policy with { Ceiling = policy.Ceiling with { TimeoutMs = 600_000 } };
        await using var west = await TestSilo.StartAsync(policy: policy, regions: ["west"], federation: federation, url: $"http://127.0.0.1:{ports[1]}");
        await west.DeployAsync("spin", "spin", limits: new() { ["timeoutMs"] = 600_000 });
        await using var east = SiloProcess.Start(
            "--urls", $"http://127.0.0.1:{ports[0]}", "--regions", "east", "--data", folder.Path, "--peers", $"west=http://127.0.0.1:{ports[1]}");
        using var http = new HttpClient { BaseAddress = await east.AddressAsync() };
        await Queued.AcceptAsync(http, "/v1/functions/spin/invoke-async?region=west", new ByteArrayContent([]));
        var guests = west.Services.GetRequiredService<GuestThreads>();
        await Eventually.HoldsAsync("its guest runs", () => Task.FromResult(guests.Busy > 0));

        await east.FreezeAsync();

        await Eventually.HoldsAsync("its guest has ended", () => Task.FromResult(guests.Busy == 0));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_silo_is_asked_for_by_one_that_is_gone_ends_before_the_lease_does(bool byKey)
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "peer.key");
        await File.WriteAllTextAsync(file, new string('k', 40));
        var federation = new FederationOptions { Peers = byKey ? [] : [("east", new Uri("http://127.0.0.1:1"))] };
        await using var silo = await TestSilo.StartAsync(
            federation: federation, configure: options => options with { Access = new AccessOptions { PeerKeyFile = byKey ? file : null } });

        var http2 = silo.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits.Http2;

        // Kestrel's clock for both goes by the second.
        var noticed = http2.KeepAlivePingDelay + http2.KeepAlivePingTimeout + TimeSpan.FromSeconds(2);
        noticed.ShouldBeLessThan(AttemptRunner.LeaseDuration - AttemptRunner.RenewEvery);
    }
}
