using System.Net;
using System.Text.Json.Nodes;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Silo.Tests.Running;
using Microsoft.Extensions.DependencyInjection;

namespace HeliosEdge.Silo.Tests.Keeping;

/// <summary>Guests that want more memory together than there is.</summary>
[Trait("Category", "Process")]
public sealed class ProcessMemoryTests
{
    private const long MiB = 1 << 20;

    // Has all of its memory written, again and again until its deadline.
    private const string Greedy = "hostile_memory";
    private const string Entry = "fill_forever";

    [CgroupTheory]
    [InlineData("managed")]
    [InlineData("wasmtime")]
    public async Task Sixteen_guests_of_64_MiB_do_not_end_a_silo_that_has_600(string engine)
    {
        using var group = MemoryCgroup.TryMake(600 * MiB)!;
        using var folder = new TemporaryFolder();
        await using var silo = SiloProcess.StartIn(group.Command, "--data", folder.Path, "--urls", "http://127.0.0.1:0", "--engine", engine);
        using var http = new HttpClient { BaseAddress = await silo.AddressAsync() };
        silo.Output.ShouldContain("all guests may have 300 MiB together");
        await DeployAsync(http, "greedy", Greedy, Entry, new JsonObject { ["memoryMiB"] = 64, ["timeoutMs"] = 1_000 });
        await DeployAsync(http, "echo", "echo", "handle", []);

        var calls = Enumerable.Range(0, 16).Select(_ => http.PostAsync("/v1/functions/greedy/invoke", new ByteArrayContent([1]))).ToArray();

        foreach (var call in calls)
        {
            using var answer = await call;
            var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
            problem["code"]!.GetValue<string>().ShouldBeOneOf("timeout", "overloaded");
        }

        using var healthy = await http.PostAsync("/v1/functions/echo/invoke", new ByteArrayContent([7]));
        (await healthy.Content.ReadAsByteArrayAsync()).ShouldBe([7]);
        (await silo.TerminateAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_call_waits_for_memory_as_long_as_its_caller_and_is_told_limit_and_value()
    {
        await using var silo = await TestSilo.StartAsync(configure: options => options with { GuestMemoryMiB = 100 });
        await silo.DeployAsync("greedy", Greedy, Entry, new JsonObject { ["memoryMiB"] = 64, ["timeoutMs"] = 60_000 });
        await silo.DeployAsync("small", "echo", limits: new JsonObject { ["memoryMiB"] = 1 });
        var memory = silo.Services.GetRequiredService<GuestMemory>();
        using var over = new CancellationTokenSource();
        var running = silo.Http.PostAsync("/v1/functions/greedy/invoke", new ByteArrayContent([1]), over.Token);
        await Eventually.HoldsAsync("a guest to run", () => Task.FromResult(memory.Used == 64 * MiB));

        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/functions/greedy/invoke") { Content = new ByteArrayContent([1]) };
        request.Headers.Add("X-Helios-Deadline-Ms", "5000");
        using var refused = await silo.Http.SendAsync(request);

        var problem = await Answer.ProblemAsync(refused, HttpStatusCode.TooManyRequests, "overloaded");
        problem["limit"]!.GetValue<long>().ShouldBe(100 * MiB);
        problem["value"]!.GetValue<long>().ShouldBe(128 * MiB);
        (await silo.CallAsync("small", [7])).ShouldBe([7]);
        await over.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(running);
        await Eventually.HoldsAsync("all memory to be given back", () => Task.FromResult(memory.Used == 0));
    }

    [Fact]
    public async Task A_function_that_may_have_more_than_there_is_runs_alone_within_that()
    {
        await using var silo = await TestSilo.StartAsync(configure: options => options with { GuestMemoryMiB = 64 });
        await silo.DeployAsync("hog", "hog", limits: new JsonObject { ["memoryMiB"] = 512 });

        using var refused = await silo.InvokeAsync("hog");

        (await Answer.ProblemAsync(refused, HttpStatusCode.BadGateway, "memory_limit_exceeded"))["limit"]!.GetValue<long>().ShouldBe(64 * MiB);
        silo.Services.GetRequiredService<GuestMemory>().Used.ShouldBe(0);
    }

    internal static async Task DeployAsync(HttpClient http, string name, string guest, string entry, JsonObject limits)
    {
        using var uploaded = await http.PutAsync("/v1/modules", new ByteArrayContent(TestSilo.Guest(guest)));
        var body = new JsonObject { ["module"] = (await Answer.JsonAsync(uploaded))["hash"]!.GetValue<string>(), ["entry"] = entry, ["limits"] = limits };
        using var registered = await http.PutAsync($"/v1/functions/{name}", new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json"));
        await Answer.JsonAsync(registered);
    }
}
