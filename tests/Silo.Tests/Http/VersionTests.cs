using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Http;

[Trait("Category", "Slow")]
public sealed class VersionTests(OneSilo shared) : IClassFixture<OneSilo>
{
    private readonly TestSilo _silo = shared.Silo;

    [Fact]
    public async Task A_function_is_changed_rolled_back_and_divided()
    {
        (await _silo.DeployAsync("life", "echo"))["version"]!.GetValue<int>().ShouldBe(1);
        (await _silo.DeployAsync("life", "echo"))["version"]!.GetValue<int>().ShouldBe(1);
        (await _silo.DeployAsync("life", "counter"))["version"]!.GetValue<int>().ShouldBe(2);
        await RanAsync("life", "2");

        var back = await Answer.JsonAsync(await _silo.Http.PostAsync("/v1/functions/life/rollback", null));
        (back["version"]!.GetValue<int>(), back["traffic"]!.ToJsonString()).ShouldBe((1, """{"1":100}"""));
        await RanAsync("life", "1");
        await Answer.JsonAsync(await SendAsync(HttpMethod.Post, "life/rollback", """{"version": 2}"""));
        await RanAsync("life", "2");

        var divided = await Answer.JsonAsync(await SendAsync(HttpMethod.Put, "life/traffic", """{"1": 90, "2": 10}"""));
        divided["traffic"]!.ToJsonString().ShouldBe("""{"1":90,"2":10}""");
        var found = await Answer.JsonAsync(await _silo.Http.GetAsync("/v1/functions/life"));
        (found["version"]!.GetValue<int>(), found["traffic"]!.ToJsonString()).ShouldBe((2, """{"1":90,"2":10}"""));

        (await _silo.Http.DeleteAsync("/v1/functions/life")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await Answer.ProblemAsync(await _silo.Http.GetAsync("/v1/functions/life/versions"), HttpStatusCode.NotFound, "function_not_found");
        await Answer.ProblemAsync(await _silo.Http.GetAsync("/v1/functions/life/versions/1"), HttpStatusCode.NotFound, "function_not_found");
        (await _silo.DeployAsync("life", "echo"))["version"]!.GetValue<int>().ShouldBe(1);
    }

    [Fact]
    public async Task Versions_are_listed_the_newest_first()
    {
        for (var i = 1; i <= 5; i++)
        {
            await _silo.DeployAsync("many", "echo", limits: new JsonObject { ["timeoutMs"] = i });
        }

        var first = await Answer.JsonAsync(await _silo.Http.GetAsync("/v1/functions/many/versions?limit=3"));
        var second = await Answer.JsonAsync(await _silo.Http.GetAsync($"/v1/functions/many/versions?limit=3&before={first["next"]}"));
        var one = await Answer.JsonAsync(await _silo.Http.GetAsync("/v1/functions/many/versions/2"));

        first["versions"]!.AsArray().Select(version => $"{version!["version"]} {version["weight"]}").ShouldBe(["5 100", "4 0", "3 0"]);
        second["versions"]!.AsArray().Select(version => version!["version"]!.GetValue<int>()).ShouldBe([2, 1]);
        second["next"].ShouldBeNull();
        one["function"]!["limits"]!["timeoutMs"]!.GetValue<int>().ShouldBe(2);
        one["createdAt"]!.GetValue<DateTimeOffset>().ShouldBeGreaterThan(DateTimeOffset.UtcNow - TimeSpan.FromHours(1));
        await Answer.ProblemAsync(await _silo.Http.GetAsync("/v1/functions/many/versions/6"), HttpStatusCode.NotFound, "version_not_found");
        await Answer.ProblemAsync(await _silo.Http.GetAsync("/v1/functions/many/versions?limit=0"), HttpStatusCode.BadRequest, "invalid_parameter");
    }

    [Theory]
    [InlineData("PUT", "traffic", "", "no JSON")]
    [InlineData("PUT", "traffic", "[]", "must be a JSON object")]
    [InlineData("PUT", "traffic", "{}", "From 1 to 10 versions")]
    [InlineData("PUT", "traffic", """{"1": "x"}""", "\"1\" must be a whole number, not \"x\"")]
    [InlineData("PUT", "traffic", """{"1": -1}""", "The weight of version 1 must be from 0 to 1000000, not -1")]
    [InlineData("PUT", "traffic", """{"1": 99999999999}""", "version 1")]
    [InlineData("PUT", "traffic", """{"1": 1, "1": 2}""", "1")]
    [InlineData("PUT", "traffic", """{"1": 1, "01": 2}""", "twice")]
    [InlineData("PUT", "traffic", """{"one": 1}""", "\"one\" is not the number of a version")]
    [InlineData("PUT", "traffic", """{"0": 1}""", "\"0\" is not the number of a version")]
    [InlineData("POST", "rollback", """{"to": 1}""", "Unknown member \"to\"")]
    [InlineData("POST", "rollback", """{"version": 0}""", "version must be from 1")]
    [InlineData("POST", "rollback", """{"version": "1"}""", "version must be a whole number")]
    public async Task What_is_not_right_is_refused_and_the_fault_named(string method, string what, string body, string named)
    {
        await _silo.DeployAsync("fixed", "echo");

        var problem = await Answer.ProblemAsync(await SendAsync(new HttpMethod(method), $"fixed/{what}", body), HttpStatusCode.BadRequest, "invalid_parameter");

        problem["detail"]!.GetValue<string>().ShouldContain(named);
        await RanAsync("fixed", "1");
    }

    [Fact]
    public async Task While_a_function_is_switched_every_answer_is_of_one_version()
    {
        await _silo.DeployAsync("switched", "echo");
        await _silo.DeployAsync("switched", "counter");
        using var done = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 200).Select(_ => Task.Run(async () =>
        {
            do
            {
                using var response = await _silo.InvokeAsync("switched", [7, 7, 7]);
                var body = Convert.ToHexString(await response.Content.ReadAsByteArrayAsync());
                response.StatusCode.ShouldBe(HttpStatusCode.OK);
                $"{response.Headers.GetValues("X-Helios-Version").Single()} {body}".ShouldBeOneOf("1 070707", "2 0101");
            }
            while (!done.IsCancellationRequested);
        })).ToArray();

        for (var i = 0; i < 10; i++)
        {
            var version = 1 + (i % 2);
            await Answer.JsonAsync(await SendAsync(HttpMethod.Post, "switched/rollback", $$"""{"version": {{version}}}"""));
            await RanAsync("switched", $"{version}");
        }

        await done.CancelAsync();
        await Task.WhenAll(callers);
    }

