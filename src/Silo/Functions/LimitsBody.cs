using System.ComponentModel;

namespace HeliosEdge.Silo.Functions;

/// <summary>The limits in the body of a registration.</summary>
/// <param name="MemoryMiB">Linear memory.</param>
/// <param name="TimeoutMs">Running time.</param>
/// <param name="MaxPayloadBytes">Size of the payload.</param>
/// <param name="MaxResponseBytes">Size of the response.</param>
internal sealed record LimitsBody(
    [property: Description("Linear memory in MiB; 64 if not stated.")] int? MemoryMiB,
    [property: Description("Running time in ms; 5000 if not stated.")] int? TimeoutMs,
    [property: Description("Size of the payload in bytes; 1 MiB if not stated.")] int? MaxPayloadBytes,
    [property: Description("Size of the response in bytes; 1 MiB if not stated.")] int? MaxResponseBytes);
