using HeliosEdge.Sandbox.Execution;

namespace HeliosEdge.Sandbox.Engines.Compilation;

/// <summary>
/// Compiles modules, a bounded number at a time, on threads that leave the processors to others first. A compilation begins in a place
/// for short ones. If others wait for it after the first slice of processor time, it goes on in a place for long ones, or begins again
/// there later: what is brief never waits for what is not. Of all callers that wait, whoever took the least time of late is next.
/// </summary>
public sealed class CompilePool : IDisposable
{
    /// <summary>The caller for whom modules are loaded that the silo has accepted before.</summary>
    public const string Silo = "";

    // Half of an equal share to begin with, a tenth where it takes long.
    internal const int NiceOfShort = 3;
    private const int NiceOfLong = 10;

    // Compilers recurse with what they compile.
    private const int StackBytes = 16 << 20;

    private readonly Lock _gate = new();
    private readonly CompileLimits _limits;
    private readonly int _shortPlaces;
    private readonly int _longPlaces;
    private readonly CompileQueue _short = new();
    private readonly CompileQueue _long = new();
    private readonly Dictionary<string, CompileAccount> _accounts = new(StringComparer.Ordinal);
    private int _shortRunning;
    private int _longRunning;
    private long _bytes;

    // What compilations look at between pieces of their work: one that has little of the processor is not to hold the lock all the time.
    private volatile bool _isWaitedFor;
    private volatile bool _isDisposed;

    /// <summary>Makes the pool.</summary>
    /// <param name="engines">What compiles; disposed with the pool.</param>
    /// <param name="limits">What compiling may cost.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>: a limit is out of range.</exception>
    public CompilePool(EngineSet engines, CompileLimits limits)
    {
        limits.Validate();
        Engines = engines;
        _limits = limits;
        _longPlaces = limits.Parallel / 2;
        _shortPlaces = limits.Parallel - _longPlaces;
    }

    /// <summary>What compiles.</summary>
    public EngineSet Engines { get; }

    /// <summary>Modules that are compiled at the moment.</summary>
    public int Running
    {
        get
        {
            lock (_gate)
            {
                return _shortRunning + _longRunning;
            }
        }
    }