    [Fact]
    public async Task Functions_are_listed_in_pages()
    {
        await using var silo = await TestSilo.StartAsync();
        foreach (var name in (string[])["b", "a", "b1", "c"])
        {
            await silo.DeployAsync(name, "echo", regions: name == "a" ? ["us-east"] : null);
        }

        (await PageAsync("/v1/functions?limit=3")).ShouldBe("a b b1 > b1");
        (await PageAsync("/v1/functions?limit=3&after=b1")).ShouldBe("c > ");
        (await PageAsync("/v1/functions?prefix=b")).ShouldBe("b b1 > ");
        (await PageAsync("/v1/regions/eu-west/functions?limit=1")).ShouldBe("b > b");
        (await PageAsync("/v1/regions/eu-west/functions?limit=2&after=b")).ShouldBe("b1 c > ");
        await Answer.ProblemAsync(await silo.Http.GetAsync("/v1/functions?limit=1001"), HttpStatusCode.BadRequest, "invalid_parameter");
        await Answer.ProblemAsync(await silo.Http.GetAsync("/v1/functions?limit=x"), HttpStatusCode.BadRequest, "invalid_parameter");

        async Task<string> PageAsync(string path)
        {
            var page = await Answer.JsonAsync(await silo.Http.GetAsync(path));
            return $"{string.Join(' ', page["functions"]!.AsArray().Select(function => function!["name"]))} > {page["next"]}";
        }
    }

    private Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string body) => _silo.Http.SendAsync(
        new HttpRequestMessage(method, $"/v1/functions/{path}") { Content = new StringContent(body, Encoding.UTF8, "application/json") });

    private async Task RanAsync(string name, string version)
    {
        using var response = await _silo.InvokeAsync(name, [1]);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Headers.GetValues("X-Helios-Version").ShouldBe([version]);
    }
}
