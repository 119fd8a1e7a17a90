using HeliosEdge.Sandbox;

namespace HeliosEdge.Grains;

/// <summary>What functions, regions and entries may be called.</summary>
public static class Names
{
    /// <summary>The pattern of function and region names: a DNS label, so that a name fits everywhere a host name does.</summary>
    public const string Pattern = DnsLabel.Pattern;

    /// <summary>Characters of an entry's name.</summary>
    public const int MaxEntryLength = 256;

    private const int MaxShown = 80;

    /// <summary>Refuses a name that does not follow <see cref="Pattern"/>.</summary>
    /// <param name="what">What the name names, for the message.</param>
    /// <param name="name">The name.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>.</exception>
    public static void Require(string what, string name)
    {
        if (!DnsLabel.IsOne(name))
        {
            throw new SandboxException(
                ErrorCodes.InvalidParameter,
                $"{what} \"{Shorten(name)}\" is not accepted: {DnsLabel.InWords}.");
        }
    }

    /// <summary>Refuses an export name that is empty or too long.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>.</exception>
    public static void RequireEntry(string entry)
    {
        if (entry.Length is 0 or > MaxEntryLength)
        {
            throw new SandboxException(
                ErrorCodes.InvalidParameter, $"entry must have from 1 to {MaxEntryLength} characters, not {entry.Length}.")
            {
                Limit = MaxEntryLength,
                Value = entry.Length,
            };
        }
    }

    /// <summary>A text as it is put into a message: no longer than it takes to recognize it.</summary>
    public static string Shorten(string text) => text.Length <= MaxShown ? text : string.Concat(text.AsSpan(0, MaxShown), "…");
}
