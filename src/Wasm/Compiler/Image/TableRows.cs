namespace HeliosEdge.Wasm.Compiler;

/// <summary>Walks a flat list of columns row by row.</summary>
internal ref struct TableRows(ReadOnlySpan<int> cells, int columns)
{
    private ReadOnlySpan<int> _rest = cells;

    public ReadOnlySpan<int> Current { get; private set; }

    public readonly TableRows GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.Length < columns)
        {
            return false;
        }

        Current = _rest[..columns];
        _rest = _rest[columns..];
        return true;
    }
}
