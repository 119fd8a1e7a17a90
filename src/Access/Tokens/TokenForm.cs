using System.Buffers.Text;
using System.Text.Json;

namespace HeliosEdge.Access.Tokens;

/// <summary>
/// Looks at what two readers of the same JSON web token could take differently, before any reader takes it: names that are there twice, and
/// extensions that the token says must be understood (<c>crit</c>, RFC 7515, 4.1.11). This silo understands none.
/// </summary>
internal static class TokenForm
{
    private const int MaxLength = 16 << 10;

    private static readonly JsonDocumentOptions Json = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <summary>Whether it is three parts, of which the first two are JSON objects that can be read in one way.</summary>
    public static bool IsAccepted(string token)
    {
        if (token.Length > MaxLength || token.Split('.') is not [var header, var claims, _])
        {
            return false;
        }

        using var head = Read(header);
        using var body = Read(claims);
        return head is { RootElement.ValueKind: JsonValueKind.Object } && body is { RootElement.ValueKind: JsonValueKind.Object }
            && !head.RootElement.TryGetProperty("crit", out _);
    }

    private static JsonDocument? Read(string part)
    {
        try
        {
            return JsonDocument.Parse(Base64Url.DecodeFromChars(part), Json);
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            // Why a token is not good is nobody's business.
            return null;
        }
    }
}
