using HeliosEdge.Sandbox;

namespace HeliosEdge.Grains.Invocations;

/// <summary>How long callers may say that they will wait.</summary>
public static class CallPatience
{
    /// <summary>The most milliseconds.</summary>
    public const int MaxMs = 60 * 60 * 1000;

    /// <summary>Refuses milliseconds that are none, or too many; null is a caller who says nothing.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>.</exception>
    public static void Require(int? milliseconds)
    {
        if (milliseconds is < 1 or > MaxMs)
        {
            throw new SandboxException(ErrorCodes.InvalidParameter, $"The deadline must be from 1 to {MaxMs} ms, not {milliseconds}.")
            {
                Limit = MaxMs,
                Value = milliseconds,
            };
        }
    }
}
