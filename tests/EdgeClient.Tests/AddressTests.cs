using Shouldly;
using Xunit;

namespace HeliosEdge.Client.Tests;

public sealed class AddressTests
{
    [Theory]
    [InlineData("ftp://127.0.0.1/")]
    [InlineData("http://127.0.0.1/?a=b")]
    [InlineData("http://127.0.0.1/#part")]
    [InlineData("relative/path")]
    public void AnAddressThatIsNoSilosIsRefused(string address)
    {
        var uri = new Uri(address, UriKind.RelativeOrAbsolute);

        Should.Throw<ArgumentException>(() => new HttpEdgeClient(uri)).Message.ShouldContain(address);
    }

    [Fact]
    public void AnHttpClientWithoutBaseAddressIsRefused()
    {
        using var http = new HttpClient();

        Should.Throw<ArgumentException>(() => new HttpEdgeClient(http)).Message.ShouldContain("BaseAddress");
    }

    [Theory]
    [InlineData("", "GET /v1/regions HTTP/1.1")]
    [InlineData("/", "GET /v1/regions HTTP/1.1")]
    [InlineData("/helios", "GET /helios/v1/regions HTTP/1.1")]
    [InlineData("/helios/", "GET /helios/v1/regions HTTP/1.1")]
    public async Task APathPrefixOfTheAddressIsKept(string prefix, string expected)
    {
        await using var server = RawServer.Answering(200, "application/json", """{"regions":[]}""");
        using var client = new HttpEdgeClient(new Uri(server.Address.GetLeftPart(UriPartial.Authority) + prefix));

        (await client.ListRegionsAsync()).ShouldBeEmpty();

        server.Requests.ShouldHaveSingleItem().Line.ShouldBe(expected);
    }

    [Fact]
    public async Task AnHttpClientHandedInStaysUsableAfterDispose()
    {
        await using var server = RawServer.Answering(200, "application/json", """{"regions":[]}""");
        using var http = new HttpClient { BaseAddress = server.Address };

        new HttpEdgeClient(http).Dispose();

        (await http.GetStringAsync(new Uri("anything", UriKind.Relative))).ShouldContain("regions");
    }
}
