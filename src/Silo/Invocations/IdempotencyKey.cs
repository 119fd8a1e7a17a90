using System.Security.Cryptography;
using System.Text;
using HeliosEdge.Access.Keys;
using HeliosEdge.Federation;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Sandbox;
using Microsoft.AspNetCore.Http.Features;

namespace HeliosEdge.Silo.Invocations;

/// <summary>The idempotency keys of requests. A key belongs to its caller.</summary>
internal static class IdempotencyKey
{
    /// <summary>The key of a request, or null where there is none.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>: it is empty, too long, or not printable ASCII.</exception>
    public static CallKey? Of(HttpContext http)
    {
        if (!http.Request.Headers.TryGetValue(HeliosHeaders.IdempotencyKey, out var values))
        {
            return null;
        }

        var text = values.ToString();
        CallKey.Require(HeliosHeaders.IdempotencyKey, values.Count == 1 ? text : "");
        return new CallKey(text, SlotOf(http.Features.GetRequiredFeature<Caller>(), text));
    }

    // While a silo has no keys there is one caller, whose slots are the texts themselves.
    private static string SlotOf(Caller caller, string text) => caller == Caller.Loopback
        ? text
        : $"caller:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{caller.Identity.Length}:{caller.Identity}{text}")))}";
}
