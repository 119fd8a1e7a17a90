namespace HeliosEdge.Sandbox.Engines.Compilation;

/// <summary>A module that waits to be compiled, or is.</summary>
internal sealed class CompileJob(ReadOnlyMemory<byte> wasm, ModuleBuild build, CompileAccount account, Action? begin = null)
    : TaskCompletionSource<ICompiledModule>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public ReadOnlyMemory<byte> Wasm => wasm;

    public ModuleBuild Build => build;

    public CompileAccount Account => account;

    public Action? Begin => begin;

    /// <summary>Whether it has, or waits for, a place of those that take long. Of the pool's lock.</summary>
    public bool IsLong { get; set; }

    /// <summary>Processor time of its turn that its caller has been charged with. Of the pool's lock.</summary>
    public TimeSpan Charged { get; set; }
}
