using System.Security.Cryptography;

namespace HeliosEdge.Access.Keys;

/// <summary>A key that is to be made.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Scopes">Words.</param>
/// <param name="Rate">Requests a second; null for no limit.</param>
/// <param name="Burst">Requests at once; null for as many as <paramref name="Rate"/>.</param>
/// <param name="Lifetime">How long it is to be good for; null for ever.</param>
internal sealed record KeyRequest(string Name, IReadOnlyCollection<string> Scopes, long? Rate, long? Burst, TimeSpan? Lifetime)
{
    public const int MaxNameLength = 64;
    public const int MaxRate = 1_000_000;

    /// <summary>Ten years: whoever means for ever can say so.</summary>
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(3650);

    private const int MaxShown = 40;

    /// <summary>Makes the key, and its text with the secret, which is nowhere else.</summary>
    /// <exception cref="KeyRefusedException">Something about it is not accepted.</exception>
    public (ApiKey Key, string Text) Make(DateTimeOffset now)
    {
        if (Name.Length is 0 or > MaxNameLength || Name.Any(c => char.IsControl(c) || char.IsSurrogate(c)) || Name.Trim() != Name)
        {
            throw new KeyRefusedException(
                $"A key's name has 1 to {MaxNameLength} characters, none of them a control character and no space at its ends; it cannot be \"{Shorten(Name)}\".");
        }

        var rate = Within("rate", Rate);
        var burst = Within("burst", Burst);
        if (burst is not null && rate is null)
        {
            throw new KeyRefusedException("A burst needs a rate.");
        }

        if (Lifetime is { } lifetime && (lifetime <= TimeSpan.Zero || lifetime > MaxLifetime))
        {
            throw new KeyRefusedException($"A key is good for more than no time and up to {MaxLifetime.TotalDays} days, not {lifetime}.");
        }

        var secret = KeyText.NewSecret();
        var salt = RandomNumberGenerator.GetBytes(ApiKey.SaltLength);
        var key = new ApiKey
        {
            Id = KeyText.NewId(),
            Name = Name,
            Scopes = ScopeWords.Parse(Scopes),
            Salt = salt,
            Hash = ApiKey.HashOf(secret, salt),
            Rate = rate,
            Burst = burst,
            CreatedAt = now,
            ExpiresAt = now + Lifetime,
        };
        return (key, KeyText.Format(key.Id, secret));
    }

    /// <summary>Shortens text that somebody sent, for a message.</summary>
    internal static string Shorten(string text) => text.Length <= MaxShown ? text : string.Concat(text.AsSpan(0, MaxShown), "…");

    private static int? Within(string what, long? value) => value switch
    {
        null => null,
        >= 1 and <= MaxRate => (int)value,
        _ => throw new KeyRefusedException($"A key's {what} is from 1 to {MaxRate} requests, not {value}."),
    };
}
