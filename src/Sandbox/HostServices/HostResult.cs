namespace HeliosEdge.Sandbox.HostServices;

/// <summary>What host functions of <c>heliosdb</c> return. Part of the guest ABI: a number never changes its meaning.</summary>
internal static class HostResult
{
    public const int Success = 0;
    public const int NoMemory = -1;
    public const int InvalidPointer = -2;
    public const int InvalidUtf8 = -3;
    public const int TooLong = -4;
    public const int Failed = -5;
    public const int NullOutPointer = -6;
    public const int NullOutLength = -7;
    public const int AllocationFailed = -8;
    public const int CapabilityDenied = -9;
    public const int Deadline = -10;
    public const int TooManyRequests = -11;

    /// <summary>The result for an access or allocation that was refused.</summary>
    public static int Of(SandboxException refused) => refused.Code switch
    {
        ErrorCodes.MemoryNotFound => NoMemory,
        ErrorCodes.OutOfBounds or ErrorCodes.NullPointer or ErrorCodes.Misaligned => InvalidPointer,
        ErrorCodes.InvalidUtf8 => InvalidUtf8,
        ErrorCodes.StringTooLarge => TooLong,
        ErrorCodes.AllocationFailed or ErrorCodes.AllocatorNotFound or ErrorCodes.DeallocatorNotFound
            or ErrorCodes.AllocationTooLarge or ErrorCodes.AllocationTotalExceeded => AllocationFailed,
        _ => Failed,
    };

    /// <summary>True for what a guest is told and may survive; anything else ends the invocation.</summary>
    public static bool IsForGuest(SandboxException refused) => Of(refused) != Failed;
}
