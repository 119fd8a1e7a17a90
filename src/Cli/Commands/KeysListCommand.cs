using System.CommandLine;
using System.Globalization;
using HeliosEdge.Access.Keys;
using HeliosEdge.Access.Stores;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

internal sealed class KeysListCommand : KeyPlaceCommand
{
    private readonly Option<bool> _json = new("--json") { Description = "Print a JSON array." };

    public KeysListCommand()
        : base("list", "Lists all keys without their secrets, revoked and expired ones too.")
    {
        Options.Add(_json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "helios keys list",
        "helios keys list --data ./data",
        "helios keys list --json | jq -r '.[] | select(.revokedAt == null).id'",
    ];

    /// <summary>A key of a store as a silo would tell it.</summary>
    internal static KeyInfo Describe(ApiKey key) => new(key.Id, key.Name, ScopeWords.Words(key.Scopes), key.CreatedAt)
    {
        Rate = key.Rate,
        Burst = key.Burst,
        ExpiresAt = key.ExpiresAt,
        RevokedAt = key.RevokedAt,
    };

    protected override async Task<int> ExecuteThereAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken) =>
        Print(result, await silo.ListKeysAsync(cancellationToken));

    protected override async Task<int> ExecuteHereAsync(ParseResult result, IAccessStore store) =>
        Print(result, [.. (await store.ReadAllAsync()).Select(Describe)]);

    private int Print(ParseResult result, IReadOnlyList<KeyInfo> keys)
    {
        if (result.GetValue(_json))
        {
            Listing.WriteJson(keys, CliJsonContext.Default.IReadOnlyListKeyInfo);
            return 0;
        }

        var now = DateTimeOffset.UtcNow;
        var table = Listing.Table("ID", "NAME", "SCOPES", "RATE", "MADE", "EXPIRES", "STATE");
        foreach (var key in keys)
        {
            table.AddTextRow(
                key.Id,
                key.Name,
                string.Join(", ", key.Scopes),
                key.Rate is { } rate ? $"{rate.ToString(CultureInfo.InvariantCulture)}/s" : "-",
                Time(key.CreatedAt),
                key.ExpiresAt is { } expires ? Time(expires) : "-",
                key.RevokedAt is not null ? "revoked" : key.ExpiresAt <= now ? "expired" : "active");
        }

        Listing.Write(table);
        return 0;
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("u", CultureInfo.InvariantCulture);
}
