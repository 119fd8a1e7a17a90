namespace HeliosEdge.Sandbox.Wasi.Descriptors;

/// <summary>The guest's descriptors by number; a new one gets the lowest that is free.</summary>
internal sealed class DescriptorTable : IDisposable
{
    private const int MaxDescriptors = 1_024;

    private readonly List<Descriptor?> _descriptors = [];

    public Descriptor this[uint number] =>
        number < (uint)_descriptors.Count && _descriptors[(int)number] is { } descriptor
            ? descriptor
            : throw new WasiException(Errno.BadDescriptor);

    /// <summary>The descriptor, if it has the rights.</summary>
    public Descriptor Get(uint number, Rights rights)
    {
        var descriptor = this[number];
        descriptor.Require(rights);
        return descriptor;
    }

    public void ThrowIfFull()
    {
        if (_descriptors.Count >= MaxDescriptors && !_descriptors.Contains(null))
        {
            throw new WasiException(Errno.TooManyDescriptors);
        }
    }

    public uint Add(Descriptor descriptor)
    {
        ThrowIfFull();
        var free = _descriptors.IndexOf(null);
        if (free < 0)
        {
            free = _descriptors.Count;
            _descriptors.Add(null);
        }

        _descriptors[free] = descriptor;
        return (uint)free;
    }

    public void Close(uint number)
    {
        this[number].Dispose();
        _descriptors[(int)number] = null;
    }

    /// <summary>Moves a descriptor to the number of another one, which is closed.</summary>
    public void Renumber(uint from, uint to)
    {
        var moved = this[from];
        var replaced = this[to];
        if (moved != replaced)
        {
            replaced.Dispose();
            _descriptors[(int)to] = moved;
            _descriptors[(int)from] = null;
        }
    }

    public void Dispose()
    {
        foreach (var descriptor in _descriptors)
        {
            descriptor?.Dispose();
        }

        _descriptors.Clear();
    }
}
