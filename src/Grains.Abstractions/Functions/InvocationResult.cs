using Orleans;

namespace HeliosEdge.Grains.Abstractions.Functions;

/// <summary>How an invocation ended: with a response, or with a <see cref="Fault"/>.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.InvocationResult")]
public sealed record InvocationResult
{
    /// <summary>What the guest answered; empty if there is a <see cref="Fault"/>.</summary>
    [Id(0)]
    public ReadOnlyMemory<byte> Response { get; init; }

    /// <summary>Why there is no response; null if there is one.</summary>
    [Id(1)]
    public InvocationFault? Fault { get; init; }

    /// <summary>The hash of the module that ran; empty if none did.</summary>
    [Id(2)]
    public string Module { get; init; } = "";

    /// <summary>Time from making the instance to throwing it away, in microseconds; 0 if none was made, or it is not known since the response began before its end was.</summary>
    [Id(3)]
    public long DurationMicroseconds { get; init; }

    /// <summary>The version of the function that ran; 0 if none did.</summary>
    [Id(4)]
    public int Version { get; init; }

    /// <summary>The head of the response to <see cref="FunctionCall.Http"/>; null if there is a <see cref="Fault"/>, and for other calls.</summary>
    [Id(5)]
    public HttpAnswer? Http { get; init; }

    /// <summary>The name of the engine that ran it, or that the function chooses and the operator does not allow; empty if there is neither.</summary>
    [Id(6)]
    public string Engine { get; init; } = "";
}
