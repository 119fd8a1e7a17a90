using System.Net;
using System.Text;

namespace HeliosEdge.Cluster.Tests;

/// <summary>Responses of guests on another silo of the cluster, with silos that are processes of their own.</summary>
[Trait("Category", "Process")]
public sealed class StreamingTests : IAsyncLifetime
{
    private const string Beginning = "the beginning\n";

    // Less than the guests' own time: none of these tests passes because a guest has come to its end.
    private readonly CancellationTokenSource _watchdog = new(TimeSpan.FromSeconds(120));

    private ClusterSilo[] _silos = [];
    private string _cluster = "";

    private HttpClient Asked => _silos[0].Http;

    private HttpClient Running => _silos[1].Http;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await Task.WhenAll(_silos.Select(silo => silo.DisposeAsync().AsTask()));
        _watchdog.Dispose();
    }

    [PostgresFact]
    public async Task What_a_program_on_another_silo_writes_arrives_while_it_runs_and_it_is_ended_when_the_caller_leaves()
    {
        await StartAsync();
        await DeployAsync("ticks", 60_000);
        using (var response = await SendAsync(Get("/fn/ticks/ticks")))
        {
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            response.Content.Headers.ContentType!.ToString().ShouldBe("text/plain");
            response.Headers.GetValues("X-Helios-Region").ShouldBe(["us"]);
            response.Headers.GetValues("X-Helios-Version").ShouldBe(["1"]);
            await using var body = await response.Content.ReadAsStreamAsync(_watchdog.Token);
            await ExpectAsync(body, Beginning + "tick 0\ntick 1\ntick 2\n");
        }

        // There is one instance only, and a call that waits too long for it is refused.
        (await Running.GetStringAsync("/fn/ticks/steps", _watchdog.Token)).ShouldEndWith("step 4\n");
    }

    [PostgresFact]
    public async Task A_response_from_another_silo_is_whole_or_breaks()
    {
        const int blocks = 250;
        await StartAsync();
        await DeployAsync("large", 30_000);
        await DeployAsync("fails", 3_000);

        using var whole = await SendAsync(Get($"/fn/large/blocks?{blocks}"));
        (await whole.Content.ReadAsByteArrayAsync(_watchdog.Token)).Length.ShouldBe(Beginning.Length + (blocks * (64 << 10)));
        using var small = await SendAsync(Get("/fn/large/show/x?q"));
        (await small.Content.ReadAsStringAsync(_watchdog.Token)).ShouldContain("PATH_INFO=/show/x");

        using var broken = await SendAsync(Get("/fn/fails/spin"));
        await using var body = await broken.Content.ReadAsStreamAsync(_watchdog.Token);
        await ExpectAsync(body, Beginning);
        await Should.ThrowAsync<IOException>(async () => await body.ReadAtLeastAsync(new byte[1], 1, false, _watchdog.Token));
    }

    [PostgresFact]
    public async Task A_silo_that_joins_late_takes_its_share()
    {
        await StartAsync();
        await DeployAsync("ticks", 60_000);
        var answers = new List<HttpResponseMessage>();
        try
        {
            // A silo runs one at a time, and keeps the next one waiting: who is answered meanwhile is answered by another.
            answers.Add(await BeginAsync());
            await using var late = await ClusterSilo.StartAsync(_cluster, "us");
            await _silos[0].WaitForSiloAsync(late, "us");

            answers.Add(await BeginAsync());
            await late.KillAsync();

            await using var ended = await answers[1].Content.ReadAsStreamAsync(_watchdog.Token);
            await Should.ThrowAsync<IOException>(() => ended.CopyToAsync(Stream.Null, _watchdog.Token));
            await using var other = await answers[0].Content.ReadAsStreamAsync(_watchdog.Token);
            await ExpectAsync(other, "tick 0\ntick 1\n");
        }
        finally
        {
            answers.ForEach(answer => answer.Dispose());
        }

        async Task<HttpResponseMessage> BeginAsync()
        {
            var answer = await SendAsync(Get("/fn/ticks/ticks"));
            answer.EnsureSuccessStatusCode();
            await ExpectAsync(await answer.Content.ReadAsStreamAsync(_watchdog.Token), Beginning);
            return answer;
        }
    }

    [PostgresFact]
    public async Task A_silo_that_is_killed_in_the_middle_of_a_response_breaks_it()
    {
        await StartAsync();
        await DeployAsync("killed", 60_000);
        using var response = await SendAsync(Get("/fn/killed/ticks"));
        await using var body = await response.Content.ReadAsStreamAsync(_watchdog.Token);
        await ExpectAsync(body, Beginning);

        await _silos[1].KillAsync();

        await Should.ThrowAsync<IOException>(() => body.CopyToAsync(Stream.Null, _watchdog.Token));
    }

    [PostgresFact]
    public async Task A_body_of_unknown_length_gets_to_another_silo_whole()
    {
        await StartAsync();
        await DeployAsync("counts", 30_000);
        var (request, body) = InParts.Post("/fn/counts/show");
        using var sent = request;
        sent.Headers.Add("X-Helios-Region", "us");
        body.Send("hello ");
        body.Send("there");
        body.End();

        using var response = await SendAsync(sent);

        response.Headers.GetValues("X-Body-Bytes").ShouldBe(["11"]);
        (await response.Content.ReadAsStringAsync(_watchdog.Token)).ShouldContain("CONTENT_LENGTH=11\n");
    }

    private static HttpRequestMessage Get(string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("X-Helios-Region", "us");
        return request;
    }

    private async Task StartAsync()
    {
        _cluster = await PostgresServer.NewDatabaseAsync();
        _silos = await Task.WhenAll(ClusterSilo.StartAsync(_cluster, "eu"), ClusterSilo.StartAsync(_cluster, "us"));
        await _silos[0].WaitForRegionAsync("us");
    }

    private Task DeployAsync(string name, int timeoutMs) => _silos[0].DeployAsync(
        name, "wasi_cgi", "_start", new { timeoutMs, maxInstances = 1, maxResponseBytes = 16 << 20 }, "us");

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) =>
        Asked.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _watchdog.Token);

    private async Task ExpectAsync(Stream body, string text)
    {
        var bytes = new byte[text.Length];
        await body.ReadExactlyAsync(bytes, _watchdog.Token);
        Encoding.ASCII.GetString(bytes).ShouldBe(text);
    }
}
