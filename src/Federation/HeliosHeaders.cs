namespace HeliosEdge.Federation;

/// <summary>The headers of this API.</summary>
internal static class HeliosHeaders
{
    /// <summary>SHA-256 of a module: stated by the sender of one, told to the caller of a function.</summary>
    public const string ModuleHash = "X-Helios-Module-Hash";

    /// <summary>The engine that ran a function, or that it chooses and the operator does not allow.</summary>
    public const string Engine = "X-Helios-Engine";

    /// <summary>The version of the function that ran.</summary>
    public const string Version = "X-Helios-Version";

    /// <summary>The region in which a function ran; of a request whose query is the function's, where it is to run.</summary>
    public const string Region = "X-Helios-Region";

    /// <summary>The regions to try in this order where the one before cannot be reached, for requests whose query is the function's.</summary>
    public const string Failover = "X-Helios-Failover";

    /// <summary>How long the guest took, from the making of its instance on, in microseconds.</summary>
    public const string Duration = "X-Helios-Duration-Us";

    /// <summary>How many silos have passed a request on; only a silo sends it.</summary>
    public const string Hops = "X-Helios-Hops";

    /// <summary>The caller's key, where <c>Authorization</c> is for the function.</summary>
    public const string Key = "X-Helios-Key";

    /// <summary>The secret that silos share.</summary>
    public const string PeerKey = "X-Helios-Peer-Key";

    /// <summary>Milliseconds that the caller will wait.</summary>
    public const string Deadline = "X-Helios-Deadline-Ms";

    /// <summary>The caller's name for a call, under which repeats get the first one's result.</summary>
    public const string IdempotencyKey = "Idempotency-Key";

    /// <summary>Whether a result is that of an earlier call with the same idempotency key.</summary>
    public const string IdempotentReplay = "X-Helios-Idempotent-Replay";
}
