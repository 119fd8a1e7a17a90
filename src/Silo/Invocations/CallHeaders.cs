using HeliosEdge.Sandbox;
using HeliosEdge.Silo.Http;

namespace HeliosEdge.Silo.Invocations;

/// <summary>What a caller states about a call beside its payload.</summary>
internal static class CallHeaders
{
    /// <summary>Characters of an idempotency key.</summary>
    public const int MaxKeyLength = 255;

    /// <summary>The idempotency key, or null where there is none.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>: it is empty, too long, or not printable ASCII.</exception>
    public static string? IdempotencyKey(HttpRequest request)
    {
        if (!request.Headers.TryGetValue(HeliosHeaders.IdempotencyKey, out var values))
        {
            return null;
        }

        var key = values.ToString();
        if (values.Count != 1 || key.Length is 0 or > MaxKeyLength || !key.All(c => c is >= ' ' and <= '~'))
        {
            throw new SandboxException(
                ErrorCodes.InvalidParameter, $"{HeliosHeaders.IdempotencyKey} must be one value of 1 to {MaxKeyLength} printable ASCII characters.")
            {
                Limit = MaxKeyLength,
                Value = key.Length,
            };
        }

        return key;
    }
}
