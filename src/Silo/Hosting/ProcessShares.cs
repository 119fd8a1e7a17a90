using HeliosEdge.Grains.Modules;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Settings;
using HeliosEdge.Silo.Access;

namespace HeliosEdge.Silo.Hosting;

/// <summary>How what the system lets this process have is divided, so that nothing that callers and functions do can use it up.</summary>
/// <param name="Limits">What the system lets it have.</param>
/// <param name="Connections">Connections from callers.</param>
/// <param name="Modules">What compiled modules may take.</param>
/// <param name="GuestMemoryBytes">Memory of all guests together.</param>
internal sealed record ProcessShares(ProcessLimits Limits, int Connections, ModuleCacheLimits Modules, long GuestMemoryBytes)
{
    /// <summary>What the runtime, which has two for each of its assemblies, and the databases take while a silo is at work.</summary>
    private const int OwnDescriptors = 512;

    /// <summary>Instances of guests that run or are kept, threads and the runtime have two thirds, of which they need some 9,000.</summary>
    private const int LeastMappings = 16_384;
    private const int LeastGuestMiB = 64;
    private const long LeastModuleBytes = 64L << 20;
    private const long MostModuleBytes = 1L << 30;

    /// <summary>Divides what the process may have.</summary>
    /// <exception cref="SiloStartException">It is too little for a silo.</exception>
    /// <exception cref="InvalidSettingException">A setting asks for more.</exception>
    public static ProcessShares Of(SiloOptions options)
    {
        var limits = options.Limits;
        if (limits.Descriptors < StartConditions.LeastDescriptors)
        {
            throw new SiloStartException(StartConditions.TooFewDescriptors(limits.Descriptors));
        }

        if (limits.Mappings < LeastMappings)
        {
            throw new SiloStartException(
                $"This process may have {limits.Mappings} mappings of memory (vm.max_map_count); a silo needs at least {LeastMappings}.");
        }

        // An eighth each for modules and for requests of functions; connections have what is left.
        var modules = limits.Descriptors / 8;
        var connections = (int)Math.Min(int.MaxValue, limits.Descriptors - OwnDescriptors - (2 * modules));
        if (options.Access.Connections.MaxConnections is { } stated && stated > connections)
        {
            throw new InvalidSettingException(
                $"--{AccessSettings.MaxConnections.Name} {stated} is more than the {connections} connections that {limits.Descriptors} open files leave room for; raise ulimit -n.");
        }

        return new ProcessShares(
            limits,
            options.Access.Connections.MaxConnections ?? Math.Min(ConnectionLimits.DefaultMaxConnections, connections),
            new ModuleCacheLimits(new ModuleFootprint(limits.Mappings / 3, modules, Math.Clamp(limits.MemoryBytes / 8, LeastModuleBytes, MostModuleBytes))),
            GuestMemory(limits, options.GuestMemoryMiB));
    }

    /// <summary>What there is and how it is divided, in one line.</summary>
    public override string ToString()
    {
        var mappings = Limits.Mappings == long.MaxValue ? "any number of" : $"{Limits.Mappings}";
        var descriptors = Limits.Descriptors == long.MaxValue ? "any number of" : $"{Limits.Descriptors}";
        return $"This process may have {descriptors} open files, {mappings} mappings of memory and {Limits.MemoryBytes >> 20} MiB: {Connections} connections; "
            + $"modules may take {Modules.Loaded.Descriptors} files, {Modules.Loaded.Mappings} mappings and {Modules.Loaded.Bytes >> 20} MiB; "
            + $"all guests may have {GuestMemoryBytes >> 20} MiB together.";
    }

    private static long GuestMemory(ProcessLimits limits, int? stated) => stated switch
    {
        null => Math.Max(Sandbox.Execution.GuestMemory.DefaultMaxBytes, (long)LeastGuestMiB << 20),
        >= LeastGuestMiB when (long)stated << 20 <= limits.MemoryBytes => (long)stated << 20,
        _ => throw new InvalidSettingException(
            $"--{Setting.GuestMemoryMiB.Name} must be from {LeastGuestMiB} to {limits.MemoryBytes >> 20}, which is what this process may have, not {stated}."),
    };
}
