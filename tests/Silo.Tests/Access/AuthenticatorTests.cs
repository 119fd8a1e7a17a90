using System.Net;
using HeliosEdge.Access.Keys;
using HeliosEdge.Access.Stores;
using HeliosEdge.Silo.Access;
using Microsoft.AspNetCore.Http;

namespace HeliosEdge.Silo.Tests.Access;

public sealed class AuthenticatorTests
{
    [Theory]
    [InlineData("key", null, "key")]
    [InlineData("key", "Bearer for-the-guest", "key")]
    [InlineData(null, "Bearer KEY", "key")]
    [InlineData(null, "bearer  KEY", "key")]
    [InlineData(null, "Bearer for-the-guest", null)]
    [InlineData(null, "Basic abc", null)]
    public async Task What_is_shown_to_the_silo_is_taken_off_the_request_and_all_else_stays(string? header, string? authorization, string? caller)
    {
        using var folder = new TemporaryFolder();
        using var store = new SqliteAccessStore(folder.Path);
        var (id, text) = await KeyHolder.AddKeyAsync(folder.Path, "invoke");
        var http = new DefaultHttpContext();
        http.Connection.RemoteIpAddress = IPAddress.Loopback;
        var sent = authorization?.Replace("KEY", text, StringComparison.Ordinal);
        if (header is not null)
        {
            http.Request.Headers["X-Helios-Key"] = text;
        }

        http.Request.Headers.Authorization = sent;
        http.Request.Headers["X-Helios-Peer-Key"] = "something";

        var authentication = await new Authenticator(new KeyRing(store, TimeProvider.System), null, null).AuthenticateAsync(http);

        authentication.Caller?.Name.ShouldBe($"key:{id}");
        (authentication.Caller is not null).ShouldBe(caller is not null);
        http.Request.Headers.ContainsKey("X-Helios-Key").ShouldBeFalse();
        http.Request.Headers.ContainsKey("X-Helios-Peer-Key").ShouldBeFalse();
        var stays = sent is not null && !sent.Contains(text, StringComparison.Ordinal);
        http.Request.Headers.Authorization.ToString().ShouldBe(stays ? sent : string.Empty);
    }
}
