using System.Runtime.InteropServices;

namespace HeliosEdge.Wasm.Compiler;

/// <summary>Which functions of a module call which directly, each pair once; functions are counted from the first that the module defines.</summary>
internal sealed class CallGraph(int functions)
{
    private readonly int[] _starts = new int[functions + 1];
    private readonly List<int> _callees = [];

    // The caller, counted from 1, whose call of a function was noted last.
    private readonly int[] _lastCaller = new int[functions];
    private int _caller = -1;

    /// <summary>Starts the calls of a function; functions come in their order.</summary>
    public void Begin(int caller)
    {
        _caller = caller;
        _starts[caller] = _starts[caller + 1] = _callees.Count;
    }

    public void Add(int callee)
    {
        if (_lastCaller[callee] != _caller + 1)
        {
            _lastCaller[callee] = _caller + 1;
            _callees.Add(callee);
            _starts[_caller + 1] = _callees.Count;
        }
    }

    public ReadOnlySpan<int> Of(int caller) => CollectionsMarshal.AsSpan(_callees)[_starts[caller].._starts[caller + 1]];
}
