using System.Text;

namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>What is kept of a message that a guest, a server or a sink may have had a part in.</summary>
internal static class StoredText
{
    private const int MaxCharacters = 8_192;

    /// <summary>A text that every database takes: short, without zero characters and halves of surrogate pairs.</summary>
    public static string Of(string text)
    {
        var kept = text.Length <= MaxCharacters ? text : $"{text.AsSpan(0, MaxCharacters)}…";
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(kept)).Replace('\0', '\uFFFD');
    }
}
