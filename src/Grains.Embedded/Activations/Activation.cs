using System.Diagnostics;
using HeliosEdge.Grains.Embedded.Calls;
using Orleans;

namespace HeliosEdge.Grains.Embedded.Activations;

/// <summary>
/// One living grain and its turns. A turn is the beginning of a request, or what follows an await in one; turns run one at a
/// time, on whatever thread of the pool. The activation is the synchronization context of its turns, which is how the
/// continuation of an await finds its way back here.
/// </summary>
internal sealed class Activation(GrainClass grainClass, ActivationSet set) : SynchronizationContext, IThreadPoolWorkItem
{
    /// <summary>After so many turns in a row the thread goes back to the pool, so that a busy grain does not keep it for itself.</summary>
    private const int TurnsInARow = 64;

    /// <summary>
    /// How deep callers may run turns of the grains that they call on their own stack. What a grain does before its first await
    /// is most often less than it takes to wake another thread for it.
    /// </summary>
    private const int MaxDepth = 4;

    /// <summary>A class whose activations leave before they serve anything must not send a request round for ever.</summary>
    private const int MaxForwards = 8;

    [ThreadStatic]
    private static Activation? _constructing;

    [ThreadStatic]
    private static int _depth;

    private readonly Lock _gate = new();
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _turns = new();
    private readonly Queue<GrainRequest> _waiting = new();
    private readonly List<GrainRequest> _unanswered = [];
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Grain? _grain;
    private Stage _stage;
    private DeactivationReason? _leaving;
    private int _running;
    private bool _scheduled;
    private bool _hasServed;
    private long _idleSince;
    private int _open;

    private enum Stage
    {
        New,
        Activating,
        Active,
        Deactivating,
        Gone,
    }

    /// <summary>The activation whose grain is being constructed on this thread; how a grain's constructor learns who it is.</summary>
    public static Activation? Constructing => _constructing;

    public Hosting.GrainHost Host => grainClass.Host;

    public string Key => set.Key;

    /// <summary>Requests that wait or run.</summary>
    public int Load => Volatile.Read(ref _running) + _waiting.Count;

    /// <summary>Completes when the grain has been deactivated.</summary>
    public Task WhenGone => _gone.Task;

    private bool IsRunnable => !_scheduled && (_turns.Count > 0 || (_waiting.Count > 0 && MayBegin));

    private bool MayBegin => _stage == Stage.Active && _leaving is null && (_running == 0 || grainClass.IsReentrant);

    /// <summary>Takes a request, and begins it on this thread if the activation has nothing else to do.</summary>
    /// <returns>False if the activation is gone.</returns>
    public bool TryEnqueue(GrainRequest request)
    {
        var isFree = false;
        lock (_gate)
        {
            if (_stage == Stage.Gone)
            {
                return false;
            }

            request.Slot = _unanswered.Count;
            _unanswered.Add(request);
            _open = _unanswered.Count;
            _waiting.Enqueue(request);
            if (_stage == Stage.New)
            {
                _stage = Stage.Activating;
                _turns.Enqueue((static self => _ = ((Activation)self!).ActivateAsync(), this));
            }

            if (_depth < MaxDepth && IsRunnable)
            {
                isFree = _scheduled = true;
            }
            else
            {
                Schedule();
            }
        }

        if (isFree)
        {
            _depth++;
            try
            {
                Run(turns: 1);
            }
            finally
            {
                _depth--;
            }
        }

        return true;
    }

    /// <summary>Takes the end of a request, from any thread.</summary>
    public void Ended(GrainRequest request)
    {
        lock (_gate)
        {
            Unlist(request);
            _hasServed = true;
            _running--;
            _idleSince = Host.Now;
            LeaveIfIdle();
            Schedule();
        }
    }

    /// <summary>Ends the activation once no request runs; requests that wait go to its successor.</summary>
    public void Deactivate(DeactivationReason reason)
    {
        lock (_gate)
        {
            if (_stage == Stage.New)
            {
                _stage = Stage.Gone;
                _gone.SetResult();
                return;
            }

            _leaving ??= reason;
            LeaveIfIdle();
            Schedule();
        }
    }

    /// <summary>Answers requests that have waited too long, and deactivates if nothing came for long.</summary>
    public void Sweep(long now, TimeSpan idleAge)
    {
        // Without the lock: what changes meanwhile is seen the next time.
        if (Volatile.Read(ref _open) == 0 && Host.Clock.GetElapsedTime(Volatile.Read(ref _idleSince), now) <= idleAge)
        {
            return;
        }

        List<GrainRequest>? late = null;
        bool isIdle;
        lock (_gate)
        {
            foreach (var request in _unanswered)
            {
                if (!request.IsAnswered && Host.Clock.GetElapsedTime(request.SentAt, now) > request.Method.Timeout)
                {
                    (late ??= []).Add(request);
                }
            }

            isIdle = _stage == Stage.Active && _unanswered.Count == 0 && Host.Clock.GetElapsedTime(_idleSince, now) > idleAge;
        }

        foreach (var request in late ?? [])
        {
            request.TryFail(new TimeoutException(
                $"{request.Method.Name} of {grainClass.Name} \"{Key}\" did not answer within {request.Method.Timeout.TotalSeconds:0.###} s."));
        }

        if (isIdle)
        {
            Deactivate(new DeactivationReason(DeactivationReasonCode.ActivationIdle, $"No request came for {idleAge}."));
        }
    }

