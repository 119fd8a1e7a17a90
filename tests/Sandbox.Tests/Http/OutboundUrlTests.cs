using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using HeliosEdge.Sandbox.HostServices.Http;

namespace HeliosEdge.Sandbox.Tests.Http;

/// <summary>What is sent for a URL, seen by the server that gets it.</summary>
public sealed class OutboundUrlTests : IDisposable
{
    private readonly LocalServer _server = new(request => Target(request) switch
    {
        ['/', 't', 'o', '?', .. var location] => LocalServer.Redirect(302, Uri.UnescapeDataString(location)),
        _ => LocalServer.Ok(""),
    });

    private readonly OutboundHttp _http = new(
        new OutboundHttpOptions { AllowPrivateNetworks = true }, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]));

    [Theory]
    [InlineData("", "/")]
    [InlineData("/", "/")]
    [InlineData("?", "/?")]
    [InlineData("?a", "/?a")]
    [InlineData("#x", "/")]
    [InlineData("/?#x?y", "/?")]
    [InlineData("/%7E/~/%e2%82%AC", "/%7E/~/%e2%82%AC")]
    [InlineData("/a%2fb%2Fc%5Cd?%2f%26&%zz%", "/a%2fb%2Fc%5Cd?%2f%26&%zz%")]
    [InlineData("/%zz/%/%4", "/%zz/%/%4")]
    [InlineData("/a|b?a|b", "/a|b?a|b")]
    [InlineData("/!$&'()*+,;=:@[]-._~?!$&()*+,;=:@[]-._~/", "/!$&'()*+,;=:@[]-._~?!$&()*+,;=:@[]-._~/")]
    [InlineData("/\"<>^`{}?\"<>^`{}'", "/%22%3C%3E%5E%60%7B%7D?%22%3C%3E^`{}%27")]
    [InlineData("//a///b//", "//a///b//")]
    [InlineData("\\a\\b?c\\d", "/a/b?c\\d")]
    [InlineData("/a/./b/../c", "/a/c")]
    [InlineData("/a/..", "/")]
    [InlineData("/a/b/..", "/a/")]
    [InlineData("/a/.", "/a/")]
    [InlineData("/../../a", "/a")]
    [InlineData("/a/%2e%2E/b/%2e/c/.%2e", "/b/")]
    [InlineData("/a\\..\\b", "/b")]
    [InlineData("/a//../b", "/a/b")]
    [InlineData("/.../a../..a/.%2e.", "/.../a../..a/.%2e.")]
    [InlineData("/a?b/../c", "/a?b/../c")]
    [InlineData("/X-Amz-Signature?k=a%2Bb+c%20d~e%7Ef", "/X-Amz-Signature?k=a%2Bb+c%20d~e%7Ef")]
    public void Path_and_query_are_sent_as_the_guest_wrote_them_but_for_what_the_url_standard_changes(string given, string sent)
    {
        Send($"http://api.test:{_server.Port}{given}");

        Target(_server.Requests.ShouldHaveSingleItem()).ShouldBe(sent);
    }

    [Theory]
    [InlineData("http://API.test:PORT/", "api.test:PORT")]
    [InlineData("HTTP://api.test:PORT/", "api.test:PORT")]
    [InlineData("http:\\\\api.test:PORT\\x", "api.test:PORT")]
    [InlineData("http://api.test:0PORT/", "api.test:PORT")]
    public void Hosts_are_read_as_the_standard_has_them(string url, string host)
    {
        var port = _server.Port.ToString(CultureInfo.InvariantCulture);

        Send(url.Replace("PORT", port, StringComparison.Ordinal));

        _server.Requests.ShouldHaveSingleItem().ShouldContain($"\r\nHost: {host.Replace("PORT", port, StringComparison.Ordinal)}\r\n", Case.Insensitive);
    }

    [Theory]
    [InlineData("http://api.test/a\rb", "U+000D at 17")]
    [InlineData("http://api.test/\nHost: x", "U+000A at 16")]
    [InlineData("http://api.test/\0", "U+0000")]
    [InlineData("http://api.test/a\tb", "U+0009")]
    [InlineData("http://api.test/a b", "U+0020")]
    [InlineData("http://api.test/\u007F", "U+007F")]
    [InlineData("http://api.test/é", "U+00E9 at 16")]
    [InlineData("http://api.test/?😀", "U+1F600 at 17")]
    [InlineData("http://bücher.test/", "U+00FC")]
    [InlineData(" http://api.test/", "U+0020 at 0")]
    [InlineData("http:api.test/", "http: is not followed by //")]
    [InlineData("http:/api.test/", "http: is not followed by //")]
    [InlineData("http:///api.test/", "its host \"\" is none")]
    [InlineData("http://", "its host \"\" is none")]
    [InlineData("http://evil.test@api.test/", "has a user's name in it")]
    [InlineData("http://api.test\\@evil.test/", "")]
    [InlineData("http://@api.test/", "has a user's name in it")]
    [InlineData("http://evil.test\\.api.test/", "")]
    [InlineData("http://api%2etest/", "its host \"api%2etest\" is none")]
    [InlineData("http://api.test%2f.evil.test/", "is none")]
    [InlineData("http://api.test:80:80/", "has the port \"80:80\"")]
    [InlineData("http://api.test:65536/", "has the port \"65536\"")]
    [InlineData("http://api.test:+80/", "has the port \"+80\"")]
    [InlineData("http://[::1/", "is none")]
    [InlineData("http://[::1]x/", "is none")]
    [InlineData("http://[::1%251]/", "is none")]
    [InlineData("http://a,b/", "is none")]
    [InlineData("http://(x)/", "is none")]
    [InlineData("javascript:alert(1)", "is of \"javascript\", not of http or https")]
    [InlineData("//api.test/", "is not absolute")]
    [InlineData("api.test/", "is not absolute")]
    public void What_is_no_url_of_an_allowed_host_is_refused_and_says_why(string url, string expected)
    {
        var refused = Should.Throw<SandboxException>(() => Send(url, "none.test"));

        refused.Message.ShouldContain(expected);
        refused.Code.ShouldBe(expected.Length > 0 ? ErrorCodes.HttpRequestInvalid : ErrorCodes.HttpHostDenied);
    }

    [Theory]
    [InlineData("/b", "/b")]
    [InlineData("b?c", "/b?c")]
    [InlineData("../../b/./c%2f%7E|%zz", "/b/c%2f%7E|%zz")]
    [InlineData("\\b\\c", "/b/c")]
    [InlineData("//api.test:PORT/b", "/b")]
    [InlineData("\\\\api.test:PORT/b", "/b")]
    [InlineData("http://api.test:PORT/b#c", "/b")]
    public void A_redirect_is_read_by_the_same_rules(string location, string sent)
    {
        location = location.Replace("PORT", _server.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

        Send($"http://api.test:{_server.Port}/to?{Uri.EscapeDataString(location)}");

        Target(_server.Requests.Last()).ShouldBe(sent);
        _server.Requests.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("", "/a/b?c")]
    [InlineData("#x", "/a/b?c")]
    [InlineData("?d", "/a/b?d")]
    [InlineData("d", "/a/d")]
    [InlineData("/", "/")]
    [InlineData(".", "/a/")]
    [InlineData("..", "/")]
    [InlineData("./d:e", "/a/d:e")]
    public void A_redirect_is_relative_to_what_was_asked_for(string location, string target)
    {
        OutboundUrl.TryResolve(new Uri("https://api.test:444/a/b?c"), location, out var url, out _).ShouldBeTrue();

        url!.ToString().ShouldBe($"https://api.test:444{target}");
    }

    [Fact]
    public void Letters_outside_ASCII_in_a_redirect_stand_for_the_escapes_of_their_UTF8()
    {
        OutboundUrl.TryResolve(new Uri("http://api.test/a"), "/é😀?ü", out var url, out _).ShouldBeTrue();

        url!.PathAndQuery.ShouldBe("/%C3%A9%F0%9F%98%80?%C3%BC");
        OutboundUrl.TryResolve(new Uri("http://api.test/a"), "http://bücher.test/", out _, out var why).ShouldBeFalse();
        why!.ShouldContain("xn--");
    }

    [Theory]
    [InlineData("http:b")]
    [InlineData("http:///b")]
    [InlineData("ftp://api.test/b")]
    [InlineData("http://user@api.test/")]
    [InlineData("b c")]
    public void A_redirect_to_what_is_no_url_is_not_followed(string location)
    {
        var refused = Should.Throw<SandboxException>(() => Send($"http://api.test:{_server.Port}/to?{Uri.EscapeDataString(location)}"));

        refused.Code.ShouldBe(ErrorCodes.HttpFailed);
        _server.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("patch", "patch")]
    [InlineData("Purge", "Purge")]
    [InlineData("x-own", "x-own")]
    [InlineData("PATCH", "PATCH")]
    [InlineData("get", "GET")]
    [InlineData("Post", "POST")]
    [InlineData("head", "HEAD")]
    public void Methods_keep_their_case_but_for_those_that_the_fetch_standard_has_in_capitals(string given, string sent)
    {
        _http.Send(
            new() { Url = $"http://api.test:{_server.Port}/", Method = given },
            new OutboundHttpSender("f", "eu", [AllowedHost.Parse($"api.test:{_server.Port}")], 100),
            TimeSpan.FromSeconds(30));

        _server.Requests.ShouldHaveSingleItem().ShouldStartWith($"{sent} / ");
    }

    public void Dispose()
    {
        _http.Dispose();
        _server.Dispose();
    }

    private static string Target(string request) => request.Split(' ')[1];

    private void Send(string url, string? allowed = null)
    {
        ImmutableArray<AllowedHost> hosts = [AllowedHost.Parse(allowed ?? $"api.test:{_server.Port}")];
        _http.Send(new() { Url = url }, new OutboundHttpSender("f", "eu", hosts, 100), TimeSpan.FromSeconds(30)).Status.ShouldBe(200);
    }
}
