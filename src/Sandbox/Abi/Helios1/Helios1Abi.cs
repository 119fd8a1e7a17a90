using System.Buffers;
using System.Diagnostics;
using HeliosEdge.Sandbox.Abi.Envelopes;
using HeliosEdge.Sandbox.Abi.Http;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Security;
using HeliosEdge.Sandbox.Wasi;

namespace HeliosEdge.Sandbox.Abi.Helios1;

/// <summary>The ABI <c>helios-1</c>; <c>docs/guest-abi.md</c> is its specification.</summary>
public sealed class Helios1Abi : IGuestAbi
{
    internal const string AbiName = "helios-1";

    private const string MemoryExport = "memory";
    internal const string AllocateExport = "__wasm_allocate";
    internal const string DeallocateExport = "__wasm_deallocate";
    private const string AllocateType = "(i32) -> (i32)";
    private const string DeallocateType = "(i32, i32) -> ()";
    private const string EntryType = "(i32, i32) -> (i64)";

    /// <inheritdoc/>
    public string Name => AbiName;

    /// <inheritdoc/>
    /// <remarks>It exports the allocator, and imports no function of WASI.</remarks>
    public bool IsMadeFor(ICompiledModule module) =>
        module.Exports.Any(export => export.Name == AllocateExport) && !module.Imports.Any(import => import.Module == WasiProcess.ImportModule);

    /// <inheritdoc/>
    public string DefaultEntryOf(ICompiledModule module) => "handle";

    /// <inheritdoc/>
    public string DefaultProfile => "minimal";

    /// <inheritdoc/>
    public bool StreamsHttp => false;

    /// <inheritdoc/>
    public HttpResult Answer(ICompiledModule module, string entry, HttpExchange exchange, SandboxScope scope, CancellationToken cancellation = default) =>
        EnvelopeExchange.Answer(this, module, entry, exchange, scope, cancellation);

    /// <inheritdoc/>
    public long MostMemoryBytes(long linear, ResourceLimits limits) => linear;

    /// <inheritdoc/>
    public void CheckModule(ICompiledModule module, string entry, ResourceLimits limits, SecurityProfile? profile = null)
    {
        CheckImports(module, profile ?? SecurityProfile.Minimal);

        var faults = new List<string>();
        var memory = module.Exports.FirstOrDefault(export => export.Name == MemoryExport);
        if (memory?.Kind != ExternalKind.Memory)
        {
            faults.Add(memory is null ? $"no memory \"{MemoryExport}\"" : $"\"{MemoryExport}\" is no memory but {memory.Type}");
        }

        RequireFunction(module, AllocateExport, AllocateType, faults);
        RequireFunction(module, DeallocateExport, DeallocateType, faults);
        RequireFunction(module, entry, EntryType, faults);
        if (faults.Count > 0)
        {
            throw new SandboxException(
                ErrorCodes.InvalidModule, $"The module's exports do not fit {AbiName}: {Excerpt.List(faults, "; ")}.");
        }

        MemoryLimit.CheckInitial(memory!, limits);
    }

