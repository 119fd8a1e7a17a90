using System.Text.RegularExpressions;

namespace HeliosEdge.Sandbox;

/// <summary>What names look like: a DNS label, so that a name fits everywhere a host name does.</summary>
public static partial class DnsLabel
{
    /// <summary>The pattern of names.</summary>
    public const string Pattern = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$";

    /// <summary>The pattern in words, for messages.</summary>
    public const string InWords = "1 to 63 of a-z, 0-9 and -, not beginning or ending with -";

    /// <summary>Whether a name follows <see cref="Pattern"/>.</summary>
    public static bool IsOne(string name) => Label().IsMatch(name);

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Label();
}
