using System.Collections.Immutable;
using Orleans;

namespace HeliosEdge.Grains.Serialization;

/// <summary>A <see cref="Sandbox.SandboxException"/> on its way between silos.</summary>
[GenerateSerializer]
[Alias("HeliosEdge.SandboxException")]
internal struct SandboxExceptionSurrogate
{
    /// <summary>Its code.</summary>
    [Id(0)]
    public string Code;

    /// <summary>Its message.</summary>
    [Id(1)]
    public string Message;

    /// <summary>The limit.</summary>
    [Id(2)]
    public long? Limit;

    /// <summary>The value.</summary>
    [Id(3)]
    public long? Value;

    /// <summary>Where in a module.</summary>
    [Id(4)]
    public long? Offset;

    /// <summary>The guest's calls.</summary>
    [Id(5)]
    public ImmutableArray<string> Backtrace;
}
