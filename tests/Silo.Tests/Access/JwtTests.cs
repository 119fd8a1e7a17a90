using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using HeliosEdge.Access.Tokens;
using HeliosEdge.Settings;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Tests.Running;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace HeliosEdge.Silo.Tests.Access;

[Trait("Category", "Slow")]
public sealed class JwtTests : IDisposable
{
    private const string Issuer = "https://login.example.org";
    private const string Audience = "helios";

    private readonly TemporaryFolder _folder = new();
    private readonly RSA _key = RSA.Create(2048);

    [Theory]
    [InlineData("pem")]
    [InlineData("rsa-pem")]
    [InlineData("jwks")]
    public async Task A_token_of_the_issuer_may_do_what_its_scopes_say(string kind)
    {
        await using var silo = await StartAsync(kind);
        using var reader = silo.With(Token(new() { ["scope"] = "openid read" }));
        using var caller = silo.With(Token(new() { ["scp"] = new[] { "invoke" } }));
        using var administrator = silo.With(Token(new() { ["scp"] = "admin" }));
        using var nobody = silo.With(null);

        (await reader.GetAsync("/v1/functions")).StatusCode.ShouldBe(HttpStatusCode.OK);
        var forbidden = await Answer.ProblemAsync(await reader.DeleteAsync("/v1/functions/a"), HttpStatusCode.Forbidden, "forbidden");
        forbidden["detail"]!.GetValue<string>().ShouldContain("jwt:alice");
        (await caller.PostAsync("/v1/functions/nosuch/invoke", null)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await administrator.GetAsync("/v1/audit")).StatusCode.ShouldBe(HttpStatusCode.OK);
        await Answer.ProblemAsync(await nobody.GetAsync("/v1/functions"), HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    public async Task No_other_token_is_good()
    {
        await using var silo = await StartAsync("pem");
        using var otherKey = RSA.Create(2048);
        var good = Token(new() { ["scope"] = "admin" });
        var parts = good.Split('.');
        var claims = $$"""{"iss":"{{Issuer}}","aud":"{{Audience}}","sub":"alice","scope":"admin","exp":{{DateTimeOffset.UtcNow.AddMinutes(5).ToUnixTimeSeconds()}}}""";
        string[] bad =
        [
            Token(new() { ["scope"] = "admin" }, key: new RsaSecurityKey(otherKey)),
            Token(new() { ["scope"] = "admin" }, issuer: "https://evil.example"),
            Token(new() { ["scope"] = "admin" }, audience: "somebody-else"),
            Token(new() { ["scope"] = "admin" }, lifetime: TimeSpan.FromMinutes(-10)),
            Token(new() { ["scope"] = "admin" }, subject: null),

            // Without a signature; with one made from the public key as if it were a shared secret.
            $"{Base64UrlEncoder.Encode("""{"alg":"none"}""")}.{parts[1]}.",
            new JsonWebTokenHandler().CreateToken(Descriptor(
                new() { ["scope"] = "admin" },
                new SymmetricSecurityKey(System.Text.Encoding.ASCII.GetBytes(_key.ExportSubjectPublicKeyInfoPem())),
                SecurityAlgorithms.HmacSha256)),
            $"{parts[0]}.{parts[1]}.{parts[2][..^4]}AAAA",
            $"{parts[0]}.{Base64UrlEncoder.Encode("""{"sub":"eve","scope":"admin"}""")}.{parts[2]}",
            "x.y.z",
            "",

            // Signed with the right key, but with an extension that must be understood, or with something that can be read in two ways.
            Signed("""{"alg":"RS256","crit":["exp2"],"exp2":1}""", claims),
            Signed("""{"alg":"RS256","crit":["b64"],"b64":true}""", claims),
            Signed("""{"alg":"RS256","crit":[]}""", claims),
            Signed("""{"alg":"none","alg":"RS256"}""", claims),
            Signed("""{"alg":"RS256"}""", claims.Replace("{", """{"scope":"read",""", StringComparison.Ordinal)),
            Signed("""{"alg":"RS256"}""", claims.Replace("{", """{"aud":"somebody-else",""", StringComparison.Ordinal)),
            Signed("""{"alg":"RS256"}""", claims.Replace("\"exp\"", "\"expires\"", StringComparison.Ordinal)),
            Signed("""{"alg":"RS256"}""", claims.Replace("{", $$"""{"nbf":{{DateTimeOffset.UtcNow.AddMinutes(10).ToUnixTimeSeconds()}},""", StringComparison.Ordinal)),
            Signed("""{"alg":"RS256"}""", claims.Replace("\"helios\"", """["a","b"]""", StringComparison.Ordinal)),
            Signed("""{"alg":"RS512"}""", claims),
            Signed("""["alg"]""", claims),
            Signed("""{"alg":"RS256"}""", claims.Replace("{", $$"""{"filler":"{{new string('x', 16 << 10)}}",""", StringComparison.Ordinal)),
            $"{good}.{parts[1]}.{parts[2]}",
        ];

        // The same with nothing wrong, and with a key's name that is a path: keys are not looked for by it.
        foreach (var token in new[]
        {
            Signed("""{"alg":"RS256"}""", claims),
            Signed("""{"alg":"RS256","kid":"../../../../etc/passwd"}""", claims),
            Signed("""{"alg":"RS256"}""", claims.Replace("\"helios\"", """["a","helios"]""", StringComparison.Ordinal)),
        })
        {
            using var accepted = silo.With(token);
            (await accepted.GetAsync("/v1/keys")).StatusCode.ShouldBe(HttpStatusCode.OK, token);
        }

        using var http = silo.With(good);
        (await http.GetAsync("/v1/keys")).StatusCode.ShouldBe(HttpStatusCode.OK);
        foreach (var token in bad)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/keys");
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
            await Answer.ProblemAsync(await silo.Http.SendAsync(request), HttpStatusCode.Unauthorized, "unauthenticated");
        }
    }

    [Fact]
    public async Task The_issuers_keys_come_from_discovery_and_while_it_does_not_answer_nobody_is_let_in()
    {
        await using var provider = Provider();
        await provider.StartAsync();
        var address = provider.Urls.Single();
        await using var silo = await TestSilo.StartAsync(configure: options => options with
        {
            Access = new AccessOptions { Jwt = new JwtOptions(new Uri(address), null, Audience, null, null) },
        });
        using var http = silo.With(Token(new() { ["scope"] = "read" }, issuer: address));

        (await http.GetAsync("/v1/functions")).StatusCode.ShouldBe(HttpStatusCode.OK);
        using var stranger = silo.With(Token(new() { ["scope"] = "read" }, issuer: Issuer));
        await Answer.ProblemAsync(await stranger.GetAsync("/v1/functions"), HttpStatusCode.Unauthorized, "unauthenticated");
        await provider.StopAsync();
        await using var late = await TestSilo.StartAsync(configure: options => options with
        {
            Access = new AccessOptions { Jwt = new JwtOptions(new Uri(address), null, Audience, null, null) },
        });
        using var waiting = late.With(Token(new() { ["scope"] = "read" }, issuer: address));
        await Answer.ProblemAsync(await waiting.GetAsync("/v1/functions"), HttpStatusCode.ServiceUnavailable, "unavailable");
    }

    [Fact]
    public async Task Each_subject_is_held_to_the_rate()
    {
        await using var silo = await StartAsync("pem", rate: 1);
        using var http = silo.With(Token(new() { ["scope"] = "read" }));

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => http.GetAsync("/v1/functions")));

        answers.ShouldContain(answer => answer.StatusCode == HttpStatusCode.OK);
        answers.ShouldContain(answer => answer.StatusCode == HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task Subjects_that_look_alike_in_the_log_share_no_idempotency_key()
    {
        await using var silo = await StartAsync("pem");
        silo.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token(new() { ["scope"] = "admin" }));
        await silo.DeployAsync("echo", "echo");
        var answers = new List<string>();
        foreach (var subject in new[] { "\u00e9", "\u00fc" })
        {
            using var http = silo.With(Token(new() { ["scope"] = "invoke" }, subject: subject));
            http.DefaultRequestHeaders.Add("Idempotency-Key", "1");
            using var answer = await http.PostAsync("/v1/functions/echo/invoke", new StringContent(subject));
            answers.Add(await answer.Content.ReadAsStringAsync());
        }

        answers.ShouldBe(["\u00e9", "\u00fc"]);
    }

    [Theory]
    [InlineData("private", "no public key")]
    [InlineData("text", "no public key")]
    [InlineData("absent", "cannot be read")]
    public async Task A_file_without_public_keys_keeps_the_silo_from_starting(string kind, string reason) =>
        (await Should.ThrowAsync<SiloStartException>(() => StartAsync(kind))).Message.ShouldContain(reason);

    public void Dispose()
    {
        _key.Dispose();
        _folder.Dispose();
    }

    private static JsonElement Jwk(RSA key) => JsonSerializer.SerializeToElement(new
    {
        keys = new[]
        {
            new
            {
                kty = "RSA",
                use = "sig",
                n = Base64UrlEncoder.Encode(key.ExportParameters(false).Modulus),
                e = Base64UrlEncoder.Encode(key.ExportParameters(false).Exponent),
            },
        },
    });

    private WebApplication Provider()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var provider = builder.Build();
        provider.MapGet("/.well-known/openid-configuration", async (HttpContext http) =>
        {
            var issuer = $"http://{http.Request.Host}";
            await http.Response.WriteAsync(JsonSerializer.Serialize(new { issuer, jwks_uri = $"{issuer}/keys" }));
        });
        provider.MapGet("/keys", (HttpContext http) => http.Response.WriteAsync(Jwk(_key).GetRawText()));
        return provider;
    }

    private async Task<TestSilo> StartAsync(string kind, int? rate = null)
    {
        var file = Path.Combine(_folder.Path, "keys");
        if (kind != "absent")
        {
            await File.WriteAllTextAsync(file, kind switch
            {
                "pem" => _key.ExportSubjectPublicKeyInfoPem(),
                "rsa-pem" => _key.ExportRSAPublicKeyPem(),
                "jwks" => Jwk(_key).GetRawText(),
                "private" => _key.ExportPkcs8PrivateKeyPem(),
                _ => "text",
            });
        }

        return await TestSilo.StartAsync(configure: options => options with
        {
            Access = new AccessOptions { Jwt = new JwtOptions(null, Issuer, Audience, file, rate) },
        });
    }

    private string Token(
        Dictionary<string, object> claims,
        string? issuer = Issuer,
        string audience = Audience,
        TimeSpan? lifetime = null,
        string? subject = "alice",
        SecurityKey? key = null)
    {
        if (subject is not null)
        {
            claims["sub"] = subject;
        }

        var descriptor = Descriptor(claims, key ?? new RsaSecurityKey(_key), SecurityAlgorithms.RsaSha256);
        descriptor.Issuer = issuer;
        descriptor.Audience = audience;
        descriptor.Expires = DateTime.UtcNow + (lifetime ?? TimeSpan.FromMinutes(5));
        return new JsonWebTokenHandler().CreateToken(descriptor);
    }

    private string Signed(string header, string claims)
    {
        var text = $"{Base64UrlEncoder.Encode(header)}.{Base64UrlEncoder.Encode(claims)}";
        return $"{text}.{Base64UrlEncoder.Encode(_key.SignData(System.Text.Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    private static SecurityTokenDescriptor Descriptor(Dictionary<string, object> claims, SecurityKey key, string algorithm) => new()
    {
        Issuer = Issuer,
        Audience = Audience,
        IssuedAt = DateTime.UtcNow.AddHours(-1),
        NotBefore = DateTime.UtcNow.AddHours(-1),
        Expires = DateTime.UtcNow.AddMinutes(5),
        Claims = claims,
        SigningCredentials = new SigningCredentials(key, algorithm),
    };
}
