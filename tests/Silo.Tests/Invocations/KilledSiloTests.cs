using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Invocations;

/// <summary>
/// Accepted calls and a silo that is killed: twice while it accepts, once while it only runs. The guest notes in SQL when it begins and ends,
/// or under keys where silos share a queue, so that the test sees what ran, not only what the silo says.
/// </summary>
[Trait("Category", "Process")]
public sealed class KilledSiloTests
{
    private const int Count = 1_000;
    private const int Callers = 32;
    private const int Kills = 3;

    /// <summary>Half of the guest threads are for queued calls; no more than these can be under way when the silo is killed.</summary>
    private const int AtOnce = 4;

    [Fact]
    public async Task A_thousand_accepted_invocations_all_succeed_once_although_the_silo_is_killed_among_them()
    {
        using var folder = new TemporaryFolder();
        var address = new Uri($"http://127.0.0.1:{FreePorts.Take()}");
        using var http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(3) };
        var silo = await StartAsync(folder, address);
        try
        {
            await DeployAsync(http);
            var accepted = new Accepted();
            var accepting = Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => EnqueueAllAsync(http, accepted, caller))));
            foreach (var enough in (int[])[Count / 3, Count * 2 / 3])
            {
                await accepted.WaitForAsync(enough);
                await silo.KillAsync();
                accepting.IsCompleted.ShouldBeFalse("the silo was killed too late to prove anything");
                await silo.DisposeAsync();
                silo = await StartAsync(folder, address);
            }

            await accepting;
            await silo.KillAsync();
            await silo.DisposeAsync();
            silo = await StartAsync(folder, address);
            (await CountAsync(http, "queued") + await CountAsync(http, "running")).ShouldBeGreaterThan(0, "the silo was killed too late to prove anything");

            accepted.Ids.Distinct().Count().ShouldBe(Count);
            for (var i = 0; i < Count; i++)
            {
                var done = await Answer.JsonAsync(await http.GetAsync($"/v1/invocations/{accepted.Ids[i]}?wait=60s"));
                done["state"]!.GetValue<string>().ShouldBe("succeeded", done.ToJsonString());
                done["result"]!.GetValue<string>().ShouldBe($"{i}");
            }

            (await CountAsync(http, "succeeded")).ShouldBe(Count);
            foreach (var state in (string[])["queued", "running", "failed", "dead", "cancelled"])
            {
                (await CountAsync(http, state)).ShouldBe(0, state);
            }

            await CheckMarksAsync(http);
        }
        finally
        {
            await silo.DisposeAsync();
        }
    }

    [PostgresFact]
    public async Task Two_silos_share_a_queue_and_one_takes_over_from_the_other_that_is_killed()
    {
        var url = await PostgresServer.NewDatabaseAsync();
        using var first = new TemporaryFolder();
        using var second = new TemporaryFolder();
        var address = new Uri($"http://127.0.0.1:{FreePorts.Take()}");
        using var http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(3) };
        var killed = await StartAsync(first, address, url);
        try
        {
            await DeployAsync(http, "work", "attempts", "handle", new JsonObject { ["capabilities"] = new JsonArray("kv.read", "kv.write", "log", "random") });
            await using var survivor = await StartAsync(second, new Uri("http://127.0.0.1:0"), url);
            using var other = new HttpClient { BaseAddress = await survivor.AddressAsync(), Timeout = TimeSpan.FromMinutes(3) };
            var accepted = new Accepted();
            await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => EnqueueAllAsync(caller % 2 == 0 ? http : other, accepted, caller))));
            await Task.WhenAll(killed.WaitForAsync("begun"), survivor.WaitForAsync("begun"));
            await killed.KillAsync();
            var killedAt = DateTimeOffset.UtcNow;
            (await CountAsync(other, "queued") + await CountAsync(other, "running")).ShouldBeGreaterThan(0, "the silo was killed too late to prove anything");

            var startedAt = new DateTimeOffset[Count];
            for (var i = 0; i < Count; i++)
            {
                var done = await Answer.JsonAsync(await other.GetAsync($"/v1/invocations/{accepted.Ids[i]}?wait=60s"));
                done["state"]!.GetValue<string>().ShouldBe("succeeded", done.ToJsonString());
                startedAt[i] = done["startedAt"]!.GetValue<DateTimeOffset>();
            }

            var attempts = (await AttemptsAsync(other)).CountBy(work => work).ToList();
            attempts.Count.ShouldBe(Count);
            attempts.ShouldAllBe(attempt => attempt.Value <= 2);
            var twice = attempts.Where(attempt => attempt.Value == 2).Select(attempt => attempt.Key).ToList();
            twice.Count.ShouldBeLessThanOrEqualTo(AtOnce, "only what was under way at the kill is repeated");
            twice.ShouldAllBe(work => startedAt[work] > killedAt, "a lease was taken while it was held");
        }
        finally
        {
            await killed.DisposeAsync();
        }
    }

    // What a killed attempt has done stays done, and its next attempt does it again; more than that never happens.
    private static async Task CheckMarksAsync(HttpClient http)
    {
        var marks = (await MarksAsync(http)).ToList();
        var ends = marks.Where(mark => mark.Began is not null).ToDictionary(mark => mark.Began!.Value, mark => mark.Id);
        var begun = marks.Where(mark => mark.Began is null).ToLookup(mark => mark.Work, mark => mark.Id);
        begun.Count.ShouldBe(Count);
        (marks.Count - ends.Count).ShouldBeLessThanOrEqualTo(Count + (Kills * AtOnce), "only attempts that were under way at a kill are repeated");
        foreach (var work in begun)
        {
            work.ShouldContain(start => ends.ContainsKey(start), $"{work.Key} succeeded without an attempt that came to its end");
            foreach (var start in work.Where(ends.ContainsKey))
            {
                work.ShouldNotContain(other => other > start && other < ends[start], $"two attempts of {work.Key} ran at the same time");
            }
        }
    }

    // The work of each attempt that has begun, on whichever silo.
    private static async Task<List<int>> AttemptsAsync(HttpClient http)
    {
        var works = new List<int>();
        for (var after = ""; ;)
        {
            using var answer = await http.PostAsync("/v1/functions/work/invoke", new StringContent($"?{after}"));
            var keys = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsArray().Select(key => key!.GetValue<string>()).ToList();
            if (keys.Count == 0)
            {
                return works;
            }

            works.AddRange(keys.Select(key => int.Parse(key.Split('/')[0], CultureInfo.InvariantCulture)));
            after = keys[^1];
        }
    }

    private static async Task<IEnumerable<(long Id, long Work, long? Began)>> MarksAsync(HttpClient http)
    {
        using var answer = await http.PostAsync("/v1/functions/query/invoke", new StringContent("SELECT rowid, work, began FROM marks"));
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["rows"]!.AsArray()
            .Select(row => (row![0]!.GetValue<long>(), row[1]!.GetValue<long>(), row[2]?.GetValue<long>()));
    }

    private static async Task<SiloProcess> StartAsync(TemporaryFolder folder, Uri address, string store = "sqlite")
    {
        var silo = SiloProcess.Start(
            ["--data", folder.Path, "--urls", address.ToString(), "--regions", "eu-west", "--silo-port", "0", "--guest-threads", $"{2 * AtOnce}"], ("HELIOS_STORE", store));
        await silo.AddressAsync();
        return silo;
    }

    private static async Task DeployAsync(HttpClient http)
    {
        foreach (var (name, guest, entry) in ((string, string, string)[])[("execute", "database", "execute"), ("query", "database", "query"), ("work", "ledger", "handle")])
        {
            await DeployAsync(http, name, guest, entry, new JsonObject { ["profile"] = "database_only" });
        }

        using var made = await http.PostAsync("/v1/functions/execute/invoke", new StringContent("CREATE TABLE marks (work INTEGER NOT NULL, began INTEGER)"));
        (await made.Content.ReadAsStringAsync()).ShouldContain("rowsAffected");
    }

    private static async Task DeployAsync(HttpClient http, string name, string guest, string entry, JsonObject registration)
    {
        var module = await Answer.JsonAsync(await http.PutAsync("/v1/modules", new ByteArrayContent(TestSilo.Guest(guest))));
        registration["module"] = module["hash"]!.GetValue<string>();
        registration["entry"] = entry;
        registration["maxAttempts"] = 20;
        registration["limits"] = new JsonObject { ["timeoutMs"] = 30_000 };
        await Answer.JsonAsync(await http.PutAsync(
            $"/v1/functions/{name}", new StringContent(registration.ToJsonString(), Encoding.UTF8, "application/json")));
    }

    private static async Task EnqueueAllAsync(HttpClient http, Accepted accepted, int caller)
    {
        for (var work = caller; work < Count; work += Callers)
        {
            accepted.Add(work, await EnqueueAsync(http, work));
        }
    }

    // A caller who saw no answer cannot know; with the same key it asks again until it does.
    private static async Task<string> EnqueueAsync(HttpClient http, int work)
    {
        using var watchdog = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/functions/work/invoke-async") { Content = new StringContent($"{work}") };
                request.Headers.Add("Idempotency-Key", $"work-{work}");
                using var answer = await http.SendAsync(request, watchdog.Token);
                answer.StatusCode.ShouldBeOneOf(HttpStatusCode.Accepted, HttpStatusCode.OK);
                return (await Answer.JsonAsync(answer))["id"]!.GetValue<string>();
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                await Task.Delay(50, watchdog.Token);
            }
        }
    }

    private static async Task<int> CountAsync(HttpClient http, string state) =>
        (await Answer.JsonAsync(await http.GetAsync($"/v1/invocations?state={state}&limit=1000")))["invocations"]!.AsArray().Count;

    private sealed class Accepted
    {
        private readonly TaskCompletionSource[] _reached =
            [.. Enumerable.Range(0, Count + 1).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];

        private int _number;

        public string[] Ids { get; } = new string[Count];

        public Task WaitForAsync(int number) => _reached[number].Task.WaitAsync(TimeSpan.FromMinutes(2));

        public void Add(int work, string id)
        {
            Ids[work] = id;
            _reached[Interlocked.Increment(ref _number)].SetResult();
        }
    }
}
