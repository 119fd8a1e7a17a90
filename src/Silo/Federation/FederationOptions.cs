using System.Collections.Immutable;
using HeliosEdge.Grains;
using HeliosEdge.Grains.Regions;
using HeliosEdge.Silo.Hosting;

namespace HeliosEdge.Silo.Federation;

/// <summary>The silos that this one works with.</summary>
internal sealed record FederationOptions
{
    /// <summary>The regions that others serve, in the operator's order.</summary>
    public ImmutableArray<(string Region, Uri Address)> Peers { get; init; } = [];

    /// <summary>Time from one look at a peer to the next; what is waited differs from it by up to a fifth.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Time that a peer has for an answer that takes no work.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Reads the options.</summary>
    /// <exception cref="InvalidSettingException">A value is not accepted; the message names the setting.</exception>
    public static FederationOptions From(Func<Setting, string?> find, ServedRegions served) => new()
    {
        Peers = ParsePeers(find(FederationSettings.Peers) ?? string.Empty, served),
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
