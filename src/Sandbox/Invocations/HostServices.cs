using HeliosEdge.Sandbox.Http;
using HeliosEdge.Sandbox.Memory;
using HeliosEdge.Sandbox.Storage;

namespace HeliosEdge.Sandbox.Invocations;

/// <summary>What host functions work with, the same for all functions of a silo.</summary>
public sealed record HostServices
{
    /// <summary>Where guests' lines go; null discards them.</summary>
    public IGuestLog? Log { get; init; }

    /// <summary>Where functions keep their keys; without it, the functions that use it fail.</summary>
    public IKeyValueStore? KeyValues { get; init; }

    /// <summary>The regions' databases; without them, the functions that use them fail.</summary>
    public ISqlDatabase? Databases { get; init; }

    /// <summary>What sends guests' HTTP requests; without it, the functions that use it fail.</summary>
    public IOutboundHttp? Http { get; init; }

    /// <summary>The time that guests see.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where refused accesses are counted.</summary>
    public EscapeLedger Escapes { get; init; } = new();

    /// <summary>The violation of the sandbox that ends an invocation, counted from 1.</summary>
    public int MaxViolations { get; init; } = EscapeDetector.DefaultMaxViolations;
}
