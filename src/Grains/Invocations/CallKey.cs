using HeliosEdge.Sandbox;

namespace HeliosEdge.Grains.Invocations;

/// <summary>The idempotency key by which a caller knows a call again. Keys of different callers are different keys, whatever their text.</summary>
/// <param name="Text">As the caller wrote it.</param>
/// <param name="Slot">What is stored in its place: the caller and the text.</param>
public sealed record CallKey(string Text, string Slot)
{
    /// <summary>Characters of the text.</summary>
    public const int MaxLength = 255;

    /// <summary>The key of a caller who is not told from others; null for none.</summary>
    /// <param name="text">As the caller wrote it, or null.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>, as for <see cref="Require"/>.</exception>
    public static CallKey? OfOnlyCaller(string? text)
    {
        if (text is null)
        {
            return null;
        }

        Require("The idempotency key", text);
        return new CallKey(text, text);
    }

    /// <summary>Refuses a text that can be no key.</summary>
    /// <param name="what">What the text is, for the message.</param>
    /// <param name="text">The text.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>: it is empty, too long, or not printable ASCII.</exception>
    public static void Require(string what, string text)
    {
        if (text.Length is 0 or > MaxLength || !text.All(c => c is >= ' ' and <= '~'))
        {
            throw new SandboxException(ErrorCodes.InvalidParameter, $"{what} must be one value of 1 to {MaxLength} printable ASCII characters.")
            {
                Limit = MaxLength,
                Value = text.Length,
            };
        }
    }
}
