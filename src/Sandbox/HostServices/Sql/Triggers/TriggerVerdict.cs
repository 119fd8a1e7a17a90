using System.Text.Json;

namespace HeliosEdge.Sandbox.HostServices.Sql.Triggers;

/// <summary>What a guest says of a row: <c>{"allow": true}</c>, <c>{"allow": false, "reason": "…"}</c> or <c>{"allow": true, "new": {…}}</c>.</summary>
/// <param name="IsAllowed">Whether the row may be as it is, or as <paramref name="New"/> makes it.</param>
/// <param name="Reason">Why not.</param>
/// <param name="New">The columns that it changes; null for none.</param>
internal sealed record TriggerVerdict(bool IsAllowed, string Reason, Dictionary<string, JsonElement>? New)
{
    private const int MaxReasonChars = 1_000;
    private static readonly TriggerVerdict AsItIs = new(IsAllowed: true, "", New: null);

    /// <summary>Reads an answer.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="columns">The columns that may be changed; null where none may.</param>
    /// <param name="fault">What is wrong with it, where this returns null.</param>
    public static TriggerVerdict? Read(ReadOnlyMemory<byte> json, IReadOnlySet<string>? columns, out string? fault)
    {
        // What is said of nearly all rows.
        if (json.Span.SequenceEqual("{\"allow\":true}"u8))
        {
            fault = null;
            return AsItIs;
        }

        try
        {
            using var document = JsonDocument.Parse(json);
            return Read(document.RootElement.Clone(), columns, out fault);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter is said of text with half a surrogate pair.
            fault = $"its function answered no JSON: {e.Message}";
            return null;
        }
    }

    private static TriggerVerdict? Read(JsonElement answer, IReadOnlySet<string>? columns, out string? fault)
    {
        fault = null;
        if (answer.ValueKind != JsonValueKind.Object || !answer.TryGetProperty("allow", out var allow) || allow.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            fault = "its function answered no object with a member \"allow\" that is true or false.";
            return null;
        }

        if (allow.ValueKind == JsonValueKind.False)
        {
            var reason = answer.TryGetProperty("reason", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : "no reason is given";
            return new TriggerVerdict(IsAllowed: false, reason.Length <= MaxReasonChars ? reason : reason[..MaxReasonChars], New: null);
        }

        if (!answer.TryGetProperty("new", out var changed) || changed.ValueKind == JsonValueKind.Null)
        {
            return AsItIs;
        }

        if (columns is null)
        {
            fault = "its function answered \"new\", which only before_insert and before_update take.";
            return null;
        }

        if (changed.ValueKind != JsonValueKind.Object)
        {
            fault = "its function answered \"new\" that is no object.";
            return null;
        }

        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in changed.EnumerateObject())
        {
            if (!columns.Contains(member.Name))
            {
                fault = $"its function answered a column \"{Quoted.Of(member.Name)}\", which it may not change; it may change {string.Join(", ", columns)}.";
                return null;
            }

            if (member.Value.ValueKind == JsonValueKind.String)
            {
                // Looked at now: while the row is written is too late.
                _ = member.Value.GetString();
            }

            values[member.Name] = member.Value;
        }

        return new TriggerVerdict(IsAllowed: true, "", values.Count == 0 ? null : values);
    }
}