    /// <summary>Runs turns; called by the thread pool.</summary>
    public void Execute() => Run(TurnsInARow);

    /// <summary>Takes the continuation of an await.</summary>
    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_gate)
        {
            _turns.Enqueue((d, state));
            Schedule();
        }
    }

    /// <summary>Not supported: waiting for a turn would block the thread that is to run it.</summary>
    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("A grain can not be waited for by blocking; await it.");

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    private void Run(int turns)
    {
        var outer = Current;
        SetSynchronizationContext(this);
        try
        {
            for (var turn = 0; turn < turns; turn++)
            {
                if (!RunOne())
                {
                    return;
                }
            }
        }
        finally
        {
            SetSynchronizationContext(outer);
        }

        lock (_gate)
        {
            _scheduled = false;
            Schedule();
        }
    }

    private bool RunOne()
    {
        GrainRequest? request = null;
        (SendOrPostCallback Callback, object? State) turn;
        lock (_gate)
        {
            // What has begun goes first: finishing it frees what it holds.
            if (!_turns.TryDequeue(out turn))
            {
                request = NextRequest();
                if (request is null)
                {
                    _scheduled = false;
                    return false;
                }

                _running++;
            }
        }

        if (request is null)
        {
            turn.Callback(turn.State);
        }
        else
        {
            request.Begin(this, _grain!);
        }

        return true;
    }

    private GrainRequest? NextRequest()
    {
        while (MayBegin && _waiting.TryDequeue(out var request))
        {
            if (!request.IsAnswered)
            {
                return request;
            }

            // It timed out in the queue; its caller is gone.
            Unlist(request);
        }

        return null;
    }

    private void Schedule()
    {
        if (IsRunnable)
        {
            _scheduled = true;

            // Onto the queue of this very thread: it most often has nothing better to do than this call.
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
        }
    }

    private void Unlist(GrainRequest request)
    {
        var last = _unanswered[^1];
        _unanswered[request.Slot] = last;
        last.Slot = request.Slot;
        _unanswered.RemoveAt(_unanswered.Count - 1);
        _open = _unanswered.Count;
    }

    private async Task ActivateAsync()
    {
        try
        {
            _constructing = this;
            try
            {
                _grain = grainClass.NewGrain();
            }
            finally
            {
                _constructing = null;
            }

            using var timeout = new CancellationTokenSource(Host.Options.CallTimeout, Host.Clock);
            await _grain.OnActivateAsync(timeout.Token);
        }
        catch (Exception e)
        {
            Host.LogActivationFailed(e, grainClass.Name, Key);
            foreach (var request in Leave())
            {
                request.TryFail(e);
            }

            return;
        }

        lock (_gate)
        {
            _stage = Stage.Active;
            _idleSince = Host.Now;
            LeaveIfIdle();
            Schedule();
        }
    }

    private void LeaveIfIdle()
    {
        if (_leaving is { } reason && _stage == Stage.Active && _running == 0)
        {
            _stage = Stage.Deactivating;
            _turns.Enqueue((_ => _ = DeactivateAsync(reason), null));
        }
    }

    private async Task DeactivateAsync(DeactivationReason reason)
    {
        Debug.Assert(_grain is not null);
        try
        {
            using var timeout = new CancellationTokenSource(Host.Options.CallTimeout, Host.Clock);
            await _grain.OnDeactivateAsync(reason, timeout.Token);
            switch (_grain)
            {
                case IAsyncDisposable disposable:
                    await disposable.DisposeAsync();
                    break;
                case IDisposable disposable:
                    disposable.Dispose();
                    break;
            }
        }
        catch (Exception e)
        {
            Host.LogDeactivationFailed(e, grainClass.Name, Key);
        }

        foreach (var request in Leave())
        {
            if (!_hasServed && ++request.Forwarded > MaxForwards)
            {
                request.TryFail(new InvalidOperationException(
                    $"{request.Method.Name}: {MaxForwards} activations of {grainClass.Name} \"{Key}\" in a row were deactivated before they served anything."));
                continue;
            }

            while (!grainClass.Find(Key).TryDispatch(request))
            {
                // That set went in the meantime as well; the next look-up makes another.
            }
        }
    }

    /// <summary>Ends the activation and returns the requests that it leaves behind.</summary>
    private GrainRequest[] Leave()
    {
        GrainRequest[] left;
        lock (_gate)
        {
            _stage = Stage.Gone;
            left = [.. _waiting.Where(request => !request.IsAnswered)];
            _waiting.Clear();
            _unanswered.Clear();
            _open = 0;
        }

        set.Remove(this);
        _gone.SetResult();
        return left;
    }
}
