using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Memory;
using HeliosEdge.Sandbox.Security;
using Microsoft.Data.Sqlite;
using static HeliosEdge.Sandbox.Engines.HostValueKind;

namespace HeliosEdge.Sandbox.HostFunctions;

/// <summary>The host functions of <c>helios-1</c>; <c>docs/guest-abi.md</c> is their specification.</summary>
internal static class HeliosFunctions
{
    public const string Module = "heliosdb";

    private static readonly ImmutableArray<Definition> All =
    [
        Define("log", [I32, I32, I32], Capability.Log, Log),
        Define("clock_now", [I32], Capability.Clock, ClockNow),
        Define("random_get", [I32, I32], Capability.Random, RandomGet),
        Define("kv_get", [I32, I32, I32, I32], Capability.KvRead, KeyValueFunctions.Get),
        Define("kv_list", [I32, I32, I32, I32], Capability.KvRead, KeyValueFunctions.List),
        Define("kv_list_after", [I32, I32, I32, I32, I32, I32], Capability.KvRead, KeyValueFunctions.ListAfter),
        Define("kv_set", [I32, I32, I32, I32], Capability.KvWrite, KeyValueFunctions.Set),
        Define("kv_delete", [I32, I32], Capability.KvWrite, KeyValueFunctions.Delete),
        Define("db_query", [I32, I32, I32, I32, I32, I32], Capability.DbQuery, DatabaseFunctions.Query),
        Define("db_execute", [I32, I32, I32, I32, I32, I32], Capability.DbExecute, DatabaseFunctions.Execute),
        Define("env_get", [I32, I32, I32, I32], Capability.Env, EnvironmentFunctions.Get),
        Define("http_fetch", [I32, I32, I32, I32, I32, I32], Capability.HttpOutbound, HttpFunctions.Fetch),
        Define("alloc", [I32, I32], Capability.None, Alloc),
        Define("dealloc", [I32, I32], Capability.None, Dealloc),
    ];

    private static readonly ConcurrentDictionary<Capability, HostFunctionSet> Sets = [];

    private delegate int Body(SandboxContext context, GuestMemory memory, ReadOnlySpan<long> arguments);

    /// <summary>The functions that a guest with these capabilities may import.</summary>
    public static HostFunctionSet For(Capability granted) => Sets.GetOrAdd(
        granted,
        static granted => new HostFunctionSet(All.Where(definition => (definition.Needed & ~granted) == 0).Select(definition => definition.Function)));

    /// <summary>Finds a function of any capability.</summary>
    public static bool TryFind(string module, string name, [NotNullWhen(true)] out HostFunction? function, out Capability needed)
    {
        var found = module == Module ? All.FirstOrDefault(definition => definition.Function.Name == name) : null;
        function = found?.Function;
        needed = found?.Needed ?? Capability.None;
        return function is not null;
    }

    private static int Log(SandboxContext context, GuestMemory memory, ReadOnlySpan<long> arguments)
    {
        var text = memory.ReadString((uint)arguments[1], (uint)arguments[2]);
        context.Log((GuestLogLevel)Math.Clamp(arguments[0], (long)GuestLogLevel.Trace, (long)GuestLogLevel.Error), text);
        return HostResult.Success;
    }

    private static int ClockNow(SandboxContext context, GuestMemory memory, ReadOnlySpan<long> arguments)
    {
        if (arguments[0] == 0)
        {
            return HostResult.NullOutPointer;
        }

        memory.Write((uint)arguments[0], (context.Scope.Services.Clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100);
        return HostResult.Success;
    }

    private static int RandomGet(SandboxContext context, GuestMemory memory, ReadOnlySpan<long> arguments)
    {
        if ((uint)arguments[1] > (uint)context.Scope.Limits.MaxStringBytes)
        {
            return HostResult.TooLong;
        }

        RandomNumberGenerator.Fill(memory.View((uint)arguments[0], (uint)arguments[1]));
        return HostResult.Success;
    }

    private static int Alloc(SandboxContext context, GuestMemory memory, ReadOnlySpan<long> arguments)
    {
        if (arguments[1] == 0)
        {
            return HostResult.NullOutPointer;
        }

        // Before the block is made: one that nobody is told of could never be given back.
        _ = memory.Read<uint>((uint)arguments[1]);
        var pointer = memory.Allocate((uint)arguments[0]);
        memory.Write((uint)arguments[1], pointer);
        return HostResult.Success;
    }

    private static int Dealloc(SandboxContext context, GuestMemory memory, ReadOnlySpan<long> arguments)
    {
        memory.Deallocate((uint)arguments[0], (uint)arguments[1]);
        return HostResult.Success;
    }

    private static Definition Define(string name, ImmutableArray<HostValueKind> parameters, Capability needed, Body body) => new(
        new HostFunction(Module, name, parameters, I32, (caller, arguments) =>
        {
            var context = (SandboxContext)caller.State!;
            context.CountHostCall();
            if (!context.Scope.Profile.Grants(needed))
            {
                return HostResult.CapabilityDenied;
            }

            if (context.HasReachedDeadline)
            {
                return HostResult.Deadline;
            }

            try
            {
                var result = body(context, context.MemoryOf(caller), arguments);
                if (result == HostResult.Deadline)
                {
                    context.ReachDeadline();
                }

                return result;
            }
            catch (TimeoutException)
            {
                context.ReachDeadline();
                return HostResult.Deadline;
            }
            catch (SqliteException e)
            {
                context.Explain($"{name} failed: {e.Message}");
                return HostResult.Failed;
            }
            catch (SandboxException e) when (e.Code == ErrorCodes.Unavailable)
            {
                // The silo tells of it once; each function would tell of it with each call.
                return HostResult.Failed;
            }
            catch (SandboxException e) when (HostResult.IsForGuest(e))
            {
                return HostResult.Of(e);
            }
        }),
        needed);

    private sealed record Definition(HostFunction Function, Capability Needed);
}
