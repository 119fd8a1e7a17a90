using System.Text;
using System.Text.Unicode;

namespace HeliosEdge.Client.Messages;

/// <summary>A guest's bytes in the two forms that descriptions have them in: as text where they are UTF-8, else in base64.</summary>
internal static class GuestText
{
    /// <summary>One of the two is not null, unless there are no bytes to tell of.</summary>
    public static (string? Text, string? Base64) Of(ReadOnlyMemory<byte>? bytes) => bytes is not { Span: var span } ? (null, null)
        : Utf8.IsValid(span) ? (Encoding.UTF8.GetString(span), null)
        : (null, Convert.ToBase64String(span));
}
