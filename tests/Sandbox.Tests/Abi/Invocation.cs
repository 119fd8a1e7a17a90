using System.Buffers;
using HeliosEdge.Sandbox.Abi;
using HeliosEdge.Sandbox.Abi.Helios1;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Sandbox.Tests.Abi;

/// <summary>Calls a guest by helios-1.</summary>
internal static class Invocation
{
    public static readonly ResourceLimits Limits = new() { MemoryMiB = 8, MaxPayloadBytes = 100_000, MaxResponseBytes = 100_000 };

    private static readonly IGuestAbi Abi = new Helios1Abi();

    public static byte[] Of(string guest, byte[] payload, string entry = "handle", ResourceLimits? limits = null)
    {
        using var module = Guests.Compile(guest);
        var response = new ArrayBufferWriter<byte>();
        Abi.CheckModule(module, entry, limits ?? Limits);
        Abi.Invoke(module, entry, payload, limits ?? Limits, response);
        return response.WrittenSpan.ToArray();
    }

    /// <summary>A call that must fail, and must not have let a byte of a response out.</summary>
    public static SandboxException Fails(string guest, byte[] payload, string entry = "handle", ResourceLimits? limits = null)
    {
        using var module = Guests.Compile(guest);
        var response = new ArrayBufferWriter<byte>();
        var failure = Should.Throw<SandboxException>(() => Abi.Invoke(module, entry, payload, limits ?? Limits, response));
        response.WrittenCount.ShouldBe(0);
        return failure;
    }
}
