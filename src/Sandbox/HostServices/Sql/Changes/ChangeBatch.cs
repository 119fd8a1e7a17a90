using System.Buffers;
using System.Runtime.InteropServices;

namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>Changes in order, as a guest gets them. Used again for the next ones. One thread at a time.</summary>
public sealed class ChangeBatch
{
    private readonly ArrayBufferWriter<byte> _json = new(4_096);
    private readonly List<(Change Change, int Start, int End)> _changes = [];
    private int _start;

    /// <summary>How many changes there are.</summary>
    public int Count => _changes.Count;

    /// <summary>Bytes of their JSON.</summary>
    public int Bytes => _json.WrittenCount;

    /// <summary>One of them.</summary>
    public Change this[int index] => _changes[index].Change;

    /// <summary>Forgets all of them.</summary>
    public void Clear()
    {
        _json.ResetWrittenCount();
        _changes.Clear();
    }

    /// <summary>Begins a change.</summary>
    /// <returns>What takes its event, as an object of JSON, before <see cref="End"/>.</returns>
    public IBufferWriter<byte> Begin()
    {
        if (_changes.Count > 0)
        {
            _json.Write(","u8);
        }

        _start = _json.WrittenCount;
        return _json;
    }

    /// <summary>Ends a change.</summary>
    public void End(Change change) => _changes.Add((change, _start, _json.WrittenCount));

    /// <summary>The events of some changes that follow each other, with commas between them.</summary>
    /// <param name="from">The first.</param>
    /// <param name="count">How many; at least one.</param>
    public ReadOnlyMemory<byte> Events(int from, int count)
    {
        var changes = CollectionsMarshal.AsSpan(_changes).Slice(from, count);
        return _json.WrittenMemory[changes[0].Start..changes[^1].End];
    }
}
