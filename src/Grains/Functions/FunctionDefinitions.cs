using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Sandbox.Engines;

namespace HeliosEdge.Grains.Functions;

/// <summary>What functions are registered as: compared, and with what holds where they state nothing.</summary>
internal static class FunctionDefinitions
{
    /// <summary>The same, with the default engine where it names none.</summary>
    public static FunctionDescription On(this FunctionDescription function, EngineSet engines) =>
        function.Engine is null ? function with { Engine = engines.Default.Name } : function;

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
