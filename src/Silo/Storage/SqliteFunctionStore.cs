using System.Collections.Immutable;
using Dapper;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Functions;

namespace HeliosEdge.Silo.Storage;

/// <summary>Registrations in the silo's database.</summary>
internal sealed class SqliteFunctionStore(SiloDatabase database, TimeProvider clock) : IFunctionStore
{
    // Neither a region's name nor a capability's has a comma in it.
    private const char Separator = ',';

    public Task<IReadOnlyList<FunctionDescription>> ReadAllAsync() => Task.FromResult<IReadOnlyList<FunctionDescription>>(database.Read(
        connection => connection.Query<Row>(
            """
            SELECT name, module, abi, entry, regions, profile, capabilities,
                memory_mib AS MemoryMiB, timeout_ms AS TimeoutMs, max_payload_bytes AS MaxPayloadBytes, max_response_bytes AS MaxResponseBytes
            FROM functions
            """).Select(row => row.ToFunction()).ToList()));

    public Task PutAsync(FunctionDescription function) => database.WriteAsync((connection, transaction) => connection.Execute(
        """
        INSERT INTO functions (name, module, abi, entry, regions, memory_mib, timeout_ms, max_payload_bytes, max_response_bytes, profile, capabilities, registered_at)
        VALUES (@Name, @Module, @Abi, @Entry, @Regions, @MemoryMiB, @TimeoutMs, @MaxPayloadBytes, @MaxResponseBytes, @Profile, @Capabilities, @Now)
        ON CONFLICT (name) DO UPDATE SET
            module = excluded.module, abi = excluded.abi, entry = excluded.entry, regions = excluded.regions,
            memory_mib = excluded.memory_mib, timeout_ms = excluded.timeout_ms, max_payload_bytes = excluded.max_payload_bytes,
            max_response_bytes = excluded.max_response_bytes, profile = excluded.profile, capabilities = excluded.capabilities,
            registered_at = excluded.registered_at
        """,
        new
        {
            function.Name,
            function.Module,
            function.Abi,
            function.Entry,
            Regions = string.Join(Separator, function.Regions),
            function.Limits.MemoryMiB,
            function.Limits.TimeoutMs,
            function.Limits.MaxPayloadBytes,
            function.Limits.MaxResponseBytes,
            function.Profile,
            Capabilities = string.Join(Separator, function.Capabilities),
            Now = clock.GetUtcNow().ToString("O"),
        },
        transaction));

    public Task<bool> DeleteAsync(string name) => database.WriteAsync((connection, transaction) =>
        connection.Execute("DELETE FROM functions WHERE name = @name", new { name }, transaction) > 0);

    private sealed record Row
    {
        public required string Name { get; init; }

        public required string Module { get; init; }

        public required string Abi { get; init; }

        public required string Entry { get; init; }

        public required string Regions { get; init; }

        public required string Profile { get; init; }

        public required string Capabilities { get; init; }

        public required int MemoryMiB { get; init; }

        public required int TimeoutMs { get; init; }

        public required int MaxPayloadBytes { get; init; }

        public required int MaxResponseBytes { get; init; }

        public FunctionDescription ToFunction() => new()
        {
            Name = Name,
            Module = Module,
            Abi = Abi,
            Entry = Entry,
            Regions = Regions.Split(Separator).ToImmutableArray(),
            Profile = Profile,
            Capabilities = [.. Capabilities.Split(Separator, StringSplitOptions.RemoveEmptyEntries)],
            Limits = new FunctionLimits
            {
                MemoryMiB = MemoryMiB,
                TimeoutMs = TimeoutMs,
                MaxPayloadBytes = MaxPayloadBytes,
                MaxResponseBytes = MaxResponseBytes,
            },
        };
    }
}
