using System.Text;
using System.Text.Unicode;

namespace HeliosEdge.Silo.Invocations;

/// <summary>A guest's bytes in JSON: as text where they are UTF-8, else in base64.</summary>
internal static class GuestText
{
    /// <summary>Exactly one of the two is not null.</summary>
    public static (string? Text, string? Base64) Of(ReadOnlySpan<byte> bytes) =>
        Utf8.IsValid(bytes) ? (Encoding.UTF8.GetString(bytes), null) : (null, Convert.ToBase64String(bytes));
}
