using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using HeliosEdge.Grains.Modules;
using HeliosEdge.Sandbox.Engines.Managed;
using HeliosEdge.Sandbox.Engines.Wasmtime;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Sandbox.SecurityTests.Attacks;
using HeliosEdge.Silo.Hosting;
using HeliosEdge.Silo.Tests.Running;
using HeliosEdge.Wasm.Runtime;
using Microsoft.Extensions.DependencyInjection;

namespace HeliosEdge.Sandbox.SecurityTests.Running;

/// <summary>One silo that all attacks of a class are made on, one after the other, and that must be as if nothing had been after each.</summary>
public abstract class HostileSilo : IAsyncLifetime
{
    private const string Healthy = "healthy";

    // What a deletion or a deadline sets free is free a moment later.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);

    private readonly EngineKind _engine;
    private int _attacks;

    private protected HostileSilo(EngineKind engine)
    {
        _engine = engine;
    }

    internal TestSilo Silo { get; private set; } = null!;

    private int Leases => Silo.Services.GetRequiredService<ModuleCache>().Leases;

    private int Busy => Silo.Services.GetRequiredService<GuestThreads>().Busy;

    public async Task InitializeAsync()
    {
        if (_engine == EngineKind.Wasmtime && Libwasmtime.WhySkipped is not null)
        {
            return;
        }

        Silo = await TestSilo.StartAsync(engine: _engine);
        await Silo.DeployAsync(Healthy, "echo");
        await CheckAsync();
    }

    public async Task DisposeAsync()
    {
        if (Silo is not null)
        {
            await Silo.DisposeAsync();
        }
    }

    /// <summary>Makes an attack, compares what comes of it, and checks that the silo is as it was.</summary>
    internal async Task SurviveAsync(Attack attack)
    {
        await MakeAsync(attack);
        await CheckAsync();
    }

    /// <summary>Makes an attack and compares what comes of it; its function is gone afterwards.</summary>
    internal async Task MakeAsync(Attack attack)
    {
        var verdict = _engine == EngineKind.Managed && attack.OnManaged is { } other ? other : attack.Verdict;
        var name = $"attack-{Interlocked.Increment(ref _attacks)}";
        using var uploaded = await Silo.UploadAsync(attack.Module());
        if (verdict is Verdict.Refusal refusal && uploaded.StatusCode != HttpStatusCode.Created && uploaded.StatusCode != HttpStatusCode.OK)
        {
            await RefusedAsync(uploaded, refusal);
            return;
        }

        var module = await Answer.JsonAsync(uploaded);
        var body = new JsonObject { ["module"] = module["hash"]!.GetValue<string>(), ["limits"] = attack.Limits.DeepClone() };
        if (attack.Entry is not null)
        {
            body["entry"] = attack.Entry;
        }

        if (attack.Profile is not null)
        {
            body["profile"] = attack.Profile;
        }

        using var registered = await Silo.RegisterAsync(name, body.ToJsonString());
        if (verdict is Verdict.Refusal late)
        {
            await RefusedAsync(registered, late);
            return;
        }

        await Answer.JsonAsync(registered);
        try
        {
            using var answer = await Silo.InvokeAsync(name, attack.Payload);
            var bytes = await answer.Content.ReadAsByteArrayAsync();
            switch (verdict)
            {
                case Verdict.Ending ending:
                    var problem = JsonNode.Parse(bytes)!;
                    problem["code"]!.GetValue<string>().ShouldBe(ending.Code, problem.ToJsonString());
                    bytes.Length.ShouldBeLessThan(64 << 10);
                    break;
                case Verdict.Answer expected:
                    answer.StatusCode.ShouldBe(HttpStatusCode.OK, System.Text.Encoding.UTF8.GetString(bytes));
                    System.Text.Encoding.Latin1.GetString(bytes).ShouldBe(System.Text.Encoding.Latin1.GetString(expected.Bytes));
                    break;
            }
        }
        finally
        {
            (await Silo.Http.DeleteAsync($"/v1/functions/{name}")).IsSuccessStatusCode.ShouldBeTrue();
        }
    }

    /// <summary>A healthy guest is answered; no instance, memory, module or thread of anything else is left.</summary>
    internal async Task CheckAsync()
    {
        var payload = BitConverter.GetBytes(Random.Shared.NextInt64());
        (await Silo.CallAsync(Healthy, payload)).ShouldBe(payload);
        await UntilAsync("guest threads that are busy", () => Busy, 0);
        await UntilAsync("calls that hold a module", () => Leases, 0);
        IdleInstances.Clear();
        await UntilAsync("bytes of address space of guests", () => AddressSpace.Reserved - ReservationPool.KeptReservations, 0);
        await UntilAsync("instances of libwasmtime", () => WasmtimeInstance.Live, 0);
    }

    private static async Task UntilAsync(string what, Func<long> measure, long expected)
    {
        var started = Stopwatch.GetTimestamp();
        while (measure() is var left && left != expected)
        {
            Stopwatch.GetElapsedTime(started).ShouldBeLessThan(Patience, $"{left} {what}, not {expected}");
            await Task.Delay(5);
        }
    }

    private static async Task RefusedAsync(HttpResponseMessage response, Verdict.Refusal refusal)
    {
        await Answer.ProblemAsync(response, refusal.Status, refusal.Code);
        (await response.Content.ReadAsByteArrayAsync()).Length.ShouldBeLessThan(64 << 10);
    }
}
