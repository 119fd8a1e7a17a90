using System.Buffers;
using System.Diagnostics;
using HeliosEdge.Sandbox.Abi.Envelopes;
using HeliosEdge.Sandbox.Abi.Http;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Security;
using HeliosEdge.Sandbox.Wasi;
using HeliosEdge.Sandbox.Wasi.Functions;

namespace HeliosEdge.Sandbox.Abi.Extism;

/// <summary>
/// The ABI <c>extism</c>: plug-ins made with any of Extism's development kits, unchanged. The payload is the plug-in's input, its
/// output is the response, and an error that it sets or a result other than 0 is an error.
/// </summary>
public sealed class ExtismAbi : IGuestAbi
{
    internal const string AbiName = "extism";

    private const string ResultType = "() -> (i32)";
    private const string NoResultType = "() -> ()";
    private const string HaskellInitializer = "hs_init";
    private const string HaskellInitializerType = "(i32, i32) -> ()";
    private const string ReactorInitializer = "_initialize";
    private const string ConstructorsInitializer = "__wasm_call_ctors";

    private static readonly string[] UsualEntries = ["handle", "call"];

    /// <inheritdoc/>
    public string Name => AbiName;

    /// <inheritdoc/>
    /// <remarks>It imports functions of Extism.</remarks>
    public bool IsMadeFor(ICompiledModule module) => module.Imports.Any(import => import.Module == ExtismFunctions.Module);

    /// <inheritdoc/>
    /// <remarks>
    /// The only function of type <c>() -> (i32)</c> if there is one, or else of type <c>() -> ()</c>; of several, <c>handle</c> or <c>call</c>.
    /// What starts with an underscore or <c>asyncify_</c> is a compiler's, not the plug-in's; <c>_start</c> counts if there is nothing else.
    /// </remarks>
    public string DefaultEntryOf(ICompiledModule module)
    {
        var candidates = Candidates(module, ResultType);
        candidates = candidates.Length > 0 ? candidates : Candidates(module, NoResultType);
        var isCommand = module.Exports.Any(export => export is { Name: Preview1.StartExport, Kind: ExternalKind.Function });
        return candidates switch
        {
            [var only] => only,
            [] => isCommand ? Preview1.StartExport : UsualEntries[0],
            _ => Array.Find(UsualEntries, candidates.Contains) ?? throw new SandboxException(
                ErrorCodes.InvalidParameter,
                $"The registration must state an entry: the plug-in exports {candidates.Length} functions that could be it, {Excerpt.List(candidates, ", ")}."),
        };
    }

    /// <inheritdoc/>
    /// <remarks>Enough to read its configuration and to log.</remarks>
    public string DefaultProfile => "compute";

    /// <inheritdoc/>
    public bool StreamsHttp => false;

    /// <inheritdoc/>
    public HttpResult Answer(ICompiledModule module, string entry, HttpExchange exchange, SandboxScope scope, CancellationToken cancellation = default) =>
        EnvelopeExchange.Answer(this, module, entry, exchange, scope, cancellation);

    /// <inheritdoc/>
    public long MostMemoryBytes(long linear, ResourceLimits limits) =>
        linear + MemoryLimit.Bytes(limits) + ExtismCall.FileSystemBytes(limits);

    /// <inheritdoc/>
    public void CheckModule(ICompiledModule module, string entry, ResourceLimits limits, SecurityProfile? profile = null)
    {
        profile ??= SecurityProfile.Resolve(DefaultProfile, []);
        var faults = new List<string>();
        var imports = ImportCheck.Of(module, profile, static (from, name) =>
            ExtismFunctions.TryFind(from, name, out var function, out var needed) ? (function, needed) : null);
        if (imports.Fault(AbiName) is { } fault)
        {
            faults.Add(fault);
        }

        var start = module.Exports.FirstOrDefault(export => export.Name == entry);
        if (start is not { Kind: ExternalKind.Function, Type: ResultType or NoResultType })
        {
            faults.Add(start is null ? $"no function \"{entry}\" {ResultType}" : $"\"{entry}\" is {start.Type}, not {ResultType} or {NoResultType}");
        }

        if (faults.Count > 0)
        {
            throw new SandboxException(ErrorCodes.InvalidModule, $"The module does not fit {AbiName}: {Excerpt.List(faults, "; ")}.");
        }

        imports.ThrowIfDenied(profile);
        if (module.Exports.FirstOrDefault(export => export.Kind == ExternalKind.Memory) is { } memory)
        {
            MemoryLimit.CheckInitial(memory, limits);
        }
    }

