using System.Buffers;

namespace HeliosEdge.Grains.Functions;

/// <summary>Takes a response that is written in one piece into an array of just its size.</summary>
internal sealed class ResponseBuffer : IBufferWriter<byte>
{
    private byte[] _bytes = [];
    private int _written;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _written);

    /// <summary>Forgets what was written.</summary>
    public void Clear() => _written = 0;

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _bytes.Length - _written);
        _written += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        var size = Math.Max(1, sizeHint);
        if (_bytes.Length - _written < size)
        {
            // Uninitialized is enough: what was not written is never shown.
            var larger = GC.AllocateUninitializedArray<byte>(_written + size);
            _bytes.AsSpan(0, _written).CopyTo(larger);
            _bytes = larger;
        }

        return _bytes.AsMemory(_written);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