    /// <summary>Modules that wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _short.Count + _long.Count;
            }
        }
    }

    /// <summary>Compiles a module; nobody can take that back.</summary>
    /// <param name="wasm">The module.</param>
    /// <param name="build">The engine, one of <see cref="Engines"/>, and what for.</param>
    /// <param name="caller">Who wants it, or <see cref="Silo"/>.</param>
    /// <param name="begin">Called when it is the module's turn, on the thread that compiles it; what it throws refuses the module.</param>
    /// <exception cref="SandboxException">
    /// As of <see cref="IWasmEngine.Compile"/>. <see cref="ErrorCodes.CompileLimitExceeded"/>: it takes more than it may; nothing of it is
    /// kept. <see cref="ErrorCodes.Overloaded"/>: the caller, or all of them, have too many wait already, or took too much time of late.
    /// </exception>
    public Task<ICompiledModule> CompileAsync(ReadOnlyMemory<byte> wasm, ModuleBuild build, string caller, Action? begin = null)
    {
        CompileJob job;
        lock (_gate)
        {
            job = new CompileJob(wasm, build, Admit(caller, wasm.Length), begin);
            _short.Add(job);
            StartWaiting();
        }

        return job.Task;
    }

    /// <summary>Refuses what waits and what comes; what runs ends at its next piece of work.</summary>
    public void Dispose()
    {
        var refused = new List<CompileJob>();
        lock (_gate)
        {
            _isDisposed = true;
            while ((_short.TryTake() ?? _long.TryTake()) is { } job)
            {
                refused.Add(job);
            }
        }

        refused.ForEach(job => job.SetException(Stopping()));
        Engines.Dispose();
    }

    private static SandboxException Stopping() => new(ErrorCodes.Overloaded, "The silo stops and compiles no more.");

    private CompileAccount Admit(string caller, int bytes)
    {
        if (_isDisposed)
        {
            throw Stopping();
        }

        if (!_accounts.TryGetValue(caller, out var account))
        {
            foreach (var idle in _accounts.Where(other => other.Value is { Modules: 0, Used.Ticks: 0 }).Select(other => other.Key).ToArray())
            {
                _accounts.Remove(idle);
            }

            account = _accounts[caller] = new CompileAccount();
        }

        if (account.Modules >= _limits.MaxQueuedPerCaller && caller != Silo)
        {
            throw SandboxException.Breach(
                ErrorCodes.Overloaded, "With this one the caller has", _limits.MaxQueuedPerCaller, account.Modules + 1, "modules compiled at once");
        }

        if (account.Used > TimeSpan.FromSeconds(_limits.MaxSecondsPerCaller) && caller != Silo)
        {
            throw SandboxException.Breach(
                ErrorCodes.Overloaded,
                "The modules of the caller have taken too much processor time of late, of which half a second comes back in a second:",
                _limits.MaxSecondsPerCaller,
                (long)Math.Ceiling(account.Used.TotalSeconds),
                "seconds");
        }

        if (_bytes > 0 && _bytes + bytes > _limits.MaxQueuedBytes)
        {
            throw SandboxException.Breach(
                ErrorCodes.Overloaded, "With this one the modules that are compiled or wait have", _limits.MaxQueuedBytes, _bytes + bytes, "bytes");
        }

        account.Modules++;
        _bytes += bytes;
        return account;
    }

    /// <summary>Gives the free places to what waits for them; under the gate.</summary>
    private void StartWaiting()
    {
        while (_shortRunning < _shortPlaces && _short.TryTake() is { } job)
        {
            _shortRunning++;
            Start(job);
        }

        while (_longRunning < _longPlaces && _long.TryTake() is { } job)
        {
            _longRunning++;
            Start(job);
        }

        _isWaitedFor = _short.Count > 0;
    }

    private void Start(CompileJob job) => new Thread(() => Run(job), StackBytes) { IsBackground = true, Name = "compile" }.Start();

    private void Run(CompileJob job)
    {
        var turn = new Turn(this, job);
        ICompiledModule? module = null;
        Exception? failure = null;
        try
        {
            turn.Pass();
            job.Begin?.Invoke();
            module = job.Build.Engine.Compile(job.Wasm.Span, job.Build.IsMetered, turn);
        }
        catch (CompileDeferredException)
        {
            // It waits for a place of the long ones now.
        }
        catch (Exception e)
        {
            failure = e;
        }

        if (module is null && failure is null)
        {
            Defer(job, turn.Used);
            return;
        }

        End(job, turn.Used);
        if (module is not null)
        {
            job.SetResult(module);
        }
        else
        {
            job.SetException(failure!);
        }
    }

    private void End(CompileJob job, TimeSpan used)
    {
        lock (_gate)
        {
            Leave(job);
            Charge(job, used);
            job.Account.Modules--;
            _bytes -= job.Wasm.Length;
            StartWaiting();
        }
    }

    private void Defer(CompileJob job, TimeSpan used)
    {
        bool isRefused;
        lock (_gate)
        {
            Leave(job);
            Charge(job, used);
            job.Charged = TimeSpan.Zero;
            isRefused = _isDisposed;
            if (!isRefused)
            {
                job.IsLong = true;
                _long.Add(job);
                StartWaiting();
            }
        }

        if (isRefused)
        {
            job.SetException(Stopping());
        }
    }

    private void Leave(CompileJob job)
    {
        if (job.IsLong)
        {
            _longRunning--;
        }
        else
        {
            _shortRunning--;
        }
    }

    private static void Charge(CompileJob job, TimeSpan used)
    {
        job.Account.Charge(used - job.Charged);
        job.Charged = used;
    }

    /// <summary>Has a compilation whose first slice is over leave its place if others wait for it.</summary>
    /// <exception cref="CompileDeferredException">There is no place for it now.</exception>
    private void MakeWay(CompileJob job, TimeSpan used)
    {
        lock (_gate)
        {
            if (_short.Count == 0)
            {
                return;
            }

            Charge(job, used);

            if (_longRunning >= _longPlaces)
            {
                throw new CompileDeferredException();
            }

            job.IsLong = true;
            _shortRunning--;
            _longRunning++;
            StartWaiting();
        }
    }

    private sealed class Turn : CompileTurn
    {
        private readonly CompilePool _pool;
        private readonly CompileJob _job;
        private readonly int _thread = ThreadNice.CurrentThread;
        private readonly int _before;

        public Turn(CompilePool pool, CompileJob job)
            : base(pool._limits)
        {
            _pool = pool;
            _job = job;
            _before = ThreadNice.OfCurrent;
            Lower(job.IsLong ? NiceOfLong : NiceOfShort);
        }

        protected override void Continue(TimeSpan used)
        {
            if (_pool._isDisposed)
            {
                throw Stopping();
            }

            if (used <= Limits.Slice)
            {
                return;
            }

            if (Nice < NiceOfLong)
            {
                Lower(NiceOfLong);
            }

            if (_pool._isWaitedFor && !_job.IsLong)
            {
                _pool.MakeWay(_job, used);
            }
        }

        private void Lower(int nice)
        {
            Nice = nice;
            ThreadNice.TrySet(_thread, _before + nice);
        }
    }
}
