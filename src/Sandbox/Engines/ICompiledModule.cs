using System.Collections.Immutable;

namespace HeliosEdge.Sandbox.Engines;

/// <summary>Machine code of one module: immutable and shared between threads. Disposed once no instance of it is alive.</summary>
public interface ICompiledModule : IDisposable
{
    /// <summary>What the module needs from its host, in the module's order.</summary>
    ImmutableArray<ModuleImport> Imports { get; }

    /// <summary>What the module offers, in the module's order.</summary>
    ImmutableArray<ModuleExport> Exports { get; }

    /// <summary>Makes a fresh instance with nothing linked to it and runs its start function, if it has one.</summary>
    /// <exception cref="GuestTrapException">The start function or a segment trapped, or the deadline passed.</exception>
    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.MemoryLimitExceeded"/>: the module starts with more memory or larger tables than
    /// <paramref name="limits"/> allow. <see cref="ErrorCodes.InvalidModule"/>: the module has imports.
    /// </exception>
    IGuestInstance Instantiate(in InstanceLimits limits);
}
