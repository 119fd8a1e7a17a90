using System.Buffers;
using System.Diagnostics;
using HeliosEdge.Sandbox.Abi.Http;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Security;
using HeliosEdge.Sandbox.Wasi;
using HeliosEdge.Sandbox.Wasi.Functions;
using HeliosEdge.Sandbox.Wasi.Streams;

namespace HeliosEdge.Sandbox.Abi.Wasi;

/// <summary>
/// The ABI <c>wasi</c>: command modules of WASI preview 1, unchanged. The payload is on standard input, what the guest writes to
/// standard output is the response, and an exit code other than 0 is an error.
/// </summary>
public sealed class WasiAbi : IGuestAbi
{
    internal const string AbiName = "wasi";

    private const string MemoryExport = "memory";
    private const string EntryType = "() -> ()";
    private const int MaxFileSystemBytes = 16 << 20;
    private const int MaxQuotedError = 256;

    /// <inheritdoc/>
    public string Name => AbiName;

    /// <inheritdoc/>
    /// <remarks>It is a command.</remarks>
    public bool IsMadeFor(ICompiledModule module) =>
        module.Exports.Any(export => export is { Name: Preview1.StartExport, Kind: ExternalKind.Function });

    /// <inheritdoc/>
    public string DefaultEntryOf(ICompiledModule module) => Preview1.StartExport;

    /// <inheritdoc/>
    /// <remarks>What every toolchain's start-up code imports reaches nothing outside the call.</remarks>
    public string DefaultProfile => "compute";

    /// <inheritdoc/>
    public bool StreamsHttp => true;

