using System.Collections.Immutable;
using HeliosEdge.Sandbox.Memory;

namespace HeliosEdge.Sandbox.Invocations;

/// <summary>What host functions work with, the same for all functions of a silo.</summary>
public sealed record HostServiceSet
{
    /// <summary>Where guests' lines go; null discards them.</summary>
    public IGuestLog? Log { get; init; }

    /// <summary>What is behind the host functions; those that find no service of theirs fail.</summary>
    public ImmutableArray<IHostService> Services { get; init; } = [];

    /// <summary>The time that guests see.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where refused accesses are counted.</summary>
    public EscapeLedger Escapes { get; init; } = new();

    /// <summary>The violation of the sandbox that ends an invocation, counted from 1.</summary>
    public int MaxViolations { get; init; } = EscapeDetector.DefaultMaxViolations;

    /// <summary>The service of a kind, or null where there is none.</summary>
    /// <typeparam name="T">Its interface.</typeparam>
    public T? Find<T>()
        where T : class, IHostService
    {
        foreach (var service in Services)
        {
            if (service is T found)
            {
                return found;
            }
        }

        return null;
    }
}
