using HeliosEdge.Silo.Hosting;

namespace HeliosEdge.Silo.Federation;

/// <summary>What the operator can set about other silos.</summary>
internal static class FederationSettings
{
    public static readonly Setting Peers = new(
        "peers", "REGION=URL,…", "none", "Regions that other silos serve, and the address of each, such as us-east=https://us.example.org.");

    public static IReadOnlyList<Setting> All { get; } = [Peers];
}
