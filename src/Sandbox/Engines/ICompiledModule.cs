using System.Collections.Immutable;

namespace HeliosEdge.Sandbox.Engines;

/// <summary>Machine code of one module: immutable and shared between threads. Disposed once no instance of it is alive.</summary>
public interface ICompiledModule : IDisposable
{
    /// <summary>What the module needs from its host, in the module's order.</summary>
    ImmutableArray<ModuleImport> Imports { get; }

    /// <summary>What the module offers, in the module's order.</summary>
    ImmutableArray<ModuleExport> Exports { get; }

    /// <summary>What it takes while it is loaded. It grows where the module is used in new ways.</summary>
    ModuleFootprint Footprint { get; }

    /// <summary>The most linear memory that an instance can come to have, in bytes.</summary>
    /// <param name="limit">What <see cref="InstanceLimits.MaxMemoryBytes"/> will be.</param>
    long MostMemoryBytes(long limit);

    /// <summary>Makes a fresh instance and runs its start function, if it has one.</summary>
    /// <param name="limits">What the instance may use.</param>
    /// <param name="imports">The host functions that its imports are linked to; null for none.</param>
    /// <param name="state">What those host functions find in <see cref="IHostCaller.State"/>.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="limits"/> state fuel for a module that was not compiled to be metered, or a value out of its range.
    /// </exception>
    /// <exception cref="GuestTrapException">The start function or a segment trapped, the deadline passed, or the fuel ran out.</exception>
    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.MemoryLimitExceeded"/>: the module starts with more memory or larger tables than
    /// <paramref name="limits"/> allow. <see cref="ErrorCodes.InvalidModule"/>: the module has an import that
    /// <paramref name="imports"/> do not offer, or not with that type.
    /// </exception>
    IGuestInstance Instantiate(in InstanceLimits limits, HostFunctionSet? imports = null, object? state = null);
}
