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

    /// <inheritdoc/>
    public string Name => AbiName;

    /// <inheritdoc/>
    public string DefaultEntryOf(ICompiledModule module) => StartExport;

    /// <inheritdoc/>
    /// <remarks>What every toolchain's start-up code imports reaches nothing outside the call.</remarks>
    public string DefaultProfile => "compute";

    /// <inheritdoc/>
    public void CheckModule(ICompiledModule module, string entry, ResourceLimits limits, SecurityProfile? profile = null)
    {
        profile ??= SecurityProfile.Resolve(DefaultProfile, []);
        var faults = new List<string>();
        var imports = ImportCheck.Of(module, profile, static (from, name) =>
            WasiProcess.Functions.TryFind(from, name, out var function) ? (function, Preview1.NeededBy(name)) : null);
        if (imports.Fault(AbiName) is { } fault)
        {
            faults.Add(fault);
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

        imports.ThrowIfDenied(profile);
        Helios1Abi.CheckInitialMemory(memory!, limits);
    }

    /// <inheritdoc/>
    /// <remarks>Without a scope the guest may call whatever it imports, is given no settings, and nothing is logged.</remarks>
    // SAFETY: the payload stays pinned until the guest has ended, and nothing keeps the stream beyond that.
    public unsafe void Invoke(
        ICompiledModule module,
        string entry,
        ReadOnlySpan<byte> payload,
        ResourceLimits limits,
        IBufferWriter<byte> response,
        SandboxScope? scope = null,
        CancellationToken cancellation = default)
    {
        if (payload.Length > limits.MaxPayloadBytes)
        {
            throw SandboxException.Breach(
                ErrorCodes.PayloadTooLarge, "The payload has", limits.MaxPayloadBytes, payload.Length, "bytes");
        }

        var started = Stopwatch.GetTimestamp();
        var context = scope is null ? null : new SandboxContext(scope, started);
        var output = new ResponseStream(limits.MaxResponseBytes);
        var error = new ErrorLog(
            context is not null && scope!.Profile.Grants(Capability.Log) ? line => context.Log(GuestLogLevel.Information, line) : null);

        fixed (byte* pinned = payload)
        {
            using var process = new WasiProcess(new WasiOptions
            {
                Arguments = scope is null ? [entry] : [scope.Function, .. scope.Settings.Arguments],
                Environment = scope is not null && scope.Profile.Grants(Capability.Env) ? scope.Settings.Environment : [],
                Bundles = scope is not null && scope.Profile.Grants(Capability.FsRead) ? scope.Settings.Bundles : [],
                StandardInput = new PayloadStream(pinned, payload.Length),
                StandardOutput = output,
                StandardError = error,
                MemoryFileSystemBytes = Math.Min(MaxFileSystemBytes, Helios1Abi.MemoryBytes(limits)),
                Deadline = TimeSpan.FromMilliseconds(limits.TimeoutMs),
            })
            {
                Context = context,
            };
            Run(module, entry, limits, process, error, started, cancellation);
        }

        response.Write(output.Written);
    }

    private static void Run(
        ICompiledModule module,
        string entry,
        ResourceLimits limits,
        WasiProcess process,
        ErrorLog error,
        long started,
        CancellationToken cancellation)
    {
        IGuestInstance? instance = null;
        try
        {
            instance = module.Instantiate(
                limits.ForInstance(cancellation),
                WasiProcess.Functions,
                process);
            instance.Run(entry);
            error.End();
            ThrowIfLate(limits, started);
        }
        catch (GuestExitException exit)
        {
            error.End();
            ThrowIfLate(limits, started);

            // Code 0 is how a command says that it is done; the answer is complete.
            if (exit.ExitCode != 0)
            {
                throw Failed(exit, error.LastLine);
            }
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

    private static void ThrowIfLate(ResourceLimits limits, long started)
    {
        if (Stopwatch.GetElapsedTime(started) >= TimeSpan.FromMilliseconds(limits.TimeoutMs))
        {
            throw Helios1Abi.TimedOut(limits, started, []);
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
