using System.Collections.Immutable;
using HeliosEdge.Federation;
using HeliosEdge.Grains;
using HeliosEdge.Grains.Regions;
using HeliosEdge.Settings;
using HeliosEdge.Silo.Hosting;

namespace HeliosEdge.Silo.Federation;

/// <summary>What the operator can set about other silos.</summary>
internal static class FederationSettings
{
    public static readonly Setting Peers = new(
        "peers", "REGION=URL,…", "none", "Regions that other silos serve, and the address of each, such as us-east=https://us.example.org.");

    public static IReadOnlyList<Setting> All { get; } = [Peers];

    /// <summary>Reads the options.</summary>
    /// <exception cref="InvalidSettingException">A value is not accepted; the message names the setting.</exception>
    public static FederationOptions Read(Func<Setting, string?> find, ServedRegions served) => new()
    {
        Peers = ParsePeers(find(Peers) ?? string.Empty, served),
    };

    private static ImmutableArray<(string Region, Uri Address)> ParsePeers(string text, ServedRegions served)
    {
        var peers = ImmutableArray.CreateBuilder<(string Region, Uri Address)>();
        foreach (var entry in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = entry.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0
                || !Uri.TryCreate(entry[(equals + 1)..], UriKind.Absolute, out var address)
                || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps)
                || address.PathAndQuery != "/"
                || address.Fragment.Length > 0
                || address.UserInfo.Length > 0)
            {
                throw new InvalidSettingException(
                    $"--peers: \"{Names.Shorten(entry)}\" is not accepted; a peer looks like us-east=https://us.example.org or us-east=http://127.0.0.1:8081.");
            }

            var region = entry[..equals];
            Names.Require("--peers: the region name", region);
            if (served.Contains(region))
            {
                throw new InvalidSettingException($"--peers names {region}, which this silo serves itself.");
            }

            if (peers.Any(peer => peer.Region == region))
            {
                throw new InvalidSettingException($"--peers names {region} twice.");
            }

            peers.Add((region, address));
        }

        return peers.ToImmutable();
    }
}
