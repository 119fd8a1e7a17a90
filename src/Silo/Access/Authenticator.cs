using System.Net;
using System.Security.Cryptography.X509Certificates;
using HeliosEdge.Access;
using HeliosEdge.Access.Keys;
using HeliosEdge.Access.Tokens;
using HeliosEdge.Federation;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace HeliosEdge.Silo.Access;

/// <summary>Finds out who sent a request.</summary>
internal sealed class Authenticator(KeyRing keys, JwtIssuer? issuer, PeerKey? peerKey)
{
    private const string Bearer = "Bearer ";

    private static readonly Authentication Missing = Authentication.Missing(
        $"This needs a key, sent as \"Authorization: Bearer hk_…\" or \"{HeliosHeaders.Key}: hk_…\"; \"helios keys create\" makes one.");

    private static readonly Authentication UnknownKey = Authentication.Invalid("The key is not known, or no longer good.");

    private static readonly Authentication UnknownPeer = Authentication.Invalid("The peer key is not this silo's.");

    private static readonly Authentication Open = Authentication.Of(Caller.Loopback);

    /// <summary>Finds out who it is. What was shown is taken off the request, so that no guest and no log ever sees it.</summary>
    /// <exception cref="TimeoutException">The issuer of tokens did not answer.</exception>
    public async ValueTask<Authentication> AuthenticateAsync(HttpContext http)
    {
        await keys.RefreshAsync();
        var headers = http.Request.Headers;
        var showsKey = headers.Remove(HeliosHeaders.Key, out var key);
        var showsPeerKey = headers.Remove(HeliosHeaders.PeerKey, out var shown);
        if (showsKey)
        {
            return await ByKeyAsync(key.ToString());
        }

        if (showsPeerKey && peerKey is not null)
        {
            return peerKey.Matches(shown.ToString())
                ? Authentication.Of(new Caller($"peer:{http.Connection.RemoteIpAddress}", Scopes.Peer.WithImplied()))
                : UnknownPeer;
        }

        if (TokenOf(headers.Authorization) is { } token)
        {
            if (token.StartsWith(KeyText.Prefix, StringComparison.Ordinal))
            {
                headers.Remove(HeaderNames.Authorization);
                return await ByKeyAsync(token);
            }

            if (issuer is not null)
            {
                headers.Remove(HeaderNames.Authorization);
                return await issuer.AuthenticateAsync(token);
            }
        }

        // Only certificates of the peers' authority get this far.
        if (http.Connection.ClientCertificate is { } certificate)
        {
            var name = Printable.From(certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false));
            return Authentication.Of(new Caller($"peer:{name}", Scopes.Peer.WithImplied()));
        }

        var isOpen = issuer is null && !keys.IsLocked && http.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address);
        return isOpen ? Open : Missing;
    }

    private static string? TokenOf(StringValues authorization) =>
        authorization.Count == 1 && authorization[0] is { } text && text.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? text[Bearer.Length..].Trim()
            : null;

    private async ValueTask<Authentication> ByKeyAsync(string text) =>
        await keys.FindAsync(text) is { } caller ? Authentication.Of(caller) : UnknownKey;
}
