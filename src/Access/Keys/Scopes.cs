namespace HeliosEdge.Access.Keys;

/// <summary>What a caller may do.</summary>
[Flags]
internal enum Scopes
{
    None = 0,

    /// <summary>Look at functions, modules and regions.</summary>
    Read = 1,

    /// <summary>Call functions.</summary>
    Invoke = 2,

    /// <summary>Change modules, functions and bundles; implies <see cref="Read"/>.</summary>
    Deploy = 4,

    /// <summary>Make and revoke keys, read the log of changes; implies all before.</summary>
    Admin = 8,

    /// <summary>Speak for another silo, whose callers call and deploy; implies all but <see cref="Admin"/> and those for data. No key has it: silos show a certificate or the peer key.</summary>
    Peer = 16,

    /// <summary>Query the regions' SQL databases and see which there are.</summary>
    DataRead = 32,

    /// <summary>Change the regions' SQL databases; implies <see cref="DataRead"/>.</summary>
    DataWrite = 64,
}

/// <summary>Scopes as words.</summary>
internal static class ScopeWords
{
    private static readonly (string Word, Scopes Scope)[] OfKeys =
    [
        ("admin", Scopes.Admin),
        ("data.read", Scopes.DataRead),
        ("data.write", Scopes.DataWrite),
        ("deploy", Scopes.Deploy),
        ("invoke", Scopes.Invoke),
        ("read", Scopes.Read),
    ];

    /// <summary>The words that a key or a token may have.</summary>
    public static string Known { get; } = string.Join(", ", OfKeys.Select(scope => scope.Word));

    /// <summary>The word of one scope.</summary>
    public static string Word(Scopes scope) =>
        scope == Scopes.Peer ? "peer" : Array.Find(OfKeys, known => known.Scope == scope).Word;

    /// <summary>The words of those scopes that were given, not of those that they imply.</summary>
    public static IReadOnlyList<string> Words(Scopes scopes) =>
        [.. OfKeys.Where(known => scopes.HasFlag(known.Scope)).Select(known => known.Word)];

    public static bool TryParse(ReadOnlySpan<char> word, out Scopes scope)
    {
        foreach (var known in OfKeys)
        {
            if (word.SequenceEqual(known.Word))
            {
                scope = known.Scope;
                return true;
            }
        }

        scope = Scopes.None;
        return false;
    }

    /// <summary>Parses the words of a key.</summary>
    /// <exception cref="KeyRefusedException">There is none, or one is unknown.</exception>
    public static Scopes Parse(IReadOnlyCollection<string> words)
    {
        var scopes = Scopes.None;
        foreach (var word in words)
        {
            scopes |= TryParse(word, out var scope)
                ? scope
                : throw new KeyRefusedException($"\"{KeyRequest.Shorten(word)}\" is no scope; scopes are {Known}.");
        }

        return scopes == Scopes.None ? throw new KeyRefusedException($"A key needs a scope; scopes are {Known}.") : scopes;
    }

    /// <summary>Adds what the scopes imply.</summary>
    public static Scopes WithImplied(this Scopes scopes)
    {
        if (scopes.HasFlag(Scopes.Admin))
        {
            scopes |= Scopes.Deploy | Scopes.Invoke | Scopes.DataWrite;
        }

        if (scopes.HasFlag(Scopes.DataWrite))
        {
            scopes |= Scopes.DataRead;
        }

        if (scopes.HasFlag(Scopes.Peer))
        {
            scopes |= Scopes.Deploy | Scopes.Invoke;
        }

        return scopes.HasFlag(Scopes.Deploy) ? scopes | Scopes.Read : scopes;
    }
}
