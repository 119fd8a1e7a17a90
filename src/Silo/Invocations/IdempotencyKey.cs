using System.Security.Cryptography;
using System.Text;
using HeliosEdge.Access.Keys;
using HeliosEdge.Federation;
using HeliosEdge.Sandbox;
using Microsoft.AspNetCore.Http.Features;

namespace HeliosEdge.Silo.Invocations;

/// <summary>The key by which a caller knows a call again. Keys of different callers are different keys, whatever their text.</summary>
/// <param name="Text">As the caller wrote it.</param>
/// <param name="Slot">What is stored in its place: the caller and the text.</param>
internal sealed record IdempotencyKey(string Text, string Slot)
{
    /// <summary>Characters of the text.</summary>
    public const int MaxLength = 255;

    /// <summary>The key of a request, or null where there is none.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>: it is empty, too long, or not printable ASCII.</exception>
    public static IdempotencyKey? Of(HttpContext http)
    {
        if (!http.Request.Headers.TryGetValue(HeliosHeaders.IdempotencyKey, out var values))
        {
            return null;
        }

        var text = values.ToString();
        if (values.Count != 1 || text.Length is 0 or > MaxLength || !text.All(c => c is >= ' ' and <= '~'))
        {
            throw new SandboxException(
                ErrorCodes.InvalidParameter, $"{HeliosHeaders.IdempotencyKey} must be one value of 1 to {MaxLength} printable ASCII characters.")
            {
                Limit = MaxLength,
                Value = text.Length,
            };
        }

        return new IdempotencyKey(text, SlotOf(http.Features.GetRequiredFeature<Caller>(), text));
    }

    // While a silo has no keys there is one caller, whose slots are the texts themselves.
    private static string SlotOf(Caller caller, string text) => caller == Caller.Loopback
        ? text
        : $"caller:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{caller.Identity.Length}:{caller.Identity}{text}")))}";
}
