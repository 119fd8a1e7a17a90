using System.Net;
using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Tests.Running;
using Microsoft.AspNetCore.Http;

namespace HeliosEdge.Silo.Tests.Access;

[Trait("Category", "Slow")]
public sealed class CrossSiteTests(OneSilo shared) : IClassFixture<OneSilo>
{
    private readonly TestSilo _silo = shared.Silo;

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site", true)]
    [InlineData("Sec-Fetch-Site", "same-site", true)]
    [InlineData("Sec-Fetch-Site", "something-new", true)]
    [InlineData("Sec-Fetch-Site", "same-origin", false)]
    [InlineData("Sec-Fetch-Site", "none", false)]
    [InlineData("Origin", "https://evil.example", true)]
    [InlineData("Origin", "null", true)]
    [InlineData("Origin", "http://127.0.0.1:1", true)]
    [InlineData("Origin", "http://127.0.0.1", true)]
    [InlineData("Origin", "OWN", false)]
    [InlineData("User-Agent", "curl/8", false)]
    public async Task A_page_of_another_site_changes_and_calls_nothing(string header, string value, bool refused)
    {
        if (value == "OWN")
        {
            value = _silo.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);
        }

        (HttpMethod Method, string Path)[] writes =
        [
            (HttpMethod.Delete, "/v1/functions/nosuch"),
            (HttpMethod.Post, "/v1/functions/nosuch/invoke"),
            (HttpMethod.Delete, "/v1/keys/nosuch"),
            (HttpMethod.Post, "/fn/nosuch"),
            (HttpMethod.Get, "/fn/nosuch/page"),
            (HttpMethod.Options, "/fn/nosuch/page"),
            (new HttpMethod("PURGE"), "/fn/nosuch/page"),
        ];
        foreach (var (method, path) in writes)
        {
            using var request = new HttpRequestMessage(method, path);
            request.Headers.TryAddWithoutValidation(header, value);
            using var answer = await _silo.Http.SendAsync(request);
            answer.StatusCode.ShouldBe(refused ? HttpStatusCode.Forbidden : HttpStatusCode.NotFound);
            if (refused)
            {
                (await Answer.ProblemAsync(answer, HttpStatusCode.Forbidden, "cross_site_request"))["detail"]!.GetValue<string>().ShouldContain(value);
            }
        }

        using var read = new HttpRequestMessage(HttpMethod.Get, "/v1/functions");
        read.Headers.TryAddWithoutValidation(header, value);
        (await _silo.Http.SendAsync(read)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public void Of_all_texts_only_the_own_origin_is_the_own_origin()
    {
        var origins = Gen.OneOf(
            ArbMap.Default.GeneratorFor<string>().Select(text => text ?? ""),
            ArbMap.Default.GeneratorFor<string>().Select(text => $"https://edge.example.org{text}"),
            ArbMap.Default.GeneratorFor<string>().Select(text => $"https://{text}edge.example.org"),
            Gen.Elements("https://edge.example.org", "http://EDGE.example.org:80", "https://edge.example.org:443")).ToArbitrary();

        Prop.ForAll(origins, origin =>
        {
            var request = new DefaultHttpContext().Request;
            request.Host = new HostString("edge.example.org");
            request.Headers.Origin = origin;
            if (CrossSite.Reason(request) is null)
            {
                var own = new Uri(origin);
                own.Host.ShouldBe("edge.example.org");
                own.IsDefaultPort.ShouldBeTrue();
            }
            else
            {
                origin.ShouldNotBe("https://edge.example.org");
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("silo.localhost:8080", true)]
    [InlineData("127.0.0.1:9", true)]
    [InlineData("127.1.2.3", true)]
    [InlineData("[::1]:8080", true)]
    [InlineData("evil.example", false)]
    [InlineData("evil.example:8080", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("127.0.0.1.evil.example", false)]
    [InlineData("192.168.0.1", false)]
    public async Task Without_keys_only_the_names_of_this_machine_are_answered_to(string host, bool accepted)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/functions") { Headers = { Host = host } };

        using var answer = await _silo.Http.SendAsync(request);

        if (accepted)
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        }
        else
        {
            await Answer.ProblemAsync(answer, HttpStatusCode.Forbidden, "cross_site_request");
        }
    }

    [Fact]
    public async Task With_a_key_any_name_is_answered_to()
    {
        using var folder = new TemporaryFolder();
        var (_, text) = await KeyHolder.AddKeyAsync(folder.Path, "read");
        await using var silo = await TestSilo.StartAsync(folder.Path);
        using var http = silo.With(text);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/functions") { Headers = { Host = "edge.example.org" } };

        (await http.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}
