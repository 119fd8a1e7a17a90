using System.Collections.Frozen;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Errors;

namespace HeliosEdge.Grains.Pipelines;

/// <summary>Whose fault it is that changes are not taken.</summary>
internal static class ChangeFailure
{
    private static readonly FrozenSet<string> PassesOrIsMended = FrozenSet.Create(
        StringComparer.Ordinal,
        ErrorCodes.HttpFailed,
        ErrorCodes.HttpRequestsExceeded,
        ErrorCodes.HttpHostDenied,
        ErrorCodes.HttpAddressDenied,
        ErrorCodes.CapabilityDenied,
        ErrorCodes.PeerFailed);

    /// <summary>
    /// Whether it is that of the changes, or of what the function makes of them. Anything else passes, or is mended by people: nothing has begun, the region is
    /// overloaded, the function is not there, the sink is away. Changes wait for it, however long it takes.
    /// </summary>
    public static bool IsOfChanges(SandboxException e) => e.Code is ErrorCodes.SinkFailed or ErrorCodes.PayloadTooLarge || (ErrorKind.Find(e.Code) is { } kind
        && kind.Again != Retry.NothingHasBegun
        && !PassesOrIsMended.Contains(e.Code)
        && kind.Status is 502 or 504);
}
