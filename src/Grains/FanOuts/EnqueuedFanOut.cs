using HeliosEdge.Grains.Invocations;

namespace HeliosEdge.Grains.FanOuts;

/// <summary>A fan-out that is on disk.</summary>
/// <param name="Id">Its id.</param>
/// <param name="IsNew">False if its idempotency key was known, and this is the fan-out from then.</param>
/// <param name="HeldBy">What else has the key, so that nothing was queued and no id exists; null where the key is the fan-out's.</param>
public readonly record struct EnqueuedFanOut(Guid Id, bool IsNew, KeyHolder? HeldBy = null);
