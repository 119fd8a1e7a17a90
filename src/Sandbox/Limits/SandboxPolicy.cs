namespace HeliosEdge.Sandbox.Limits;

/// <summary>What the operator lets guests have: the limits of a function that asks for none, and the most that one may ask for.</summary>
public sealed record SandboxPolicy
{
    /// <summary>The limits of a function whose registration states none.</summary>
    public ResourceLimits Defaults { get; init; } = new();

    /// <summary>The most that a registration may ask for: by default 512 MiB, 1,000,000 table elements, 60 s, 16 MiB each way, 1,000,000 host calls, 1 MiB of log and of a string.</summary>
    public ResourceLimits Ceiling { get; init; } = new()
    {
        MemoryMiB = 512,
        TableElements = 1_000_000,
        TimeoutMs = 60_000,
        MaxPayloadBytes = 16 << 20,
        MaxResponseBytes = 16 << 20,
        MaxHostCalls = 1_000_000,
        MaxLogBytes = 1 << 20,
        MaxStringBytes = 1 << 20,
    };

    /// <summary>Size of an uploaded module in bytes. Default 16 MiB.</summary>
    public int MaxModuleBytes { get; init; } = 16 << 20;

    /// <summary>Linear memory in MiB that a 32-bit guest can address at all.</summary>
    private const int AddressableMiB = 4096;

    /// <summary>Checks the policy itself.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>: a value is not positive, or a default is above its ceiling.</exception>
    public void Validate()
    {
        Check("ceiling memoryMiB", Ceiling.MemoryMiB, AddressableMiB);
        Check("ceiling tableElements", Ceiling.TableElements, int.MaxValue);
        Check("ceiling timeoutMs", Ceiling.TimeoutMs, int.MaxValue);
        Check("ceiling maxPayloadBytes", Ceiling.MaxPayloadBytes, Array.MaxLength);
        Check("ceiling maxResponseBytes", Ceiling.MaxResponseBytes, Array.MaxLength);
        Check("ceiling maxHostCalls", Ceiling.MaxHostCalls, int.MaxValue);
        Check("ceiling maxLogBytes", Ceiling.MaxLogBytes, int.MaxValue);
        Check("ceiling maxStringBytes", Ceiling.MaxStringBytes, Array.MaxLength);
        Check("default memoryMiB", Defaults.MemoryMiB, Ceiling.MemoryMiB);
        Check("default tableElements", Defaults.TableElements, Ceiling.TableElements);
        Check("default timeoutMs", Defaults.TimeoutMs, Ceiling.TimeoutMs);
        Check("default maxPayloadBytes", Defaults.MaxPayloadBytes, Ceiling.MaxPayloadBytes);
        Check("default maxResponseBytes", Defaults.MaxResponseBytes, Ceiling.MaxResponseBytes);
        Check("default maxHostCalls", Defaults.MaxHostCalls, Ceiling.MaxHostCalls);
        Check("default maxLogBytes", Defaults.MaxLogBytes, Ceiling.MaxLogBytes);
        Check("default maxStringBytes", Defaults.MaxStringBytes, Ceiling.MaxStringBytes);
        Check("maxModuleBytes", MaxModuleBytes, Array.MaxLength);
    }

    /// <summary>Fills what a registration leaves open from <see cref="Defaults"/> and refuses what is above <see cref="Ceiling"/>.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>, naming the limit, its range and the value.</exception>
    public ResourceLimits Resolve(RequestedLimits requested) => Defaults with
    {
        MemoryMiB = Choose("limits.memoryMiB", requested.MemoryMiB, Defaults.MemoryMiB, Ceiling.MemoryMiB),
        TimeoutMs = Choose("limits.timeoutMs", requested.TimeoutMs, Defaults.TimeoutMs, Ceiling.TimeoutMs),
        MaxPayloadBytes = Choose(
            "limits.maxPayloadBytes", requested.MaxPayloadBytes, Defaults.MaxPayloadBytes, Ceiling.MaxPayloadBytes),
        MaxResponseBytes = Choose(
            "limits.maxResponseBytes", requested.MaxResponseBytes, Defaults.MaxResponseBytes, Ceiling.MaxResponseBytes),
    };

    /// <summary>Lowers limits that were accepted under an earlier, more generous policy to this one's ceiling.</summary>
    public ResourceLimits Clamp(ResourceLimits limits) => new()
    {
        MemoryMiB = Math.Min(limits.MemoryMiB, Ceiling.MemoryMiB),
        TableElements = Math.Min(limits.TableElements, Ceiling.TableElements),
        TimeoutMs = Math.Min(limits.TimeoutMs, Ceiling.TimeoutMs),
        MaxPayloadBytes = Math.Min(limits.MaxPayloadBytes, Ceiling.MaxPayloadBytes),
        MaxResponseBytes = Math.Min(limits.MaxResponseBytes, Ceiling.MaxResponseBytes),
        MaxHostCalls = Math.Min(limits.MaxHostCalls, Ceiling.MaxHostCalls),
        MaxLogBytes = Math.Min(limits.MaxLogBytes, Ceiling.MaxLogBytes),
        MaxStringBytes = Math.Min(limits.MaxStringBytes, Ceiling.MaxStringBytes),
    };

    private static int Choose(string name, long? requested, int whenOpen, int ceiling)
    {
        if (requested is not { } value)
        {
            return whenOpen;
        }

        Check(name, value, ceiling);
        return (int)value;
    }

    private static void Check(string name, long value, int ceiling)
    {
        if (value < 1 || value > ceiling)
        {
            throw new SandboxException(ErrorCodes.InvalidParameter, $"{name} must be from 1 to {ceiling}, not {value}.")
            {
                Limit = ceiling,
                Value = value,
            };
        }
    }
}
