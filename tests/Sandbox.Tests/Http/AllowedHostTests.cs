using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Sandbox.HostServices.Http;

namespace HeliosEdge.Sandbox.Tests.Http;

public sealed class AllowedHostTests
{
    [Theory]
    [InlineData("api.example.com", "api.example.com", false, null)]
    [InlineData("API.Example.COM:8443", "api.example.com", false, 8443)]
    [InlineData("*.example.com", "example.com", true, null)]
    [InlineData("*.example.com:80", "example.com", true, 80)]
    [InlineData("localhost:5000", "localhost", false, 5000)]
    [InlineData("xn--bcher-kva.example", "xn--bcher-kva.example", false, null)]
    [InlineData("_x.example.com", "_x.example.com", false, null)]
    [InlineData("10.0.0.1:1", "10.0.0.1", false, 1)]
    [InlineData("[::1]:65535", "::1", false, 65535)]
    [InlineData("[2001:DB8:0::0001]", "2001:db8::1", false, null)]
    public void A_host_is_read(string text, string name, bool isWildcard, int? port)
    {
        var host = AllowedHost.Parse(text);

        (host.Name, host.IsWildcard, host.Port).ShouldBe((name, isWildcard, port));
        AllowedHost.Parse(host.ToString()).ShouldBe(host);
    }

    [Theory]
    [InlineData("", "0 characters")]
    [InlineData("*", "label \"*\"")]
    [InlineData("*.com", "wildcard that stands for too much")]
    [InlineData("*.1.2.3.4", "wildcard that stands for too much")]
    [InlineData("*.[::1]", "port \":1]\"")]
    [InlineData("a.*.example.com", "label \"*\"")]
    [InlineData("*example.com", "label \"*example\"")]
    [InlineData("https://example.com", "port \"//example.com\"")]
    [InlineData("example.com/path", "label \"com/path\"")]
    [InlineData("user@example.com", "label \"user@example\"")]
    [InlineData("example.com.", "label \"\"")]
    [InlineData("example..com", "label \"\"")]
    [InlineData("-a.example.com", "label \"-a\"")]
    [InlineData("bücher.example", "xn--")]
    [InlineData("example.com:", "port \"\"")]
    [InlineData("example.com:0", "port \"0\"")]
    [InlineData("example.com:080", "port \"080\"")]
    [InlineData("example.com:65536", "port \"65536\"")]
    [InlineData("example.com:+1", "port \"+1\"")]
    [InlineData(":80", "label \":80\"")]
    [InlineData("2130706433", "no IPv4 address")]
    [InlineData("0x7f.1", "no IPv4 address")]
    [InlineData("127.0.0.0x1", "no IPv4 address")]
    [InlineData("0177.0.0.1", "no IPv4 address")]
    [InlineData("127.1", "no IPv4 address")]
    [InlineData("256.0.0.1", "no IPv4 address")]
    [InlineData("[::1", "no IPv6 address")]
    [InlineData("[::1]x", "no IPv6 address")]
    [InlineData("[127.0.0.1]", "no IPv6 address")]
    [InlineData("[fe80::1%eth0]", "no IPv6 address")]
    [InlineData("[]", "no IPv6 address")]
    [InlineData("[", "no IPv6 address")]
    [InlineData("a b.example.com", "label \"a b\"")]
    [InlineData("a\n.example.com", "label \"a\uFFFD\"")]
    public void What_is_no_host_is_refused_with_the_reason(string text, string reason)
    {
        var refused = Should.Throw<SandboxException>(() => AllowedHost.Parse(text));

        refused.Code.ShouldBe(ErrorCodes.InvalidParameter);
        refused.Message.ShouldContain(reason);
    }

    [Fact]
    public void Names_and_labels_have_a_limit()
    {
        var label = new string('a', 63);

        AllowedHost.Parse($"{label}.{label}.{label}.{label[..61]}").Name.Length.ShouldBe(253);
        Should.Throw<SandboxException>(() => AllowedHost.Parse($"{label}.{label}.{label}.{label[..62]}")).Message.ShouldContain("254 characters");
        Should.Throw<SandboxException>(() => AllowedHost.Parse($"{label}a.example")).Message.ShouldContain("1 to 63");
        Should.Throw<SandboxException>(() => AllowedHost.Parse(new string('a', 1_000_000))).Message.Length.ShouldBeLessThan(300);
    }

    [Theory]
    [InlineData("api.example.com", "http://api.example.com/", true)]
    [InlineData("api.example.com", "https://API.example.com/x?y#z", true)]
    [InlineData("api.example.com", "https://api.example.com./", true)]
    [InlineData("api.example.com", "http://api.example.com:80/", true)]
    [InlineData("api.example.com", "http://api.example.com:443/", false)]
    [InlineData("api.example.com", "https://api.example.com:80/", false)]
    [InlineData("api.example.com", "http://example.com/", false)]
    [InlineData("api.example.com", "http://x.api.example.com/", false)]
    [InlineData("api.example.com", "http://api.example.com.evil.org/", false)]
    [InlineData("api.example.com:8080", "http://api.example.com:8080/", true)]
    [InlineData("api.example.com:8080", "https://api.example.com:8080/", true)]
    [InlineData("api.example.com:8080", "http://api.example.com/", false)]
    [InlineData("*.example.com", "http://a.example.com/", true)]
    [InlineData("*.example.com", "http://a.b.example.com/", true)]
    [InlineData("*.example.com", "http://example.com/", false)]
    [InlineData("*.example.com", "http://badexample.com/", false)]
    [InlineData("*.example.com", "http://a.example.com.evil.org/", false)]
    [InlineData("127.0.0.1", "http://127.0.0.1/", true)]
    [InlineData("127.0.0.1", "http://[::ffff:127.0.0.1]/", false)]
    [InlineData("[::1]:99", "http://[0:0::1]:99/", true)]
    [InlineData("xn--bcher-kva.example", "http://bücher.example/", true)]
    public void It_matches_the_urls_that_lead_to_it(string host, string url, bool matches) =>
        AllowedHost.Parse(host).Matches(new Uri(url)).ShouldBe(matches);

    [Fact]
    public void Any_text_is_read_or_refused_and_what_was_read_matches_only_itself()
    {
        var pieces = Gen.Elements("a", "example", ".", "..", "*", "*.", ":", "80", "0", "[", "]", "::1", "1.2.3.4", "-", "_", "/", "@", "%", "ü", " ", "\0", "0x");
        var texts = Gen.OneOf(pieces.ListOf().Select(list => string.Concat(list)), ArbMap.Default.GeneratorFor<string>().Where(text => text is not null));

        Prop.ForAll(texts.ToArbitrary(), text =>
        {
            AllowedHost host;
            try
            {
                host = AllowedHost.Parse(text);
            }
            catch (SandboxException e)
            {
                e.Code.ShouldBe(ErrorCodes.InvalidParameter);
                return;
            }

            AllowedHost.Parse(host.ToString()).ShouldBe(host);
            var authority = host.ToString().Replace("*", "sub", StringComparison.Ordinal);
            host.Matches(new Uri($"http://{authority}/")).ShouldBeTrue();
            host.Matches(new Uri("http://elsewhere.test/")).ShouldBeFalse();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3_000));
    }
}
