namespace HeliosEdge.Sandbox.Wasi.Files.InMemory;

/// <summary>A file's contents; given back to the budget when the last name and the last descriptor are gone.</summary>
internal sealed class MemoryFile(MemoryBudget budget) : MemoryNode(budget)
{
    private byte[] _content = [];
    private int _length;
    private int _openers;

    public override FileType Type => FileType.RegularFile;

    public override ulong Size => (ulong)_length;

    public void Open() => _openers++;

    public void Close()
    {
        _openers--;
        ReleaseIfGone();
    }

    public override void Unlinked()
    {
        base.Unlinked();
        ReleaseIfGone();
    }

    public int Read(Span<byte> buffer, long offset)
    {
        if (offset >= _length || buffer.IsEmpty)
        {
            return 0;
        }

        var count = Math.Min(buffer.Length, _length - (int)offset);
        _content.AsSpan((int)offset, count).CopyTo(buffer);
        Accessed = WasiClock.Realtime();
        return count;
    }

    public int Write(ReadOnlySpan<byte> bytes, long offset)
    {
        if (bytes.IsEmpty)
        {
            return 0;
        }

        Reserve(checked(offset + bytes.Length));
        bytes.CopyTo(_content.AsSpan((int)offset));
        Touch();
        return bytes.Length;
    }

    public void SetSize(long size)
    {
        if (size > _length)
        {
            Reserve(size);
        }
        else if (size < _length)
        {
            // What is cut off must read as zeros if the file grows again.
            _content.AsSpan((int)size, _length - (int)size).Clear();
            Budget.Release(_length - size);
            _length = (int)size;

            // What is given back to the budget may not stay taken in fact.
            if (_content.Length > 2L * _length)
            {
                Array.Resize(ref _content, _length);
            }
        }

        Touch();
    }

    public void Reserve(long size)
    {
        if (size <= _length)
        {
            return;
        }

        if (size > Array.MaxLength)
        {
            throw new WasiException(Errno.FileTooLarge);
        }

        Budget.Charge(size - _length);
        if (size > _content.Length)
        {
            Array.Resize(ref _content, (int)Math.Min(Array.MaxLength, Math.Max(size, 2L * _content.Length)));
        }

        _length = (int)size;
    }

    private void ReleaseIfGone()
    {
        if (Links == 0 && _openers == 0)
        {
            Budget.Release(_length);
            _length = 0;
            _content = [];
        }
    }
}
