using System.Net;
using System.Text.Json.Nodes;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Silo.Tests.Running;
using Microsoft.Extensions.DependencyInjection;

namespace HeliosEdge.Sandbox.SecurityTests.Fairness;

/// <summary>Guests that burn or wait do not keep others from being served; benchmarks/run-fairness has the numbers.</summary>
public sealed class FairnessTests
{
    [Fact]
    public async Task Healthy_guests_and_HTTP_are_served_while_endless_guests_run()
    {
        await using var silo = await TestSilo.StartAsync();
        await silo.DeployAsync("endless", "spin", limits: new JsonObject { ["timeoutMs"] = 10_000 });
        await silo.DeployAsync("healthy", "echo");
        var endless = Enumerable.Range(0, 4).Select(_ => silo.InvokeAsync("endless")).ToArray();

        for (var i = 0; i < 100; i++)
        {
            var payload = BitConverter.GetBytes(i);
            (await silo.CallAsync("healthy", payload)).ShouldBe(payload);
            (await silo.Http.GetAsync("/healthz")).IsSuccessStatusCode.ShouldBeTrue();
        }

        endless.ShouldAllBe(call => !call.IsCompleted);
        foreach (var call in endless)
        {
            await Answer.ProblemAsync(await call, HttpStatusCode.GatewayTimeout, "timeout");
        }
    }

    [Fact]
    public async Task Guests_that_were_brief_and_turn_endless_hold_up_nobody()
    {
        const int Turncoats = 8;
        await using var silo = await TestSilo.StartAsync();
        var module = await Answer.JsonAsync(await silo.UploadAsync(TestSilo.Guest("tells_where")));
        foreach (var name in Enumerable.Range(0, Turncoats).Select(i => $"turncoat{i}"))
        {
            var body = new JsonObject
            {
                ["module"] = module["hash"]!.GetValue<string>(),
                ["profile"] = "compute",
                ["limits"] = new JsonObject { ["timeoutMs"] = 60_000 },
            };
            await Answer.JsonAsync(await silo.RegisterAsync(name, body.ToJsonString()));
            for (var i = 0; i < 100; i++)
            {
                (await silo.CallAsync(name, [0])).ShouldBeEmpty();
            }
        }

        await silo.DeployAsync("healthy", "echo");
        var threads = silo.Services.GetRequiredService<GuestThreads>();
        using var enough = new CancellationTokenSource();
        var burning = Enumerable.Range(0, Turncoats).Select(i => Task.Run(() => silo.InvokeAsync($"turncoat{i}", [255], cancellationToken: enough.Token))).ToArray();
        await Eventually.HoldsAsync("all of them", () =>
        {
            burning.ShouldAllBe(call => !call.IsCompleted);
            return threads.Busy == Turncoats;
        });

        for (var i = 0; i < 50; i++)
        {
            var payload = BitConverter.GetBytes(i);
            (await silo.CallAsync("healthy", payload)).ShouldBe(payload);
            (await silo.Http.GetAsync("/healthz")).IsSuccessStatusCode.ShouldBeTrue();
        }

        burning.ShouldAllBe(call => !call.IsCompleted);
        await enough.CancelAsync();
        foreach (var call in burning)
        {
            await Should.ThrowAsync<OperationCanceledException>(call);
        }

        await Eventually.HoldsAsync("none of them", () => threads.Busy == 0);
    }

    [Fact]
    public async Task Five_hundred_guests_that_wait_in_the_host_are_all_answered()
    {
        await using var silo = await TestSilo.StartAsync();
        await DeploySleeperAsync(silo, "sleeper");
        await silo.DeployAsync("healthy", "echo");

        var waiting = Enumerable.Range(0, 500).Select(_ => silo.CallAsync("sleeper", "sleep_briefly"u8.ToArray())).ToArray();
        (await silo.CallAsync("healthy", [7])).ShouldBe([7]);

        (await Task.WhenAll(waiting)).Select(System.Text.Encoding.UTF8.GetString).Distinct().ShouldBe(["held: slept 100\n"]);
        var threads = silo.Services.GetRequiredService<GuestThreads>();
        (threads.Busy, threads.Waiting).ShouldBe((0, 0));
    }

    [Fact]
    public async Task A_guest_that_waits_leaves_its_place_to_another()
    {
        await using var silo = await TestSilo.StartAsync(guests: new GuestThreadOptions { Threads = 1 });
        await DeploySleeperAsync(silo, "sleeper", timeoutMs: 10_000);
        await silo.DeployAsync("healthy", "echo");
        var waiting = Enumerable.Range(0, 3).Select(_ => silo.InvokeAsync("sleeper", "sleep_for_ever"u8.ToArray())).ToArray();
        var threads = silo.Services.GetRequiredService<GuestThreads>();
        while (threads.Waiting < 3)
        {
            await Task.Delay(5);
        }

        (await silo.CallAsync("healthy", [7])).ShouldBe([7]);

        waiting.ShouldAllBe(call => !call.IsCompleted);
        foreach (var call in waiting)
        {
            await Answer.ProblemAsync(await call, HttpStatusCode.GatewayTimeout, "timeout");
        }
    }

    private static async Task DeploySleeperAsync(TestSilo silo, string name, int timeoutMs = 5_000)
    {
        var module = await Answer.JsonAsync(await silo.UploadAsync(TestSilo.Guest("hostile_wasi")));
        var body = new JsonObject { ["module"] = module["hash"]!.GetValue<string>(), ["limits"] = new JsonObject { ["timeoutMs"] = timeoutMs } };
        await Answer.JsonAsync(await silo.RegisterAsync(name, body.ToJsonString()));
    }
}
