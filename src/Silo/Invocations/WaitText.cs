using System.Globalization;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Sandbox;

namespace HeliosEdge.Silo.Invocations;

/// <summary>How long a caller of a long poll will wait, as <c>30s</c> or <c>500ms</c>.</summary>
internal static class WaitText
{
    private const int MaxMs = InvocationLookup.MaxWaitMs;

    /// <summary>Milliseconds, no more than anybody waits; 0 where nothing is stated.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>.</exception>
    public static int Parse(string? text)
    {
        if (text is null)
        {
            return 0;
        }

        var (digits, unit) = text.EndsWith("ms", StringComparison.Ordinal) ? (text[..^2], 1)
            : text.EndsWith('s') ? (text[..^1], 1_000)
            : (text, 1_000);
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (int)Math.Min(Math.Min(number, MaxMs) * unit, MaxMs)
            : throw new SandboxException(
                ErrorCodes.InvalidParameter, $"wait must be a time such as 30s or 500ms, not \"{Grains.Names.Shorten(text)}\".");
    }
}
