using HeliosEdge.Access.Tls;
using HeliosEdge.Access.Tokens;
using HeliosEdge.Settings;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Access;

[Trait("Category", "Process")]
public sealed class StartTests
{
    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://*:0")]
    [InlineData("http://[::]:0")]
    [InlineData("http://silo.example.org:0")]
    [InlineData("http://127.0.0.1:0;http://+:0")]
    public async Task Without_keys_no_silo_serves_the_network(string urls)
    {
        using var folder = new TemporaryFolder();

        var e = await Should.ThrowAsync<SiloStartException>(() => StartAsync(folder, urls));

        e.Message.ShouldContain(urls.Split(';')[^1]);
        e.Message.ShouldContain($"helios keys create NAME --scope admin --data {folder.Path}");
    }

    [Fact]
    public async Task With_a_key_a_silo_serves_the_network()
    {
        using var folder = new TemporaryFolder();
        var (_, text) = await KeyHolder.AddKeyAsync(folder.Path, "read");
        await using var silo = await StartAsync(folder, "http://0.0.0.0:0");
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{silo.Http.BaseAddress!.Port}") };
        http.DefaultRequestHeaders.Add("X-Helios-Key", text);

        (await http.GetAsync("/v1/functions")).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task Changes_are_in_the_silos_output_and_keys_are_not()
    {
        using var folder = new TemporaryFolder();
        var (id, text) = await KeyHolder.AddKeyAsync(folder.Path, "deploy");
        await using var silo = SiloProcess.Start("--data", folder.Path, "--urls", "http://127.0.0.1:0");
        using var http = new HttpClient { BaseAddress = await silo.AddressAsync() };
        foreach (var key in new[] { text, text[..^1], "hk_wrong" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Delete, "/v1/functions/nosuch") { Headers = { { "X-Helios-Key", key } } };
            (await http.SendAsync(request)).IsSuccessStatusCode.ShouldBeFalse();
        }

        await silo.WaitForAsync($"key:{id} at 127.0.0.1: function.delete of /v1/functions/nosuch, answered with 404.");
        silo.Output.ShouldNotContain("hk_");
    }

    [Fact]
    public async Task The_demo_is_not_given_on_a_silo_with_keys()
    {
        using var folder = new TemporaryFolder();
        await KeyHolder.AddKeyAsync(folder.Path, "read");

        (await Should.ThrowAsync<SiloStartException>(
            () => TestSilo.StartAsync(folder.Path, configure: options => options with { Demo = true }))).Message.ShouldContain("--demo");
    }

    [Theory]
    [InlineData("https://127.0.0.1:1", new string[0], "TLS")]
    [InlineData("http://127.0.0.1:1", new[] { "tls-cert=a" }, "https")]
    [InlineData("http://127.0.0.1:1", new[] { "tls-key=a" }, "need --tls-cert")]
    [InlineData("http://127.0.0.1:1", new[] { "peer-ca=a" }, "--peer-ca needs --tls-cert")]
    [InlineData("http://127.0.0.1:1", new[] { "peers=a=http://b", "peer-cert=a" }, "--peer-cert is for peers at https addresses")]
    [InlineData("http://127.0.0.1:1", new[] { "peers=a=https://b", "peer-cert-key=a" }, "--peer-cert-key needs --peer-cert")]
    [InlineData("http://127.0.0.1:1", new[] { "peers=a=https://b", "peer-cert-password-file=a" }, "--peer-cert-password-file needs --peer-cert")]
    [InlineData("http://127.0.0.1:1", new[] { "peers=a=http://b", "peer-cert=a", "peer-cert-password-file=b" }, "--peer-cert is for peers at https addresses")]
    [InlineData("http://127.0.0.1:1", new[] { "jwt-issuer=a" }, "need --jwt-authority")]
    [InlineData("http://127.0.0.1:1", new[] { "jwt-key-file=a", "jwt-issuer=b" }, "--jwt-audience")]
    [InlineData("http://127.0.0.1:1", new[] { "jwt-key-file=a", "jwt-audience=b" }, "needs --jwt-issuer")]
    [InlineData("http://127.0.0.1:1", new[] { "jwt-authority=http://login.example.org", "jwt-audience=b" }, "https URL")]
    [InlineData("http://127.0.0.1:1", new[] { "jwt-authority=https://a", "jwt-key-file=a", "jwt-audience=b" }, "one is enough")]
    [InlineData("http://127.0.0.1:1", new[] { "max-connections=0" }, "--max-connections must be a whole number from 1")]
    [InlineData("http://127.0.0.1:1", new[] { "header-timeout-ms=soon" }, "--header-timeout-ms")]
    public void Settings_that_do_not_go_together_are_named(string url, string[] settings, string named) =>
        Should.Throw<InvalidSettingException>(() => Options(url, settings)).Message.ShouldContain(named);

    [Fact]
    public void Settings_are_taken_as_they_are_stated()
    {
        var options = Options(
            "https://*:1",
            [
                "tls-cert=c", "tls-key=k", "tls-password-file=p", "peer-ca=a", "peer-key-file=f", "peers=a=https://b", "peer-cert=pc", "peer-cert-key=pk", "peer-cert-password-file=pp", "jwt-authority=https://login", "jwt-issuer=i",
                "jwt-audience=u", "jwt-rate=7", "max-connections=1", "header-timeout-ms=2", "keep-alive-timeout-ms=3", "min-data-rate=4",
            ]);

        options.ShouldBe(new AccessOptions
        {
            Tls = new TlsOptions("c", "k", "p"),
            PeerCa = "a",
            PeerCertificate = new TlsOptions("pc", "pk", "pp"),
            PeerKeyFile = "f",
            Jwt = new JwtOptions(new Uri("https://login"), "i", "u", null, 7),
            Connections = new ConnectionLimits
            {
                MaxConnections = 1,
                HeaderTimeout = TimeSpan.FromMilliseconds(2),
                KeepAliveTimeout = TimeSpan.FromMilliseconds(3),
                MinBytesPerSecond = 4,
            },
        });
    }

    private static AccessOptions Options(string url, string[] settings) => AccessOptions.From(
        setting => settings.Select(text => text.Split('=', 2)).FirstOrDefault(pair => pair[0] == setting.Name)?[1], [url], isInCluster: false);

    private static Task<TestSilo> StartAsync(TemporaryFolder folder, string urls) =>
        TestSilo.StartAsync(folder.Path, configure: options => options with { Urls = urls.Split(';') });
}