    /// <inheritdoc/>
    public long MostMemoryBytes(long linear, ResourceLimits limits) => linear + FileSystemBytes(limits);

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
        MemoryLimit.CheckInitial(memory!, limits);
    }

    /// <inheritdoc/>
    /// <remarks>Without a scope the guest may call whatever it imports, is given no settings, and nothing is logged.</remarks>
    public void Invoke(
        ICompiledModule module,
        string entry,
        ReadOnlySpan<byte> payload,
        ResourceLimits limits,
        IBufferWriter<byte> response,
        SandboxScope? scope = null,
        CancellationToken cancellation = default)
    {
        var output = new ResponseStream(limits.MaxResponseBytes);
        Run(module, entry, payload, output, limits, scope, cancellation);
        response.Write(output.Written);
    }

    /// <inheritdoc/>
    /// <remarks>The guest is a program of CGI (RFC 3875).</remarks>
    public HttpResult Answer(ICompiledModule module, string entry, HttpExchange exchange, SandboxScope scope, CancellationToken cancellation = default)
    {
        var limits = scope.Limits;
        var bodyBytes = exchange.Coming is null ? exchange.Body.Length : exchange.ComingBytes;
        var program = scope.With(CgiVariables.Of(exchange.Request, scope.Function, bodyBytes));
        if (exchange.Begin is not { } begin)
        {
            var response = new ResponseStream(limits.MaxResponseBytes);
            Run(module, entry, exchange.Body.Span, response, limits, program, cancellation);
            var (head, body) = CgiResponse.Parse(response.Written.ToArray());
            return new HttpResult(head, body);
        }

        using var output = new CgiOutput(limits, begin, cancellation);
        if (exchange.Coming is not { } coming)
        {
            Run(module, entry, exchange.Body.Span, output, limits, program, cancellation);
            return new HttpResult(output.End(), default);
        }

        using var input = new CgiInput(coming, limits, cancellation);
        Run(module, entry, input, input.IsReadable, output, limits, program, cancellation);
        return new HttpResult(output.End(), default);
    }

    /// <summary>As <see cref="Invoke"/>, but the guest's standard output goes to a stream as it is written, also where the invocation then fails.</summary>
    /// <param name="module">The module.</param>
    /// <param name="entry">The export to call.</param>
    /// <param name="payload">What the guest gets.</param>
    /// <param name="output">Standard output. It has to hold the guest to its limit; what it throws, other than an <see cref="IOException"/>, ends the guest.</param>
    /// <param name="limits">What the invocation may use.</param>
    /// <param name="scope">The function that runs; null for what imports nothing that needs it.</param>
    /// <param name="cancellation">Ends the invocation with <see cref="ErrorCodes.Timeout"/> before its deadline, as soon as the engine can.</param>
    /// <exception cref="SandboxException">The invocation failed; the code says how.</exception>
    // SAFETY: the payload stays pinned until the guest has ended, and nothing keeps the stream beyond that.
    public unsafe void Run(
        ICompiledModule module,
        string entry,
        ReadOnlySpan<byte> payload,
        Stream output,
        ResourceLimits limits,
        SandboxScope? scope = null,
        CancellationToken cancellation = default)
    {
        if (payload.Length > limits.MaxPayloadBytes)
        {
            throw SandboxException.Breach(
                ErrorCodes.PayloadTooLarge, "The payload has", limits.MaxPayloadBytes, payload.Length, "bytes");
        }

        fixed (byte* pinned = payload)
        {
            Run(module, entry, new PayloadStream(pinned, payload.Length), null, output, limits, scope, cancellation);
        }
    }

    /// <summary>As <see cref="Run(ICompiledModule, string, ReadOnlySpan{byte}, Stream, ResourceLimits, SandboxScope, CancellationToken)"/>, but the guest's standard input is a stream, too.</summary>
    /// <param name="module">The module.</param>
    /// <param name="entry">The export to call.</param>
    /// <param name="input">Standard input. It has to hold the guest to its limits, of time too; what it throws, other than an <see cref="IOException"/>, ends the guest.</param>
    /// <param name="waitForInput">Waits until it can be read without blocking, at most the given time, and tells whether it can; null where it never blocks.</param>
    /// <param name="output">Standard output. It has to hold the guest to its limits; what it throws, other than an <see cref="IOException"/>, ends the guest.</param>
    /// <param name="limits">What the invocation may use.</param>
    /// <param name="scope">The function that runs; null for what imports nothing that needs it.</param>
    /// <param name="cancellation">Ends the invocation with <see cref="ErrorCodes.Timeout"/> before its deadline, as soon as the engine can.</param>
    /// <exception cref="SandboxException">The invocation failed; the code says how.</exception>
    public void Run(
        ICompiledModule module,
        string entry,
        Stream input,
        Func<TimeSpan, bool>? waitForInput,
        Stream output,
        ResourceLimits limits,
        SandboxScope? scope = null,
        CancellationToken cancellation = default)
    {
        var started = Stopwatch.GetTimestamp();
        var context = scope is null ? null : new SandboxContext(scope, started) { Cancellation = cancellation };
        var error = new ErrorLog(
            context is not null && scope!.Profile.Grants(Capability.Log) ? line => context.Log(GuestLogLevel.Information, line) : null);
        using var process = new WasiProcess(new WasiOptions
        {
            Arguments = scope is null ? [entry] : [scope.Function, .. scope.Settings.Arguments],
            Environment = scope is not null && scope.Profile.Grants(Capability.Env) ? scope.Settings.Environment : [],
            Bundles = scope is not null && scope.Profile.Grants(Capability.FsRead) ? scope.Settings.Bundles : [],
            StandardInput = input,
            WaitForInput = waitForInput,
            StandardOutput = output,
            StandardError = error,
            MemoryFileSystemBytes = FileSystemBytes(limits),
            Interruption = cancellation,
            Deadline = TimeSpan.FromMilliseconds(limits.TimeoutMs),
        })
        {
            Context = context,
        };
        Run(module, entry, limits, process, error, started, cancellation);
    }

    private static long FileSystemBytes(ResourceLimits limits) => Math.Min(MaxFileSystemBytes, MemoryLimit.Bytes(limits));

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
            started = instance.EnteredAt;
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
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            throw GuestFaults.TimedOut(limits, started, [], e);
        }
        catch (GuestTrapException trap)
        {
            throw GuestFaults.Explain(trap, instance, limits, started);
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
            throw GuestFaults.TimedOut(limits, started, []);
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
