using System.Net;
using HeliosEdge.Federation;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Federation;

[Trait("Category", "Slow")]
public sealed class PeerTests
{
    [Fact]
    public async Task Silos_that_send_each_other_in_a_circle_are_stopped()
    {
        var ports = FreePorts.Take(2);
        var urls = ports.Select(port => $"http://127.0.0.1:{port}").ToArray();
        await using var one = await TestSilo.StartAsync(
            regions: ["one"], url: urls[0], federation: new FederationOptions { Peers = [("lost", new Uri(urls[1]))] });
        await using var two = await TestSilo.StartAsync(
            regions: ["two"], url: urls[1], federation: new FederationOptions { Peers = [("lost", new Uri(urls[0]))] });

        await Silos.WaitForStatesAsync(one, "up", "lost");
        await Silos.WaitForStatesAsync(two, "up", "lost");

        var problem = await Answer.ProblemAsync(await one.InvokeAsync("echo", [1], "lost"), HttpStatusCode.LoopDetected, "loop_detected");

        problem["limit"]!.GetValue<int>().ShouldBe(PeerSilo.MaxHops);
    }

    [Fact]
    public async Task Regions_show_what_is_known_of_each_peer()
    {
        await using var silos = await Silos.StartAsync();
        await silos.West.DeployAsync("echo", "echo");
        await Eventually.HoldsAsync(
            "the function is counted",
            async () => (await Silos.RegionsAsync(silos.East)).Single(region => region["name"]!.GetValue<string>() == "west")["functions"]!.GetValue<int>() == 1);

        var regions = await Silos.RegionsAsync(silos.East);

        regions.Select(region => region["name"]!.GetValue<string>()).ShouldBe(["east", "west", "north"]);
        regions.Select(region => region["state"]!.GetValue<string>()).ShouldBe(["local", "up", "up"]);
        regions[1]["latencyMs"]!.GetValue<double>().ShouldBeGreaterThan(0);
        (DateTimeOffset.UtcNow - regions[1]["lastContact"]!.GetValue<DateTimeOffset>()).ShouldBeLessThan(TimeSpan.FromMinutes(1));
        regions[0]["latencyMs"].ShouldBeNull();
        var there = await Answer.JsonAsync(await silos.East.Http.GetAsync("/v1/regions/west/functions"));
        there["functions"]!.AsArray().Single()!["name"]!.GetValue<string>().ShouldBe("echo");
    }

    [Fact]
    public async Task A_peer_that_goes_and_comes_back_is_seen_down_and_up()
    {
        await using var silos = await Silos.StartAsync();
        await silos.West.DeployAsync("echo", "echo");
        await silos.StopAsync(1);
        await Silos.WaitForStatesAsync(silos.East, "down", "west");

        var down = (await Silos.RegionsAsync(silos.East))[1];
        down["problem"]!.GetValue<string>().ShouldNotBeEmpty();
        down["lastContact"].ShouldNotBeNull();
        await Answer.ProblemAsync(await silos.East.InvokeAsync("echo", [1], "west"), HttpStatusCode.ServiceUnavailable, "region_unavailable");

        await silos.StartOneAsync(1);
        await Silos.WaitForStatesAsync(silos.East, "up", "west");
        (await silos.East.CallAsync("echo", [5], "west")).ShouldBe([5]);
    }

    [Fact]
    public async Task Peers_show_the_key()
    {
        using var folder = new TemporaryFolder();
        var keyFile = Path.Combine(folder.Path, "key");
        await File.WriteAllTextAsync(keyFile, new string('k', 40) + "\n");
        await using var silos = await Silos.StartAsync(keyFile);
        await silos.West.DeployAsync("echo", "echo");

        (await silos.East.CallAsync("echo", [1], "west")).ShouldBe([1]);
        foreach (var key in new[] { "", new string('k', 39), new string('x', 40) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/functions/echo/invoke");
            request.Headers.Add("X-Helios-Hops", "1");
            request.Headers.TryAddWithoutValidation("X-Helios-Peer-Key", key);
            await Answer.ProblemAsync(await silos.West.Http.SendAsync(request), HttpStatusCode.Unauthorized, "unauthenticated");
        }
    }

    [Fact]
    public async Task A_peer_with_another_key_counts_as_down_and_says_why()
    {
        using var folder = new TemporaryFolder();
        var keys = new[] { "one", "two" }.Select(name => Path.Combine(folder.Path, name)).ToArray();
        await File.WriteAllTextAsync(keys[0], new string('1', 40));
        await File.WriteAllTextAsync(keys[1], new string('2', 40));
        var url = $"http://127.0.0.1:{FreePorts.Take()}";
        await using var there = await TestSilo.StartAsync(regions: ["there"], url: url, configure: options => options with { Access = options.Access with { PeerKeyFile = keys[0] } });
        await using var here = await TestSilo.StartAsync(
            regions: ["here"], federation: new FederationOptions { Peers = [("there", new Uri(url))] },
            configure: options => options with { Access = options.Access with { PeerKeyFile = keys[1] } });

        await Silos.WaitForStatesAsync(here, "down", "there");

        (await Silos.RegionsAsync(here))[1]["problem"]!.GetValue<string>().ShouldContain("peer key");
        await Answer.ProblemAsync(await here.InvokeAsync("echo", [1], "there"), HttpStatusCode.ServiceUnavailable, "region_unavailable");
    }

    [Fact]
    public async Task A_silo_whose_peers_are_all_gone_starts_and_serves()
    {
        var gone = new Uri($"http://127.0.0.1:{FreePorts.Take()}");
        await using var alone = await TestSilo.StartAsync(regions: ["here"], federation: new FederationOptions { Peers = [("there", gone), ("beyond", gone)] });
        await alone.DeployAsync("echo", "echo");

        (await alone.CallAsync("echo", [3])).ShouldBe([3]);
        (await alone.CallAsync("echo", [4], "there&failover=beyond,here")).ShouldBe([4]);
    }
}
