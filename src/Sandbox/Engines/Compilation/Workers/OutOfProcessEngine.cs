using System.Diagnostics.CodeAnalysis;
using HeliosEdge.Sandbox.Engines.Wasmtime;

namespace HeliosEdge.Sandbox.Engines.Compilation.Workers;

/// <summary>
/// libwasmtime with its compiler in processes of its own, where it can be stopped, and where what it does with a module costs nobody else
/// anything. Only their output comes into this process. Without a <see cref="CompileTurn"/> it compiles here.
/// </summary>
public sealed class OutOfProcessEngine : IPrecompilingEngine, IDisposable
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    private readonly WasmtimeEngine _engine;

    internal OutOfProcessEngine(WasmtimeEngine engine, CompilerProcesses processes)
    {
        _engine = engine;
        Processes = processes;
    }

    /// <inheritdoc/>
    public string Name => _engine.Name;

    /// <inheritdoc/>
    public string Version => _engine.Version;

    /// <inheritdoc/>
    public string CodeIdentity => _engine.CodeIdentity;

    internal CompilerProcesses Processes { get; }

    /// <summary>Makes the engine; processes are started when there is something to compile.</summary>
    /// <param name="engine">The library.</param>
    /// <param name="limits">What compiling may cost.</param>
    /// <param name="maxModuleBytes">The largest module.</param>
    /// <param name="isolated">The engine.</param>
    /// <param name="reason">Why there is none, for people.</param>
    public static bool TryCreate(
        WasmtimeEngine engine, CompileLimits limits, int maxModuleBytes, [NotNullWhen(true)] out OutOfProcessEngine? isolated, [NotNullWhen(false)] out string? reason)
    {
        if (WorkerProgram.TryFind() is not { } program)
        {
            isolated = null;
            reason = $"the compiler's program {WorkerProgram.Name} is not in {AppContext.BaseDirectory}";
            return false;
        }

        string[] command = [.. program, .. CompileService.Arguments(limits, maxModuleBytes)];
        isolated = new OutOfProcessEngine(engine, new CompilerProcesses(() => new CompilerProcess(command, engine.BuildIdentity, Silence)));
        reason = null;
        return true;
    }

    /// <summary>Starts the first process, so that the first module need not wait for it.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.CompileFailed"/>: it does not start.</exception>
    public void WarmUp() => Processes.WarmUp();

    /// <inheritdoc/>
    public ICompiledModule Compile(ReadOnlySpan<byte> wasm, bool metered = false, CompileTurn? turn = null) =>
        turn is null ? _engine.Compile(wasm, metered) : Load(wasm, Precompile(wasm, metered, turn), metered, turn);

    /// <inheritdoc/>
    public byte[] Precompile(ReadOnlySpan<byte> wasm, bool metered = false, CompileTurn? turn = null)
    {
        if (turn is null)
        {
            return _engine.Precompile(wasm, metered);
        }

        var process = Processes.Rent();
        var isFit = false;
        try
        {
            var (code, refusal) = process.Compile(wasm, metered, turn);
            isFit = true;
            return code ?? throw refusal!;
        }
        finally
        {
            Processes.Return(process, isFit);
        }
    }

    /// <inheritdoc/>
    public ICompiledModule Load(ReadOnlySpan<byte> wasm, ReadOnlySpan<byte> precompiled, bool metered = false, CompileTurn? turn = null) =>
        _engine.Load(wasm, precompiled, metered, turn);

    /// <summary>Ends the processes.</summary>
    public void Dispose() => Processes.Dispose();
}
