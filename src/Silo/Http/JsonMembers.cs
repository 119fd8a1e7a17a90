using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using HeliosEdge.Sandbox;

namespace HeliosEdge.Silo.Http;

/// <summary>
/// Takes a JSON object apart, member by member, so that each fault is named by the member's path; a deserializer would name
/// types of this program.
/// </summary>
internal sealed class JsonMembers
{
    /// <summary>Unknown members that are named; a body may be made of thousands.</summary>
    private const int MaxNamed = 10;

    private readonly JsonElement _object;
    private readonly string _path;

    private JsonMembers(JsonElement element, string path, ReadOnlySpan<string> known, string what = "The body")
    {
        _object = element;
        _path = path;
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw Refuse($"{(path.Length == 0 ? what : path)} must be a JSON object, not {Describe(element)}.");
        }

        var unknown = new List<string>();
        foreach (var member in element.EnumerateObject())
        {
            var name = NameOf(member);
            if (!known.Contains(name))
            {
                unknown.Add($"\"{Grains.Names.Shorten(Name(name))}\"");
            }
        }

        if (unknown.Count > 0)
        {
            var more = unknown.Count > MaxNamed ? $" and {unknown.Count - MaxNamed} more" : string.Empty;
            throw Refuse($"Unknown member {string.Join(", ", unknown.Take(MaxNamed))}{more}; known are {string.Join(", ", known!)}.");
        }
    }

    /// <summary>Parses an object and hands its members to <paramref name="take"/>.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="known">The members it may have.</param>
    /// <param name="take">Takes them.</param>
    /// <param name="what">What it is, for messages.</param>
    /// <param name="maxValues">Values of all kinds that the whole may have.</param>
    /// <param name="maxDepth">Objects and lists within each other that it may have.</param>
    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.InvalidParameter"/>: it is no JSON object, is over one of the <see cref="JsonCaps"/>, or a member is not accepted.
    /// </exception>
    public static T Parse<T>(
        ReadOnlyMemory<byte> json,
        ReadOnlySpan<string> known,
        Func<JsonMembers, T> take,
        string what = "The body",
        int maxValues = JsonCaps.MaxValues,
        int maxDepth = JsonCaps.MaxDepth)
    {
        using var document = Read(json, what, maxValues, maxDepth);
        return take(new JsonMembers(document.RootElement, string.Empty, known, what));
    }

    /// <summary>Parses a list of objects and hands each one's members to <paramref name="take"/>.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="known">The members that each may have.</param>
    /// <param name="take">Takes them.</param>
    /// <param name="what">What it is, for messages.</param>
    /// <param name="maxValues">Values of all kinds that the whole may have.</param>
    /// <param name="maxDepth">Objects and lists within each other that it may have.</param>
    /// <exception cref="SandboxException">As of <see cref="Parse"/>.</exception>
    public static ImmutableArray<T> ParseObjects<T>(
        ReadOnlyMemory<byte> json,
        ReadOnlySpan<string> known,
        Func<JsonMembers, T> take,
        string what = "The body",
        int maxValues = JsonCaps.MaxValues,
        int maxDepth = JsonCaps.MaxDepth)
    {
        using var document = Read(json, what, maxValues, maxDepth);
        if (document.RootElement.ValueKind != JsonValueKind.Array)
        {
            throw Refuse($"{what} must be a list of objects, not {Describe(document.RootElement)}.");
        }

        var taken = ImmutableArray.CreateBuilder<T>(document.RootElement.GetArrayLength());
        foreach (var element in document.RootElement.EnumerateArray())
        {
            taken.Add(take(new JsonMembers(element, $"[{taken.Count}]", known, what)));
        }

        return taken.MoveToImmutable();
    }

    /// <summary>Parses an object whose members, of any names, are all whole numbers.</summary>
    /// <exception cref="SandboxException">As of <see cref="Parse"/>.</exception>
    public static IReadOnlyDictionary<string, long> ParseIntegers(ReadOnlyMemory<byte> json, string what = "The body")
    {
        using var document = Read(json, what);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw Refuse($"{what} must be a JSON object, not {Describe(document.RootElement)}.");
        }

        var numbers = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var member in document.RootElement.EnumerateObject())
        {
            var name = NameOf(member);
            numbers[name] = member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt64(out var number)
                ? number
                : throw Refuse($"\"{Grains.Names.Shorten(name)}\" must be a whole number, not {Describe(member.Value)}.");
        }

        return numbers;
    }

    /// <summary>A string that must be there.</summary>
    public string RequiredString(string name) => OptionalString(name) ?? throw Refuse($"{Name(name)} is missing.");

    /// <summary>A string, or null where it is null or not there.</summary>
    public string? OptionalString(string name) => Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.String ? Text(value, name)
        : throw Refuse($"{Name(name)} must be a string, not {Describe(value)}.");

    /// <summary>A whole number, or null where it is null or not there.</summary>
    public long? OptionalInteger(string name) => Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number
        : throw Refuse($"{Name(name)} must be a whole number, not {Describe(value)}.");

    /// <summary>True or false, or null where it is null or not there.</summary>
    public bool? OptionalBoolean(string name) => Find(name) is not { } value ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Refuse($"{Name(name)} must be true or false, not {Describe(value)}.");

    /// <summary>Whether it is there and not null.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>A list of any values as the JSON that it is; empty where it is null or not there.</summary>
    public ReadOnlyMemory<byte> OptionalList(string name) => Find(name) is not { } value ? default
        : value.ValueKind == JsonValueKind.Array ? JsonMarshal.GetRawUtf8Value(value).ToArray()
        : throw Refuse($"{Name(name)} must be a list, not {Describe(value)}.");

    /// <summary>A list of strings, empty where it is null or not there.</summary>
    public IReadOnlyList<string> OptionalStrings(string name)
    {
        if (Find(name) is not { } value)
        {
            return [];
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            throw Refuse($"{Name(name)} must be a list of strings, not {Describe(value)}.");
        }

        var strings = new List<string>();
        foreach (var element in value.EnumerateArray())
        {
            strings.Add(element.ValueKind == JsonValueKind.String
                ? Text(element, name)
                : throw Refuse($"{Name(name)}[{strings.Count}] must be a string, not {Describe(element)}."));
        }

        return strings;
    }

    /// <summary>An object whose members are all strings, or null where it is null or not there.</summary>
    public IReadOnlyDictionary<string, string>? OptionalMap(string name)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            throw Refuse($"{Name(name)} must be an object of strings, not {Describe(value)}.");
        }

        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            var key = NameOf(member);
            map[key] = member.Value.ValueKind == JsonValueKind.String
                ? Text(member.Value, $"{name}.{Grains.Names.Shorten(key)}")
                : throw Refuse($"{Name(name)}.{Grains.Names.Shorten(key)} must be a string, not {Describe(member.Value)}.");
        }

        return map;
    }

    /// <summary>An object, or null where it is null or not there.</summary>
    public JsonMembers? OptionalObject(string name, params ReadOnlySpan<string> known) =>
        Find(name) is { } value ? new JsonMembers(value, Name(name), known) : null;

    /// <summary>An object whose members, of any names, are all objects; empty where it is null or not there.</summary>
    public IEnumerable<(string Name, JsonMembers Members)> OptionalObjects(string name, string[] known)
    {
        if (Find(name) is not { } value)
        {
            yield break;
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            throw Refuse($"{Name(name)} must be an object of objects, not {Describe(value)}.");
        }

        foreach (var member in value.EnumerateObject())
        {
            var key = NameOf(member);
            yield return (key, new JsonMembers(member.Value, $"{Name(name)}.{Grains.Names.Shorten(key)}", known));
        }
    }

    /// <summary>The path of a member from the outermost object on, as messages name it.</summary>
    public string Name(string member) => _path.Length == 0 ? member : $"{_path}.{member}";

    private static JsonDocument Read(ReadOnlyMemory<byte> json, string what, int maxValues = JsonCaps.MaxValues, int maxDepth = JsonCaps.MaxDepth)
    {
        if (!Utf8.IsValid(json.Span))
        {
            throw Refuse($"{what} is no JSON: it is not valid UTF-8.");
        }

        try
        {
            JsonCaps.Check(json.Span, what, maxValues, maxDepth);
            return JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = maxDepth });
        }
        catch (JsonException e)
        {
            throw Refuse($"{what} is no JSON: {e.Message}");
        }
        catch (InvalidOperationException)
        {
            throw UnpairedSurrogate("A member's name");
        }
    }

    private static SandboxException Refuse(string message) => new(ErrorCodes.InvalidParameter, message);

    // An escape such as \ud800 alone is good JSON, but no text.
    private static SandboxException UnpairedSurrogate(string what) => Refuse($"{what} is no valid Unicode text.");

    private static string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            throw UnpairedSurrogate("A member's name");
        }
    }

    private static string Describe(JsonElement value) => Grains.Names.Shorten(value.GetRawText());

    private string Text(JsonElement value, string name)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw UnpairedSurrogate(Name(name));
        }
    }

    private JsonElement? Find(string name) =>
        _object.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
