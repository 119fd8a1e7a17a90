using System.Collections.Immutable;
using System.Text.Json;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Memory;
using HeliosEdge.Sandbox.Security;
using static HeliosEdge.Sandbox.Engines.HostValueKind;

namespace HeliosEdge.Sandbox.HostServices.KeyValue;

/// <summary>The host functions for a function's keys.</summary>
internal static class KeyValueFunctions
{
    public static ImmutableArray<HostServiceFunction> All { get; } =
    [
        HostServiceFunction.Of("kv_get", [I32, I32, I32, I32], Capability.KvRead, Get),
        HostServiceFunction.Of("kv_list", [I32, I32, I32, I32], Capability.KvRead, List),
        HostServiceFunction.Of("kv_list_after", [I32, I32, I32, I32, I32, I32], Capability.KvRead, ListAfter),
        HostServiceFunction.Of("kv_set", [I32, I32, I32, I32], Capability.KvWrite, Set),
        HostServiceFunction.Of("kv_delete", [I32, I32], Capability.KvWrite, Delete),
    ];

    private const int MaxKeyBytes = 1_024;
    private const int MaxValueBytes = 1 << 20;
    private const int MaxListed = 1_000;
    private const int MaxListedBytes = 256 << 10;

    /// <summary>What is returned where there is no such key.</summary>
    private const int NotFound = 1;

    /// <summary>What is returned beside keys that are not all.</summary>
    private const int HasMore = 1;

    private static int Get(SandboxContext context, GuestMemory memory, ReadOnlySpan<long> arguments)
    {
        var output = new GuestOutput((uint)arguments[2], (uint)arguments[3]);
        if (output.Check(memory) is var refused && refused != HostResult.Success)
        {
            return refused;
        }

        if (!TryOpen(context, arguments, minimum: 1, out var store, out refused))
        {
            return refused;
        }

        var value = store.Get(context.Scope.Region, context.Scope.Function, memory.ReadString((uint)arguments[0], (uint)arguments[1]));
        if (value is null)
        {
            output.Give(memory, []);
            return NotFound;
        }

        return output.Give(memory, value);
    }

    private static int List(SandboxContext context, GuestMemory memory, ReadOnlySpan<long> arguments)
    {
        var result = List(context, memory, arguments[..2], default, new GuestOutput((uint)arguments[2], (uint)arguments[3]));
        if (result != HasMore)
        {
            return result;
        }

        // Guests of this function take any other result for a failure.
        context.Explain($"kv_list gave the first keys only, up to {MaxListed} of {MaxListedBytes} bytes, and there are more; kv_list_after gives them all.");
        return HostResult.Success;
    }

    private static int ListAfter(SandboxContext context, GuestMemory memory, ReadOnlySpan<long> arguments) =>
        List(context, memory, arguments[..2], arguments[2..4], new GuestOutput((uint)arguments[4], (uint)arguments[5]));

    private static int List(SandboxContext context, GuestMemory memory, ReadOnlySpan<long> prefix, ReadOnlySpan<long> after, GuestOutput output)
    {
        if (output.Check(memory) is var refused && refused != HostResult.Success)
        {
            return refused;
        }

        if (!TryOpen(context, prefix, minimum: 0, out var store, out refused))
        {
            return refused;
        }

        if (!after.IsEmpty && (uint)after[1] > MaxKeyBytes)
        {
            return HostResult.TooLong;
        }

        var page = store.List(
            context.Scope.Region,
            context.Scope.Function,
            memory.ReadString((uint)prefix[0], (uint)prefix[1]),
            after.IsEmpty ? string.Empty : memory.ReadString((uint)after[0], (uint)after[1]),
            MaxListed,
            MaxListedBytes);
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartArray();
            foreach (var key in page.Keys)
            {
                writer.WriteStringValue(key);
            }

            writer.WriteEndArray();
        }

        var given = output.Give(memory, json.GetBuffer().AsSpan(0, (int)json.Length));
        return given == HostResult.Success && page.HasMore ? HasMore : given;
    }

    private static int Set(SandboxContext context, GuestMemory memory, ReadOnlySpan<long> arguments)
    {
        if (!TryOpen(context, arguments, minimum: 1, out var store, out var refused))
        {
            return refused;
        }

        if ((uint)arguments[3] > MaxValueBytes)
        {
            return HostResult.TooLong;
        }

        var key = memory.ReadString((uint)arguments[0], (uint)arguments[1]);
        var value = memory.ReadBytes((uint)arguments[2], (uint)arguments[3]);
        return store.TrySet(context.Scope.Region, context.Scope.Function, key, value, context.Remaining) ? HostResult.Success : HostResult.Failed;
    }

    private static int Delete(SandboxContext context, GuestMemory memory, ReadOnlySpan<long> arguments)
    {
        if (!TryOpen(context, arguments, minimum: 1, out var store, out var refused))
        {
            return refused;
        }

        var key = memory.ReadString((uint)arguments[0], (uint)arguments[1]);
        return store.Delete(context.Scope.Region, context.Scope.Function, key, context.Remaining) ? HostResult.Success : NotFound;
    }

    private static bool TryOpen(
        SandboxContext context, ReadOnlySpan<long> arguments, uint minimum, out IKeyValueStore store, out int refused)
    {
        store = context.Scope.Find<IKeyValueStore>()!;
        refused = (uint)arguments[1] > MaxKeyBytes ? HostResult.TooLong
            : (uint)arguments[1] < minimum || store is null ? HostResult.Failed
            : HostResult.Success;
        return refused == HostResult.Success;
    }
}
