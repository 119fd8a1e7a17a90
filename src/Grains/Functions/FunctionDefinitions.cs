using HeliosEdge.Grains.Abstractions.Functions;

namespace HeliosEdge.Grains.Functions;

/// <summary>Compares what functions are registered as.</summary>
internal static class FunctionDefinitions
{
    /// <summary>Whether two descriptions say the same, whichever versions they are and whatever part of the calls they take.</summary>
    public static bool IsSameAs(this FunctionDescription one, FunctionDescription other) =>
        one.Regions.SequenceEqual(other.Regions)
        && one.Capabilities.SequenceEqual(other.Capabilities)
        && one.Args.SequenceEqual(other.Args)
        && one.AllowedHosts.SequenceEqual(other.AllowedHosts)
        && one.Env.SequenceEqual(other.Env)
        && one.Config.SequenceEqual(other.Config)
        && one.Bundles.SequenceEqual(other.Bundles)

        // Collections are equal only to themselves; with those of the other one, the rest decides.
        && other == one with
        {
            Version = other.Version,
            Traffic = other.Traffic,
            Regions = other.Regions,
            Capabilities = other.Capabilities,
            Args = other.Args,
            AllowedHosts = other.AllowedHosts,
            Env = other.Env,
            Config = other.Config,
            Bundles = other.Bundles,
        };
}
