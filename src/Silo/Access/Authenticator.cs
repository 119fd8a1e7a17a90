using System.Net;
using System.Security.Cryptography.X509Certificates;
using HeliosEdge.Access;
using HeliosEdge.Silo.Http;
using Microsoft.Extensions.Primitives;

namespace HeliosEdge.Silo.Access;

/// <summary>Finds out who sent a request.</summary>
internal sealed class Authenticator(KeyRing keys, JwtIssuer? issuer, PeerKey? peerKey)
{
    private const string Bearer = "Bearer ";

    private static readonly AuthenticationFault Missing = new(
        false, $"This needs a key, sent as \"Authorization: Bearer hk_…\" or \"{HeliosHeaders.Key}: hk_…\"; \"helios keys create\" makes one.");

    private static readonly AuthenticationFault UnknownKey = new(true, "The key is not known, or no longer good.");

    private static readonly AuthenticationFault UnknownPeer = new(true, "The peer key is not this silo's.");

    /// <summary>The caller, or why there is none. What was shown is taken off the request, so that no guest and no log ever sees it.</summary>
    /// <exception cref="TimeoutException">The issuer of tokens did not answer.</exception>
    public async ValueTask<(Caller? Caller, AuthenticationFault Fault)> AuthenticateAsync(HttpContext http)
    {
        await keys.RefreshAsync();
        var headers = http.Request.Headers;
        if (headers.Remove(HeliosHeaders.Key, out var key))
        {
            return await ByKeyAsync(key.ToString());
        }

        if (headers.Remove(HeliosHeaders.PeerKey, out var shown) && peerKey is not null)
        {
            return peerKey.Matches(shown.ToString()) ? (Caller(http.Connection.RemoteIpAddress), default!) : (null, UnknownPeer);
        }

        if (TokenOf(headers.Authorization) is { } token)
        {
            if (token.StartsWith(KeyText.Prefix, StringComparison.Ordinal))
            {
                headers.Authorization = StringValues.Empty;
                return await ByKeyAsync(token);
            }

            if (issuer is not null)
            {
                headers.Authorization = StringValues.Empty;
                return await issuer.AuthenticateAsync(token);
            }
        }

        // Only certificates of the peers' authority get this far.
        if (http.Connection.ClientCertificate is { } certificate)
        {
            return (new Caller($"peer:{Printable.From(certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false))}", Scopes.Peer), default!);
        }

        var isOpen = issuer is null && !keys.IsLocked && http.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address);
        return isOpen ? (Access.Caller.Loopback, default!) : (null, Missing);
    }

    private static Caller Caller(IPAddress? address) => new($"peer:{address}", Scopes.Peer);

    private static string? TokenOf(StringValues authorization) =>
        authorization.Count == 1 && authorization[0] is { } text && text.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? text[Bearer.Length..].Trim()
            : null;

    private async ValueTask<(Caller? Caller, AuthenticationFault Fault)> ByKeyAsync(string text) =>
        await keys.FindAsync(text) is { } caller ? (caller, default!) : (null, UnknownKey);
}

/// <summary>Why nobody is known to have sent a request.</summary>
/// <param name="IsInvalid">Whether something was shown that is not good.</param>
/// <param name="Detail">For people; never what was shown.</param>
internal sealed record AuthenticationFault(bool IsInvalid, string Detail);
