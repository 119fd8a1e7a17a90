using System.Security.Cryptography;
using System.Text;
using HeliosEdge.Access.Keys;
using Microsoft.AspNetCore.Http.Features;

namespace HeliosEdge.Silo.Invocations;

/// <summary>Whose queued calls are: their results are for the caller who queued them, and for those who may read everything.</summary>
internal static class CallOwner
{
    /// <summary>What is stored for the caller of a request; null while the silo has no keys, and there is one caller.</summary>
    public static string? Of(HttpContext http)
    {
        var caller = http.Features.GetRequiredFeature<Caller>();
        return caller == Caller.Loopback ? null : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(caller.Identity)));
    }

    /// <summary>Whether the caller of a request may see all queued calls, or only those of its own.</summary>
    public static bool SeesAll(HttpContext http) => http.Features.GetRequiredFeature<Caller>().May(Scopes.Read);

    /// <summary>Whether the caller of a request may see what an owner queued. What has no owner is nobody's.</summary>
    public static bool MaySee(HttpContext http, string? owner) => SeesAll(http) || (owner is not null && owner == Of(http));
}
