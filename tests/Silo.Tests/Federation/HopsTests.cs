using System.Net;
using HeliosEdge.Silo.Tests.Access;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Federation;

[Trait("Category", "Slow")]
public sealed class HopsTests
{
    [Fact]
    public async Task Only_a_peer_may_say_that_it_passes_a_request_on()
    {
        using var folder = new TemporaryFolder();
        var (_, admin) = await KeyHolder.AddKeyAsync(folder.Path, "admin");
        await using var silo = await TestSilo.StartAsync(folder.Path);
        using var http = silo.With(admin);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/functions/echo/invoke");
        request.Headers.Add("X-Helios-Hops", "1");

        await Answer.ProblemAsync(await http.SendAsync(request), HttpStatusCode.Forbidden, "forbidden");
        await Answer.ProblemAsync(await http.GetAsync("/v1/peer/hello"), HttpStatusCode.Forbidden, "forbidden");
    }
}
