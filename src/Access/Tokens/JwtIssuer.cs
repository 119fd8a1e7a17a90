using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HeliosEdge.Access.Keys;
using HeliosEdge.Settings;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace HeliosEdge.Access.Tokens;

/// <summary>Takes JSON web tokens (RFC 7519) of one issuer, signed with one of its public keys.</summary>
internal sealed class JwtIssuer
{
    // Signatures with a shared secret are not among them, and "none" is no algorithm.
    private static readonly string[] Algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    private static readonly Authentication NotGood = Authentication.Invalid("The token is not one of this silo's issuer and audience, or no longer good.");

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly TokenValidationParameters _parameters;
    private readonly ConfigurationManager<OpenIdConnectConfiguration>? _discovered;
    private readonly int? _rate;

    /// <exception cref="SiloStartException">The file of keys cannot be read, or has none.</exception>
    public JwtIssuer(JwtOptions options)
    {
        _rate = options.Rate;
        _parameters = new TokenValidationParameters
        {
            ValidAlgorithms = Algorithms,
            ValidAudience = options.Audience,
            ValidIssuer = options.Issuer,
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            ClockSkew = TimeSpan.FromSeconds(30),
        };
        if (options.KeyFile is { } file)
        {
            _parameters.IssuerSigningKeys = ReadKeys(file);
        }
        else
        {
            // Tokens with an unknown key make it ask again, but at most every five minutes.
            _discovered = new ConfigurationManager<OpenIdConnectConfiguration>(
                $"{options.Authority!.AbsoluteUri.TrimEnd('/')}/.well-known/openid-configuration",
                new OpenIdConnectConfigurationRetriever(),
                new HttpDocumentRetriever(new HttpClient { Timeout = TimeSpan.FromSeconds(10) }) { RequireHttps = !options.Authority.IsLoopback });
            _parameters.ConfigurationManager = _discovered;
        }
    }

    /// <summary>Tells who has a token; why not says no more than that it is not good.</summary>
    /// <exception cref="TimeoutException">The issuer's keys are not known, and it does not tell them now.</exception>
    public async ValueTask<Authentication> AuthenticateAsync(string token)
    {
        if (!TokenForm.IsAccepted(token))
        {
            return NotGood;
        }

        if (_discovered is not null)
        {
            try
            {
                await _discovered.GetConfigurationAsync(CancellationToken.None);
            }
            catch (InvalidOperationException e)
            {
                throw new TimeoutException("The issuer of tokens does not tell its keys now.", e);
            }
        }

        var result = await _handler.ValidateTokenAsync(token, _parameters);
        return result.IsValid && result.SecurityToken is JsonWebToken { Subject: { Length: > 0 } subject } valid
            ? Authentication.Of(new Caller($"jwt:{Printable.From(subject)}", ScopesOf(valid).WithImplied(), _rate) { Identity = $"jwt:{valid.Issuer}\n{subject}" })
            : NotGood;
    }

    /// <summary>The scopes in <c>scope</c> (RFC 8693: words with spaces between) or <c>scp</c> (a list, or the same); words of others mean nothing here.</summary>
    private static Scopes ScopesOf(JsonWebToken token)
    {
        var scopes = Scopes.None;
        foreach (var claim in token.Claims.Where(claim => claim.Type is "scope" or "scp"))
        {
            foreach (var word in claim.Value.Split(' '))
            {
                scopes |= ScopeWords.TryParse(word, out var scope) ? scope : Scopes.None;
            }
        }

        return scopes;
    }

    private static IList<SecurityKey> ReadKeys(string file)
    {
        try
        {
            var text = File.ReadAllText(file);
            IList<SecurityKey> keys = text.AsSpan().TrimStart().StartsWith("{") ? new JsonWebKeySet(text).GetSigningKeys() : ReadPem(text);
            return keys.Count > 0 ? keys : throw new SiloStartException($"--jwt-key-file: {file} holds no public key, neither as PEM nor as a set of JSON web keys.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new SiloStartException($"--jwt-key-file: {file} cannot be read: {e.Message}", e);
        }
    }

    private static List<SecurityKey> ReadPem(string text)
    {
        var keys = new List<SecurityKey>();
        var rest = text.AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            var block = rest[fields.Location];
            switch (rest[fields.Label])
            {
                case "CERTIFICATE":
                    keys.Add(new X509SecurityKey(X509Certificate2.CreateFromPem(block)));
                    break;
                case "PUBLIC KEY":
                    keys.Add(ReadPublicKey(block));
                    break;
                case "RSA PUBLIC KEY":
                    var rsa = RSA.Create();
                    rsa.ImportFromPem(block);
                    keys.Add(new RsaSecurityKey(rsa));
                    break;
                default:
                    throw new ArgumentException($"it holds a {rest[fields.Label]}, which is no public key.");
            }

            rest = rest[fields.Location.End..];
        }

        return keys;
    }

    private static AsymmetricSecurityKey ReadPublicKey(ReadOnlySpan<char> pem)
    {
        var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(pem);
            return new RsaSecurityKey(rsa);
        }
        catch (CryptographicException)
        {
            // Says only that it is of another kind: what follows says what is wrong with it if it is of neither.
            rsa.Dispose();
        }

        var curve = ECDsa.Create();
        curve.ImportFromPem(pem);
        return new ECDsaSecurityKey(curve);
    }
}
