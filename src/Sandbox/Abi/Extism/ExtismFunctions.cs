using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Security;
using HeliosEdge.Sandbox.Wasi.Functions;
using Microsoft.Data.Sqlite;
using static HeliosEdge.Sandbox.Engines.HostValueKind;

namespace HeliosEdge.Sandbox.Abi.Extism;

/// <summary>
/// What plug-ins may import: <c>extism:host/env</c>, as Extism's kernel and its Rust SDK define it, and WASI preview 1, to which
/// many kits compile. Their state is an <see cref="ExtismCall"/>.
/// </summary>
internal static class ExtismFunctions
{
    public const string Module = "extism:host/env";

    private static readonly ImmutableArray<Definition> All =
    [
        Memory("alloc", [I64], I64, MemoryFunctions.Alloc),
        Memory("free", [I64], null, MemoryFunctions.Free),
        Memory("length", [I64], I64, MemoryFunctions.Length),
        Memory("length_unsafe", [I64], I64, MemoryFunctions.Length),
        Memory("load_u8", [I64], I32, MemoryFunctions.LoadByte),
        Memory("load_u64", [I64], I64, MemoryFunctions.LoadWord),
        Memory("store_u8", [I64, I32], null, MemoryFunctions.StoreByte),
        Memory("store_u64", [I64, I64], null, MemoryFunctions.StoreWord),
        Memory("input_offset", [], I64, MemoryFunctions.InputOffset),
        Memory("input_length", [], I64, MemoryFunctions.InputLength),
        Memory("input_load_u8", [I64], I32, MemoryFunctions.InputLoadByte),
        Memory("input_load_u64", [I64], I64, MemoryFunctions.InputLoadWord),
        Memory("input_set", [I64, I64], null, MemoryFunctions.InputSet),
        Memory("output_set", [I64, I64], null, MemoryFunctions.OutputSet),
        Memory("output_offset", [], I64, MemoryFunctions.OutputOffset),
        Memory("output_length", [], I64, MemoryFunctions.OutputLength),
        Memory("error_set", [I64], null, MemoryFunctions.ErrorSet),
        Memory("error_get", [], I64, MemoryFunctions.ErrorGet),
        Memory("reset", [], null, MemoryFunctions.Reset),
        Memory("memory_bytes", [], I64, MemoryFunctions.MemoryBytes),
        Service("log_trace", [I64], null, Capability.Log, ServiceFunctions.LogTrace),
        Service("log_debug", [I64], null, Capability.Log, ServiceFunctions.LogDebug),
        Service("log_info", [I64], null, Capability.Log, ServiceFunctions.LogInfo),
        Service("log_warn", [I64], null, Capability.Log, ServiceFunctions.LogWarn),
        Service("log_error", [I64], null, Capability.Log, ServiceFunctions.LogError),
        Service("get_log_level", [], I32, Capability.None, ServiceFunctions.GetLogLevel),
        Service("config_get", [I64], I64, Capability.Env, ServiceFunctions.ConfigGet),
        Service("var_get", [I64], I64, Capability.KvRead, ServiceFunctions.VarGet),
        Service("var_set", [I64, I64], null, Capability.KvWrite, ServiceFunctions.VarSet),
        Service("http_request", [I64, I64], I64, Capability.HttpOutbound, ServiceFunctions.HttpRequest),
        Service("http_status_code", [], I32, Capability.HttpOutbound, ServiceFunctions.HttpStatusCode),
        Service("http_headers", [], I64, Capability.HttpOutbound, ServiceFunctions.HttpHeaders),
    ];

    private static readonly ImmutableArray<HostFunction> Wasi = Preview1.Functions(state => ((ExtismCall)state!).Process);

    private static readonly ConcurrentDictionary<Capability, HostFunctionSet> Sets = [];

    private delegate long Body(ExtismCall call, ReadOnlySpan<long> arguments);

    /// <summary>The functions that a plug-in with these capabilities may import, and those of WASI, which tell what is not granted themselves.</summary>
    public static HostFunctionSet For(Capability granted) => Sets.GetOrAdd(
        granted,
        static granted => new HostFunctionSet(
            All.Where(definition => (definition.Needed & ~granted) == 0).Select(definition => definition.Function).Concat(Wasi)));

    /// <summary>Finds a function of any capability.</summary>
    public static bool TryFind(string module, string name, [NotNullWhen(true)] out HostFunction? function, out Capability needed)
    {
        var found = module == Module ? All.FirstOrDefault(definition => definition.Function.Name == name) : null;
        function = found?.Function ?? (module == Preview1.ImportModule ? Wasi.FirstOrDefault(candidate => candidate.Name == name) : null);
        needed = found?.Needed ?? Preview1.NeededBy(name);
        return function is not null;
    }

    /// <summary>What ends an invocation when a host function cannot do what it was asked for.</summary>
    public static SandboxException Failed(string why, Exception? cause = null) => new(ErrorCodes.Trap, $"The guest trapped: {why}.", cause);

    /// <summary>A function of the kernel: in Extism the guest's own code, so that neither counts nor deadlines apply to a single call.</summary>
    private static Definition Memory(string name, ImmutableArray<HostValueKind> parameters, HostValueKind? result, Body body) => new(
        new HostFunction(Module, name, parameters, result, (caller, arguments) => body((ExtismCall)caller.State!, arguments)), Capability.None);

    private static Definition Service(
        string name, ImmutableArray<HostValueKind> parameters, HostValueKind? result, Capability needed, Body body) => new(
        new HostFunction(Module, name, parameters, result, (caller, arguments) =>
        {
            var call = (ExtismCall)caller.State!;
            call.Context.CountHostCall();
            if (!call.Context.Scope.Profile.Grants(needed))
            {
                throw new SandboxException(
                    ErrorCodes.CapabilityDenied, $"The plug-in called {name}, which needs {string.Join(" and ", CapabilityNames.Of(needed))}.");
            }

            if (call.Context.HasReachedDeadline)
            {
                throw new TimeoutException($"The deadline of the guest passed before {name}.");
            }

            try
            {
                return body(call, arguments);
            }
            catch (SqliteException e)
            {
                throw Failed($"{name} failed: {e.Message}", e);
            }
        }),
        needed);

    private sealed record Definition(HostFunction Function, Capability Needed);
}
