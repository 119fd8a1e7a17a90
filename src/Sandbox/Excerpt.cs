namespace HeliosEdge.Sandbox;

/// <summary>Names that a module chose, cut to what an error message has room for: a module may have a hundred thousand of them, each as long as itself.</summary>
internal static class Excerpt
{
    private const int MaxChars = 256;
    private const int MaxListed = 20;

    /// <summary>A text, or its beginning.</summary>
    public static string Of(string text) => text.Length <= MaxChars ? text : $"{text.AsSpan(0, MaxChars)}…";

    /// <summary>Texts in a row, or the first of them and how many more there are.</summary>
    public static string List(IReadOnlyList<string> texts, string separator)
    {
        var shown = string.Join(separator, texts.Take(MaxListed).Select(Of));
        return texts.Count <= MaxListed ? shown : $"{shown} and {texts.Count - MaxListed} more";
    }
}
