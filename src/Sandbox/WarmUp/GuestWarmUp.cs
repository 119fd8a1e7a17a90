using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.IO.Pipelines;
using HeliosEdge.Sandbox.Abi;
using HeliosEdge.Sandbox.Abi.Extism;
using HeliosEdge.Sandbox.Abi.Helios1;
using HeliosEdge.Sandbox.Abi.Wasi;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Security;
using HeliosEdge.Sandbox.Wasi;
using HeliosEdge.Sandbox.Wasi.Functions;

namespace HeliosEdge.Sandbox.WarmUp;

/// <summary>
/// Runs guests of the house before there are others, so that the runtime has compiled the engine, the ABIs and the host functions, and
/// the first guest is not charged with that.
/// </summary>
public static class GuestWarmUp
{
    private const int Rounds = 2;
    private const int StackBytes = 4 << 20;
    private const string Function = "warm-up";

    private static readonly ConcurrentDictionary<string, Lazy<bool>> Done = new(StringComparer.Ordinal);

    private static readonly ResourceLimits Limits = new() { TimeoutMs = 5_000 };

    /// <summary>Runs them, once for a process and an engine; later calls wait for that, and do nothing.</summary>
    /// <param name="engine">The engine.</param>
    public static void Run(IWasmEngine engine) => _ = Done.GetOrAdd(engine.Name, _ => new Lazy<bool>(() =>
    {
        // What guests are entered from has a stack of its own size.
        Exception? failure = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    RunAll(engine);
                }
                catch (Exception e)
                {
                    failure = e;
                }
            },
            StackBytes)
        {
            IsBackground = true,
            Name = Function,
        };
        thread.Start();
        thread.Join();
        return failure is null ? true : throw new InvalidOperationException("The guests of the warm-up failed.", failure);
    })).Value;

    private static void RunAll(IWasmEngine engine)
    {
        var profile = SecurityProfile.Resolve("edge", CapabilityNames.All);
        var settings = GuestSettings.None with { Environment = [new("LANG", "C")], Arguments = ["one"] };
        var scope = new SandboxScope(Function, Function, profile, Limits, new HostServiceSet { MaxViolations = int.MaxValue }, settings);
        using (var program = engine.Compile(Program()))
        {
            var wasi = new WasiAbi();
            wasi.CheckModule(program, Preview1.StartExport, Limits, profile);
            for (var round = 0; round < Rounds; round++)
            {
                wasi.Invoke(program, Preview1.StartExport, "payload"u8, Limits, new ArrayBufferWriter<byte>(), scope);
                using var output = new CgiOutput(Limits, _ => PipeWriter.Create(Stream.Null));
                wasi.Run(program, Preview1.StartExport, "payload"u8, output, Limits, scope);
            }
        }

        CallAll(engine, new WasiAbi(), WasiProcess.Functions, scope);
        CallAll(engine, new Helios1Abi(), HeliosFunctions.For(profile.Importable), scope);
        CallAll(engine, new ExtismAbi(), ExtismFunctions.For(profile.Importable), scope);
    }

    private static void CallAll(IWasmEngine engine, IGuestAbi abi, HostFunctionSet functions, SandboxScope scope)
    {
        using var module = engine.Compile(CallingModule.Of(functions, packs: abi is Helios1Abi));
        ImmutableArray<string> entries = [.. functions.Functions.Select(CallingModule.EntryOf), CallingModule.Grow, CallingModule.Trap];
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var entry in entries)
            {
                Call(abi, module, entry, Limits, scope);
            }
        }

        Call(abi, module, CallingModule.Spin, Limits with { TimeoutMs = 10 }, scope);
    }

    private static void Call(IGuestAbi abi, ICompiledModule module, string entry, ResourceLimits limits, SandboxScope scope)
    {
        try
        {
            using var cancellation = new CancellationTokenSource();
            abi.Invoke(module, entry, "payload"u8, limits, new ArrayBufferWriter<byte>(), scope, cancellation.Token);
        }
        catch (SandboxException)
        {
            // Zeros are nothing that most functions take; what they do then is wanted, too.
        }
    }

    private static byte[] Program()
    {
        using var resource = typeof(GuestWarmUp).Assembly.GetManifestResourceStream("warm-up.wasi.wasm")!;
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }
}
