using System.Security.Cryptography;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Wasi.Memory;

namespace HeliosEdge.Sandbox.Wasi.Functions;

/// <summary>Random bytes of cryptographic quality.</summary>
internal static class RandomFunctions
{
    private const uint PieceBytes = 65_536;

    public static void RandomGet(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a)
    {
        var pointer = (uint)a[0];
        var remaining = (uint)a[1];
        memory.CheckRange(pointer, remaining);

        // In pieces: four gigabytes take longer than a deadline.
        while (remaining > 0)
        {
            process.ThrowIfInterrupted();
            var piece = Math.Min(remaining, PieceBytes);
            RandomNumberGenerator.Fill(memory.Bytes(pointer, piece));
            pointer += piece;
            remaining -= piece;
        }
    }
}
