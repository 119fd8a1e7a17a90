using System.Buffers;
using System.Diagnostics;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Security;
using HeliosEdge.Sandbox.Wasi;
using HeliosEdge.Sandbox.Wasi.Functions;
using HeliosEdge.Sandbox.Wasi.Streams;

namespace HeliosEdge.Sandbox.Abi;

/// <summary>
/// The ABI <c>wasi</c>: command modules of WASI preview 1, unchanged. The payload is on standard input, what the guest writes to
/// standard output is the response, and an exit code other than 0 is an error.
/// </summary>
public sealed class WasiAbi : IGuestAbi
{
    internal const string AbiName = "wasi";
    internal const string StartExport = "_start";

    private const string MemoryExport = "memory";
    private const string EntryType = "() -> ()";
    private const int MaxFileSystemBytes = 16 << 20;
    private const int MaxQuotedError = 256;

    private static readonly HostFunctionSet Imports = new(Preview1.Functions(state => (WasiProcess)state!));

    /// <inheritdoc/>
    public string Name => AbiName;

    /// <inheritdoc/>
    public string DefaultEntry => StartExport;

    /// <inheritdoc/>
    /// <remarks>What every toolchain's start-up code imports reaches nothing outside the call.</remarks>
    public string DefaultProfile => "compute";

    /// <inheritdoc/>
    public void CheckModule(ICompiledModule module, string entry, ResourceLimits limits, SecurityProfile? profile = null)
    {
        var faults = new List<string>();
        foreach (var import in module.Imports)
        {
            if (!Imports.TryFind(import.Module, import.Name, out var function))
            {
                faults.Add($"{AbiName} offers no {import.Module}.{import.Name}");
            }
            else if (import.Kind != ExternalKind.Function || import.Type != function.Type)
            {
                faults.Add($"{import.Module}.{import.Name} is {function.Type}, the module wants {import.Type}");
            }
        }

        var memory = module.Exports.FirstOrDefault(export => export.Name == MemoryExport);
        if (memory?.Kind != ExternalKind.Memory)
        {
            faults.Add(memory is null ? $"no memory \"{MemoryExport}\"" : $"\"{MemoryExport}\" is no memory but {memory.Type}");
        }

        var start = module.Exports.FirstOrDefault(export => export.Name == entry);
        if (start is not { Kind: ExternalKind.Function, Type: EntryType })
        {
            faults.Add(start is null ? $"no function \"{entry}\" {EntryType}" : $"\"{entry}\" is {start.Type}, not {EntryType}");
        }

        if (faults.Count > 0)
        {
            throw new SandboxException(ErrorCodes.InvalidModule, $"The module does not fit {AbiName}: {Excerpt.List(faults, "; ")}.");
        }

        Helios1Abi.CheckInitialMemory(memory!, limits);
    }

    /// <inheritdoc/>
    /// <remarks>The guest's only argument is the function's name; its environment is empty. What it writes to standard error is logged line by line.</remarks>
    public void Invoke(
        ICompiledModule module,
        string entry,
        ReadOnlySpan<byte> payload,
        ResourceLimits limits,
        IBufferWriter<byte> response,
        SandboxScope? scope = null)
    {
        if (scope is null)
        {
            Invoke(module, entry, payload, limits, response, [entry], [], null);
            return;
        }

        var context = new SandboxContext(scope, Stopwatch.GetTimestamp());
        Invoke(module, entry, payload, limits, response, [scope.Function], [], line => context.Log(GuestLogLevel.Information, line));
    }

    /// <summary>Runs one invocation with arguments, environment and a log.</summary>
    // SAFETY: the payload stays pinned until the guest has ended, and nothing keeps the stream beyond that.
    internal unsafe void Invoke(
        ICompiledModule module,
        string entry,
        ReadOnlySpan<byte> payload,
        ResourceLimits limits,
        IBufferWriter<byte> response,
        IReadOnlyList<string> arguments,
        IReadOnlyList<KeyValuePair<string, string>> environment,
        Action<string>? log)
    {
        if (payload.Length > limits.MaxPayloadBytes)
        {
            throw SandboxException.Breach(
                ErrorCodes.PayloadTooLarge, "The payload has", limits.MaxPayloadBytes, payload.Length, "bytes");
        }

        var started = Stopwatch.GetTimestamp();
        var output = new ResponseStream(limits.MaxResponseBytes);
        var error = new ErrorLog(log);

        fixed (byte* pinned = payload)
        {
            using var process = new WasiProcess(new WasiOptions
            {
                Arguments = arguments,
                Environment = environment,
                StandardInput = new PayloadStream(pinned, payload.Length),
                StandardOutput = output,
                StandardError = error,
                MemoryFileSystemBytes = Math.Min(MaxFileSystemBytes, Helios1Abi.MemoryBytes(limits)),
                Deadline = TimeSpan.FromMilliseconds(limits.TimeoutMs),
            });
            Run(module, entry, limits, process, error, started);
        }

        response.Write(output.Written);
    }

    private static void Run(
        ICompiledModule module, string entry, ResourceLimits limits, WasiProcess process, ErrorLog error, long started)
    {
        IGuestInstance? instance = null;
        try
        {
            instance = module.Instantiate(
                new InstanceLimits(Helios1Abi.MemoryBytes(limits), limits.TableElements, TimeSpan.FromMilliseconds(limits.TimeoutMs)),
                Imports,
                process);
            instance.Run(entry);
            error.End();
        }
        catch (GuestExitException exit) when (exit.ExitCode == 0)
        {
            // How a command says that it is done; the answer is complete.
            error.End();
        }
        catch (GuestExitException exit)
        {
            error.End();
            throw Failed(exit, error.LastLine);
        }
        catch (TimeoutException e)
        {
            throw Helios1Abi.TimedOut(limits, started, [], e);
        }
        catch (GuestTrapException trap)
        {
            throw Helios1Abi.Explain(trap, instance, limits, started);
        }
        finally
        {
            instance?.Dispose();
        }
    }

    private static SandboxException Failed(GuestExitException exit, string? lastLine)
    {
        var said = lastLine is null ? "."
            : lastLine.Length <= MaxQuotedError ? $": {lastLine}"
            : $": {lastLine[..MaxQuotedError]}…";
        return new SandboxException(ErrorCodes.GuestExit, $"The guest exited with code {(uint)exit.ExitCode}{said}", exit)
        {
            Value = (uint)exit.ExitCode,
        };
    }
}
