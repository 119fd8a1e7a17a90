namespace HeliosEdge.Sandbox.Engines.Compilation.Workers;

/// <summary>The processes that compile for this one. Those that have nothing to do are kept for the next modules for a while, one of them for good.</summary>
/// <param name="start">Starts one.</param>
internal sealed class CompilerProcesses(Func<CompilerProcess> start) : IDisposable
{
    private static readonly TimeSpan TrimEvery = TimeSpan.FromSeconds(30);

    /// <summary>Memory of which a process that holds more is not kept.</summary>
    private const long MaxHeldBytes = 64 << 20;

    private readonly Lock _gate = new();
    private readonly List<CompilerProcess> _all = [];
    private readonly List<CompilerProcess> _idle = [];
    private Timer? _trimming;
    private int _leastIdle;
    private bool _isDisposed;

    /// <summary>The numbers of all of them.</summary>
    public int[] Ids
    {
        get
        {
            lock (_gate)
            {
                return [.. _all.Select(process => process.Id)];
            }
        }
    }

    /// <summary>Sees to it that there is one to begin with.</summary>
    public void WarmUp() => Return(Add(), isFit: true);

    /// <summary>Takes one that has nothing to do, or starts one.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.CompileFailed"/>: it does not start.</exception>
    public CompilerProcess Rent()
    {
        while (true)
        {
            CompilerProcess idle;
            lock (_gate)
            {
                if (_idle.Count == 0)
                {
                    break;
                }

                idle = _idle[^1];
                _idle.RemoveAt(_idle.Count - 1);
                _leastIdle = Math.Min(_leastIdle, _idle.Count);
            }

            if (idle.IsAlive)
            {
                return idle;
            }

            End(idle);
        }

        return Add();
    }

    /// <summary>Gives one back.</summary>
    /// <param name="process">The process.</param>
    /// <param name="isFit">Whether it answered as it should; otherwise it is ended.</param>
    public void Return(CompilerProcess process, bool isFit)
    {
        if (isFit && !process.IsLong && process.HeldBytes <= MaxHeldBytes)
        {
            lock (_gate)
            {
                if (!_isDisposed)
                {
                    _idle.Add(process);
                    _trimming ??= new Timer(_ => Trim(), null, TrimEvery, TrimEvery);
                    return;
                }
            }
        }

        End(process);
    }

    /// <summary>Ends all of them, whatever they are doing.</summary>
    public void Dispose()
    {
        CompilerProcess[] all;
        lock (_gate)
        {
            _isDisposed = true;
            all = [.. _all];
            _all.Clear();
            _idle.Clear();
        }

        _trimming?.Dispose();
        foreach (var process in all)
        {
            process.Dispose();
        }
    }

    private CompilerProcess Add()
    {
        var process = start();
        lock (_gate)
        {
            if (!_isDisposed)
            {
                _all.Add(process);
                return process;
            }
        }

        process.Dispose();
        throw new SandboxException(ErrorCodes.Overloaded, "The silo stops and compiles no more.");
    }

    private void End(CompilerProcess process)
    {
        lock (_gate)
        {
            _all.Remove(process);
        }

        process.Dispose();
    }

    private void Trim()
    {
        CompilerProcess[] surplus;
        lock (_gate)
        {
            surplus = [.. _idle.Take(Math.Min(_leastIdle, _idle.Count - 1))];
            _idle.RemoveRange(0, surplus.Length);
            _leastIdle = _idle.Count;
        }

        foreach (var process in surplus)
        {
            End(process);
        }
    }
}
