using HeliosEdge.Grains.Regions;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>Which silo of the cluster serves which regions, as each says in its metadata.</summary>
internal sealed class ClusterRegions(ISiloMetadataCache metadata, ILocalSiloDetails local, ServedRegions served)
{
    /// <summary>The member of a silo's metadata with the names of its regions, separated by commas.</summary>
    public const string MetadataKey = "region";

    /// <summary>The regions of a silo; none while it is not known yet what they are.</summary>
    public IEnumerable<string> Of(SiloAddress silo) => silo.Equals(local.SiloAddress)
        ? served.Own
        : metadata.GetSiloMetadata(silo).Metadata.TryGetValue(MetadataKey, out var regions) ? regions.Split(',') : [];

    /// <summary>Tells whether a silo serves a region.</summary>
    public bool Serves(SiloAddress silo, string region) => Of(silo).Contains(region, StringComparer.Ordinal);
}
