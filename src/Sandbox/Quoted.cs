using System.Text;

namespace HeliosEdge.Sandbox;

/// <summary>What others wrote, made fit to be quoted in a message: short, and nothing in it that a log would act upon.</summary>
internal static class Quoted
{
    private const int MaxCharacters = 100;

    public static string Of(string text)
    {
        var quoted = new StringBuilder(Math.Min(text.Length, MaxCharacters) + 1);
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, MaxCharacters)))
        {
            quoted.Append(char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c);
        }

        return (text.Length > MaxCharacters ? quoted.Append('…') : quoted).ToString();
    }
}
