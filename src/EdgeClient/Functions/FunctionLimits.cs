namespace HeliosEdge.Client;

/// <summary>What a function and each of its invocations may use. A limit that is null is left to the silo's default.</summary>
public sealed record FunctionLimits
{
    /// <summary>Linear memory, in MiB.</summary>
    public int? MemoryMiB { get; init; }

    /// <summary>Elements of each table.</summary>
    public int? TableElements { get; init; }

    /// <summary>Instances that are alive at the same time in one region; more calls wait, and too many end with <see cref="EdgeOverloadedException"/>.</summary>
    public int? MaxInstances { get; init; }

    /// <summary>Size of the module, in bytes; a larger one is refused with <see cref="EdgeModuleTooLargeException"/>.</summary>
    public long? MaxModuleBytes { get; init; }

    /// <summary>Stack of the guest, in KiB.</summary>
    public int? StackKiB { get; init; }

    /// <summary>Running time, in milliseconds; after it the invocation ends with <see cref="EdgeTimeoutException"/>.</summary>
    public int? TimeoutMs { get; init; }

    /// <summary>Instructions, as the engine counts them; null does not count. After them the invocation ends with <see cref="EdgeLimitExceededException"/>.</summary>
    public long? Fuel { get; init; }

    /// <summary>Size of the payload, in bytes; more is refused with <see cref="EdgePayloadTooLargeException"/>.</summary>
    public long? MaxPayloadBytes { get; init; }

    /// <summary>Size of the response, in bytes; more is refused with <see cref="EdgeResponseTooLargeException"/>.</summary>
    public long? MaxResponseBytes { get; init; }

    /// <summary>Bytes of one string that the guest gives to a host function.</summary>
    public long? MaxStringBytes { get; init; }

    /// <summary>Bytes of one SQL statement, and of its parameters.</summary>
    public long? MaxQueryBytes { get; init; }

    /// <summary>UTF-8 bytes of environment, arguments and configuration together.</summary>
    public long? MaxConfigBytes { get; init; }

    /// <summary>Bytes of one block that the host allocates in the guest.</summary>
    public long? MaxAllocationBytes { get; init; }

    /// <summary>Calls of host functions; one more ends the invocation with <see cref="EdgeLimitExceededException"/>.</summary>
    public int? MaxHostCalls { get; init; }

    /// <summary>HTTP requests that the function has under way at the same time in one silo and region; one more is not sent, which ends a plug-in of Extism with <see cref="EdgeLimitExceededException"/>.</summary>
    public int? MaxHttpRequests { get; init; }

    /// <summary>UTF-8 bytes of all that is logged; more ends the invocation with <see cref="EdgeLimitExceededException"/>.</summary>
    public long? MaxLogBytes { get; init; }
}
