using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Http;

/// <summary>Nothing that the host compiles is on a guest's clock.</summary>
[Trait("Category", "Process")]
public sealed class CompilingTests
{
    private const int Tries = 5;

    [Theory]
    [InlineData("managed")]
    [InlineData("wasmtime")]
    public async Task The_first_call_after_a_deployment_or_a_restart_is_no_timeout(string engine)
    {
        // A machine that is busy takes 50 ms from any guest: then the calls after the first are timeouts too, and it is tried again.
        for (var attempt = 1; ; attempt++)
        {
            var (first, later) = await FirstAndLaterAsync(engine);
            if (first.All(status => status != HttpStatusCode.GatewayTimeout))
            {
                first.ShouldAllBe(status => status == HttpStatusCode.OK || status == HttpStatusCode.ServiceUnavailable);
                return;
            }

            (later.Contains(HttpStatusCode.GatewayTimeout) && attempt < Tries).ShouldBeTrue($"{string.Join(' ', first)}, then {string.Join(' ', later)}");
        }
    }

    [Fact]
    public async Task A_caller_without_the_patience_to_wait_for_the_compiler_is_told_so_and_the_next_one_finds_it_done()
    {
        using var folder = new TemporaryFolder();
        await using (var before = await TestSilo.StartAsync(folder.Path, configure: options => options with { CodeCacheBytes = 0 }))
        {
            await before.DeployAsync("echo", "echo");
        }

        await using var silo = await TestSilo.StartAsync(folder.Path, configure: options => options with { CodeCacheBytes = 0 });
        using var hasty = new HttpRequestMessage(HttpMethod.Post, "/v1/functions/echo/invoke") { Content = new ByteArrayContent([7]) };
        hasty.Headers.Add("X-Helios-Deadline-Ms", "1");
        using var answer = await silo.Http.SendAsync(hasty);

        if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            await Answer.ProblemAsync(answer, HttpStatusCode.ServiceUnavailable, "compiling");
            answer.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
        }

        (await silo.CallAsync("echo", [7])).ShouldBe([7]);
    }

    private static async Task<(HttpStatusCode[] First, HttpStatusCode[] Later)> FirstAndLaterAsync(string engine)
    {
        using var folder = new TemporaryFolder();
        var first = new List<HttpStatusCode>();
        var later = new List<HttpStatusCode>();
        for (var start = 0; start < 2; start++)
        {
            await using var silo = SiloProcess.Start("--data", folder.Path, "--urls", "http://127.0.0.1:0", "--engine", engine);
            using var http = new HttpClient { BaseAddress = await silo.AddressAsync() };
            if (start == 0)
            {
                var module = await Answer.JsonAsync(await http.PutAsync("/v1/modules", new ByteArrayContent(TestSilo.Guest("wasi_upper"))));
                var body = new JsonObject { ["module"] = module["hash"]!.GetValue<string>(), ["limits"] = new JsonObject { ["timeoutMs"] = 50 } };
                await Answer.JsonAsync(await http.PutAsync("/v1/functions/upper", new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json")));
            }

            first.Add(await CallAsync(http));
            for (var i = 0; i < 30; i++)
            {
                later.Add(await CallAsync(http));
            }
        }

        return ([.. first], [.. later]);
    }

    private static async Task<HttpStatusCode> CallAsync(HttpClient http)
    {
        using var answer = await http.PostAsync("/v1/functions/upper/invoke", new ByteArrayContent("abc"u8.ToArray()));
        return answer.StatusCode;
    }
}
