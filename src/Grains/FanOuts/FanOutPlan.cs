using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.FanOuts;
using HeliosEdge.Sandbox;

namespace HeliosEdge.Grains.FanOuts;

/// <summary>The regions of a fan-out, and how many of them must succeed.</summary>
/// <param name="Function">The function's name.</param>
/// <param name="Regions">The regions, each once.</param>
/// <param name="Mode">When it is done.</param>
/// <param name="Needed">How many regions must succeed.</param>
/// <param name="MaxPayloadBytes">The payload that it may have.</param>
public sealed record FanOutPlan(string Function, ImmutableArray<string> Regions, FanOutMode Mode, int Needed, int MaxPayloadBytes)
{
    /// <summary>Peers that are asked without being known to have the function; one that does not is left out.</summary>
    public ImmutableHashSet<string> Unsure { get; init; } = [];

    /// <summary>Whether the fan-out ends as soon as enough regions have succeeded.</summary>
    public bool EndsEarly => Mode != FanOutMode.All;

    /// <summary>Refuses a payload that is larger than the fan-out may have.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.PayloadTooLarge"/>.</exception>
    public void Require(ReadOnlyMemory<byte> payload)
    {
        if (payload.Length > MaxPayloadBytes)
        {
            throw new SandboxException(ErrorCodes.PayloadTooLarge, $"The payload has {payload.Length} bytes; the limit is {MaxPayloadBytes} bytes.")
            {
                Limit = MaxPayloadBytes,
                Value = payload.Length,
            };
        }
    }
}
