using HeliosEdge.Sandbox.Engines.Inspection;
using HeliosEdge.Wasm;

namespace HeliosEdge.Sandbox.Engines.Managed;

/// <summary>The engine of this repository, <c>HeliosEdge.Wasm</c>, behind the port.</summary>
public sealed class ManagedEngine : IPrecompilingEngine
{
    /// <summary>Its name.</summary>
    public const string EngineName = "managed";

    private readonly CompileOptions _options;
    private readonly CompileOptions _metered;

    /// <summary>Makes the engine.</summary>
    /// <param name="limits">What modules may ask of the compiler; null for the engine's own defaults.</param>
    public ManagedEngine(ModuleLimits? limits = null)
    {
        _options = new CompileOptions { Interruptible = true, Limits = limits ?? new ModuleLimits() };
        _metered = _options with { MeterFuel = true };
    }

    /// <inheritdoc/>
    public string Name => EngineName;

    /// <inheritdoc/>
    public string Version { get; } = typeof(Module).Assembly.GetName().Version!.ToString(3);

    /// <inheritdoc/>
    public string CodeIdentity { get; } = $"{EngineName} {typeof(Module).Assembly.ManifestModule.ModuleVersionId:N}";

    /// <inheritdoc/>
    public ICompiledModule Compile(ReadOnlySpan<byte> wasm, bool metered = false, CompileTurn? turn = null)
    {
        try
        {
            return Prepared(Module.Compile(wasm, metered ? _metered : _options, CheckpointOf(turn)), metered, turn);
        }
        catch (InvalidModuleException e)
        {
            throw ModuleInspector.Refused(e);
        }
    }

    /// <inheritdoc/>
    public byte[] Precompile(ReadOnlySpan<byte> wasm, bool metered = false, CompileTurn? turn = null)
    {
        try
        {
            return Module.Serialize(wasm, metered ? _metered : _options, CheckpointOf(turn));
        }
        catch (InvalidModuleException e)
        {
            throw ModuleInspector.Refused(e);
        }
    }

    /// <inheritdoc/>
    public ICompiledModule Load(ReadOnlySpan<byte> wasm, ReadOnlySpan<byte> precompiled, bool metered = false, CompileTurn? turn = null)
    {
        try
        {
            return Prepared(Module.Deserialize(wasm, precompiled, _options, CheckpointOf(turn)), metered, turn);
        }
        catch (InvalidModuleException e)
        {
            throw ModuleInspector.Refused(e);
        }
    }

    /// <inheritdoc/>
    public ModuleFootprint Lingering => LingeringCode.Footprint;

    /// <inheritdoc/>
    public void Reclaim(bool now) => LingeringCode.Collect(now);

    private static Action? CheckpointOf(CompileTurn? turn) => turn is null ? null : turn.Pass;

    /// <summary>Makes the machine code now, where that is to be done within bounds; otherwise each function's at its first call.</summary>
    private static ManagedModule Prepared(Module module, bool metered, CompileTurn? turn)
    {
        var managed = new ManagedModule(module, metered);
        try
        {
            if (turn is not null)
            {
                module.Prepare(turn.Pass);
            }

            return managed;
        }
        catch
        {
            managed.Dispose();
            throw;
        }
    }
}
