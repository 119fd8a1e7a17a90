using System.Net;
using HeliosEdge.Silo.Tests.Access;
using HeliosEdge.Silo.Tests.Running;
using static HeliosEdge.Silo.Tests.Databases.SqlOverHttp;

namespace HeliosEdge.Silo.Tests.Databases;

public sealed class DatabaseAccessTests
{
    [Theory]
    [InlineData("data.read", "200 200 403 403")]
    [InlineData("data.write", "200 200 200 200")]
    [InlineData("admin", "200 200 200 200")]
    [InlineData("deploy invoke read", "403 403 403 403")]
    public async Task A_key_may_do_in_databases_what_its_scopes_say(string scopes, string statuses)
    {
        using var folder = new TemporaryFolder();
        var (_, text) = await KeyHolder.AddKeyAsync(folder.Path, scopes);
        await using var silo = await TestSilo.StartAsync(folder.Path);
        using var http = silo.With(text);

        HttpResponseMessage[] answers =
        [
            await http.GetAsync("/v1/databases"),
            await http.SendAsync("query", Statement("SELECT 1")),
            await http.SendAsync("execute", Statement("CREATE TABLE a (x)")),
            await http.SendAsync("batch", Batch("CREATE TABLE b (x)")),
        ];

        string.Join(' ', answers.Select(answer => (int)answer.StatusCode)).ShouldBe(statuses);
        string[] needed = ["data.read", "data.read", "data.write", "data.write"];
        for (var i = 0; i < answers.Length; i++)
        {
            if (answers[i].StatusCode == HttpStatusCode.Forbidden)
            {
                var problem = await Answer.ProblemAsync(answers[i], HttpStatusCode.Forbidden, "forbidden");
                problem["detail"]!.GetValue<string>().ShouldContain($"scope {needed[i]},");
                answers[i].Headers.WwwAuthenticate.ToString().ShouldContain($"scope=\"{needed[i]}\"");
            }
        }
    }

    [Fact]
    public async Task A_key_for_data_may_do_nothing_else()
    {
        using var folder = new TemporaryFolder();
        var (_, text) = await KeyHolder.AddKeyAsync(folder.Path, "data.write");
        await using var silo = await TestSilo.StartAsync(folder.Path);
        using var http = silo.With(text);

        HttpStatusCode[] statuses =
        [
            (await http.GetAsync("/v1/functions")).StatusCode,
            (await http.PostAsync("/v1/functions/nosuch/invoke", new ByteArrayContent([]))).StatusCode,
            (await http.DeleteAsync("/v1/functions/nosuch")).StatusCode,
            (await http.GetAsync("/v1/keys")).StatusCode,
        ];

        statuses.ShouldAllBe(status => status == HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Changes_are_in_the_log_and_their_text_is_not()
    {
        using var folder = new TemporaryFolder();
        var (_, text) = await KeyHolder.AddKeyAsync(folder.Path, "admin");
        await using var silo = await TestSilo.StartAsync(folder.Path);
        using var http = silo.With(text);
        await http.ExecuteAsync("CREATE TABLE secret_name (x)");
        await http.SendAsync("batch", Batch("INSERT INTO secret_name VALUES ('secret')", "INSERT INTO nosuch VALUES ('secret')"));
        await http.RowsAsync("SELECT * FROM secret_name");

        var log = await Answer.JsonAsync(await http.GetAsync("/v1/audit"));

        log["entries"]!.AsArray().Select(entry => $"{entry!["action"]} {entry["target"]} {entry["status"]}").ShouldBe(
            ["data.batch /v1/databases/main/batch?region=eu-west 422", "data.execute /v1/databases/main/execute?region=eu-west 200"]);
        log.ToJsonString().ShouldNotContain("secret");
    }
}
