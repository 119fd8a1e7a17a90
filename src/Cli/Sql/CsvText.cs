using System.Buffers;
using System.Text.Json;

namespace HeliosEdge.Cli.Sql;

/// <summary>Results as CSV (RFC 4180). NULL is nothing at all, an empty text is two quotes.</summary>
internal static class CsvText
{
    private static readonly SearchValues<char> Special = SearchValues.Create("\",\r\n");

    /// <summary>A record of texts, without its end.</summary>
    public static string Record(IEnumerable<string> texts) => string.Join(',', texts.Select(Text));

    /// <summary>A record of values, without its end.</summary>
    public static string Record(IEnumerable<JsonElement> values) => string.Join(',', values.Select(value => value.ValueKind switch
    {
        JsonValueKind.Null => "",
        JsonValueKind.String => Text(value.GetString()!),
        _ => Text(value.GetRawText()),
    }));

    private static string Text(string text) =>
        text.Length == 0 || text.AsSpan().ContainsAny(Special) ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