    /// <inheritdoc/>
    public IGuestSession Open(ICompiledModule module, string entry, SandboxScope scope, CancellationToken cancellation = default) =>
        new Helios1Session(module, entry, scope, cancellation);

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
        var context = scope is null || module.Imports.IsEmpty ? null : new SandboxContext(scope, started) { Cancellation = cancellation };
        IGuestInstance? instance = null;
        try
        {
            instance = module.Instantiate(limits.ForInstance(cancellation), context is null ? null : HeliosFunctions.For(context.Scope.Profile.Importable), context);
            started = instance.EnteredAt;
            var pointer = WritePayload(instance, payload, limits);
            var packed = (ulong)instance.Call(entry, (int)pointer, payload.Length);
            if (IsLate(context, limits, started))
            {
                throw GuestFaults.TimedOut(limits, started, []);
            }

            ReadResponse(instance, packed, limits, response);

            // Nothing is given back through __wasm_deallocate: the instance and all of its memory are thrown away right
            // here, so a call into the guest would only buy it one more chance to trap, after its answer is complete.
        }
        catch (GuestTrapException trap)
        {
            // A guest that traps because a host function told it of the deadline was ended by the deadline.
            throw IsLate(context, limits, started) ? GuestFaults.TimedOut(limits, started, trap.Backtrace, trap) : GuestFaults.Explain(trap, instance, limits, started);
        }
        finally
        {
            instance?.Dispose();
            context?.End();
        }
    }

    private static bool IsLate(SandboxContext? context, ResourceLimits limits, long started) =>
        context?.HasReachedDeadline ?? Stopwatch.GetElapsedTime(started) >= TimeSpan.FromMilliseconds(limits.TimeoutMs);

    private static void CheckImports(ICompiledModule module, SecurityProfile profile)
    {
        var imports = ImportCheck.Of(module, profile, static (from, name) =>
            HeliosFunctions.TryFind(from, name, out var function, out var needed) ? (function, needed) : null);
        if (imports.Fault(AbiName) is { } fault)
        {
            throw new SandboxException(ErrorCodes.InvalidModule, $"{fault}.");
        }

        imports.ThrowIfDenied(profile);
    }

    internal static uint WritePayload(IGuestInstance instance, ReadOnlySpan<byte> payload, ResourceLimits limits)
    {
        var pointer = (uint)instance.Call(AllocateExport, payload.Length);
        if (pointer == 0 && payload.Length > 0)
        {
            throw instance.MemoryGrowthRefused
                ? MemoryLimit.Exceeded($"{AllocateExport}({payload.Length}) found no room for the payload", limits)
                : new SandboxException(
                    ErrorCodes.CorruptedResponse, $"{AllocateExport}({payload.Length}) returned 0: the guest has no room for the payload.");
        }

        // Only now: the allocator may have grown the memory.
        var available = instance.MemoryLength;
        if (pointer + (long)payload.Length > available)
        {
            throw Corrupted(AllocateExport, pointer, (uint)payload.Length, available);
        }

        payload.CopyTo(instance.Memory(pointer, payload.Length));
        return pointer;
    }

    internal static void ReadResponse(IGuestInstance instance, ulong packed, ResourceLimits limits, IBufferWriter<byte> response)
    {
        var pointer = (uint)(packed >> 32);
        var length = (uint)packed;
        var available = instance.MemoryLength;

        // Two 32-bit values cannot overflow a 64-bit sum; both are unsigned, so nothing can point before the memory.
        if ((long)pointer + length > available)
        {
            throw Corrupted("The entry", pointer, length, available);
        }

        if (length > (uint)limits.MaxResponseBytes)
        {
            throw SandboxException.Breach(
                ErrorCodes.ResponseTooLarge, "The response has", limits.MaxResponseBytes, length, "bytes");
        }

        if (length > 0)
        {
            instance.Memory(pointer, (int)length).CopyTo(response.GetSpan((int)length));
            response.Advance((int)length);
        }
    }

    private static SandboxException Corrupted(string who, uint pointer, uint length, long available) =>
        new(ErrorCodes.CorruptedResponse, $"{who} returned pointer {pointer} for {length} bytes; the guest's memory has {available} bytes.")
        {
            Limit = available,
            Value = (long)pointer + length,
        };

    private static void RequireFunction(ICompiledModule module, string name, string type, List<string> faults)
    {
        var export = module.Exports.FirstOrDefault(candidate => candidate.Name == name);
        if (export is null)
        {
            faults.Add($"no function \"{name}\" {type}");
        }
        else if (export.Kind != ExternalKind.Function)
        {
            faults.Add($"\"{name}\" is no function but {export.Type}");
        }
        else if (export.Type != type)
        {
            faults.Add($"\"{name}\" is {export.Type}, not {type}");
        }
    }
}