    /// <inheritdoc/>
    public void Invoke(
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
        var context = new SandboxContext(
            scope ?? new SandboxScope(entry, string.Empty, SecurityProfile.Minimal, limits, new HostServiceSet()), started)
        {
            Cancellation = cancellation,
        };
        using var call = new ExtismCall(context);
        Run(module, entry, payload, limits, call, started, cancellation);
        Answer(call, limits, response);
    }

    private static void Run(
        ICompiledModule module,
        string entry,
        ReadOnlySpan<byte> payload,
        ResourceLimits limits,
        ExtismCall call,
        long started,
        CancellationToken cancellation)
    {
        IGuestInstance? instance = null;
        try
        {
            instance = module.Instantiate(
                limits.ForInstance(cancellation),
                ExtismFunctions.For(call.Context.Scope.Profile.Importable),
                call);
            started = instance.EnteredAt;
            Initialize(instance);
            if (!call.TryBegin(payload))
            {
                throw MemoryLimit.Exceeded($"The plug-in's memory has no room for the payload of {payload.Length} bytes", limits);
            }

            var result = 0;
            if (instance.HasFunction(entry, ResultType))
            {
                result = instance.Call(entry);
            }
            else
            {
                instance.Run(entry);
            }

            if (call.Context.HasReachedDeadline)
            {
                throw GuestFaults.TimedOut(limits, started, []);
            }

            call.EndOutput();
            ThrowIfFailed("returned", result, call.ErrorText());
        }
        catch (GuestExitException exit)
        {
            call.EndOutput();
            ThrowIfFailed("exited with code", exit.ExitCode, call.ErrorText() ?? (exit.ExitCode == 0 ? null : call.LastErrorLine), exit);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            throw GuestFaults.TimedOut(limits, started, [], e);
        }
        catch (GuestTrapException trap)
        {
            throw Explain(trap, instance, limits, call, started);
        }
        catch (SandboxException e) when (e.Code == ErrorCodes.SandboxViolation && call.Memory.AllocationRefused)
        {
            // Kits store through the null that they were given instead of a block.
            throw MemoryLimit.Exceeded("The plug-in went on after more memory was refused to it", limits);
        }
        finally
        {
            instance?.Dispose();
        }
    }

    /// <summary>Starts the runtime of the plug-in's language, as Extism does: the input is there only afterwards.</summary>
    private static void Initialize(IGuestInstance instance)
    {
        if (instance.HasFunction(HaskellInitializer, HaskellInitializerType))
        {
            if (instance.HasFunction(ReactorInitializer, NoResultType))
            {
                instance.Run(ReactorInitializer);
            }

            instance.Run(HaskellInitializer, 0, 0);
        }
        else if (instance.HasFunction(ConstructorsInitializer, NoResultType))
        {
            instance.Run(ConstructorsInitializer);
        }
        else if (instance.HasFunction(ReactorInitializer, NoResultType))
        {
            instance.Run(ReactorInitializer);
        }
    }

    private static void Answer(ExtismCall call, ResourceLimits limits, IBufferWriter<byte> response)
    {
        var length = call.Memory.OutputLength;
        if (length > (ulong)limits.MaxResponseBytes)
        {
            throw SandboxException.Breach(ErrorCodes.ResponseTooLarge, "The response has", limits.MaxResponseBytes, (long)length, "bytes");
        }

        if (length > 0)
        {
            response.Write(call.Memory.View(call.Memory.OutputAddress, (int)length));
        }
    }

    private static void ThrowIfFailed(string how, int result, string? text, Exception? cause = null)
    {
        if (result == 0 && text is null)
        {
            return;
        }

        throw new SandboxException(ErrorCodes.GuestExit, $"The plug-in {how} {result}{(text is null ? "." : $": {text}")}", cause)
        {
            Value = result,
        };
    }

    private static SandboxException Explain(
        GuestTrapException trap, IGuestInstance? instance, ResourceLimits limits, ExtismCall call, long started)
    {
        if (trap.Trap == GuestTrap.Fault && call.Memory.AllocationRefused)
        {
            return MemoryLimit.Exceeded($"The guest trapped ({trap.Message}) after more memory was refused to it", limits, trap);
        }

        var explained = GuestFaults.Explain(trap, instance, limits, started);
        return explained.Code == ErrorCodes.Trap && call.ErrorText() is { } text
            ? new SandboxException(ErrorCodes.Trap, $"The guest trapped: {trap.Message}. It said: {text}", trap) { Backtrace = trap.Backtrace }
            : explained;
    }

    private static string[] Candidates(ICompiledModule module, string type) =>
        [.. module.Exports
            .Where(export => export.Kind == ExternalKind.Function && export.Type == type
                && !export.Name.StartsWith('_') && !export.Name.StartsWith("asyncify_", StringComparison.Ordinal))
            .Select(export => export.Name)];
}
