using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using HeliosEdge.Wasm.Runtime;

namespace HeliosEdge.Wasm;

/// <summary>
/// Owns instances and everything they are made of. One thread at a time may call into it; only <see cref="Interrupt"/> may be
/// called from any thread. Disposing it frees all its memory at once, without waiting for the garbage collector.
/// </summary>
public sealed unsafe class Store : IDisposable // SAFETY: native blocks are freed only by Free, which runs once, when no call is inside the store.
{
    internal const int MinStackBytes = 64 << 10;
    internal const int MaxStackBytes = 256 << 20;

    private const int Apart = 16;

    private readonly Lock _gate = new();
    private readonly List<InstanceContext> _contexts = [];
    private readonly List<LinearMemory> _memories = [];
    private readonly List<nint> _blocks = [];
    private readonly long* _fuel;
    private byte* _returns;
    private object?[] _returnReferences = [];
    private int _returnSlots;
    private int _owner;
    private int _interrupted;
    private int _disposed;
    private nuint _stackLimit;

    /// <summary>Makes an empty store.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A limit is outside its documented range.</exception>
    public Store(StoreLimits? limits = null)
    {
        Limits = limits ?? new StoreLimits();
        ArgumentOutOfRangeException.ThrowIfNegative(Limits.MaxMemoryBytes, nameof(limits));
        ArgumentOutOfRangeException.ThrowIfNegative(Limits.MaxTableElements, nameof(limits));
        ArgumentOutOfRangeException.ThrowIfLessThan(Limits.MaxStackBytes, MinStackBytes, nameof(limits));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Limits.MaxStackBytes, MaxStackBytes, nameof(limits));
        _fuel = (long*)Allocate(sizeof(long));
    }

    /// <summary>Frees what <see cref="Dispose"/> was not called for.</summary>
    ~Store()
    {
        Free();
    }

    /// <summary>The limits that the store was made with.</summary>
    public StoreLimits Limits { get; }

    /// <summary>
    /// Instructions that guests compiled with <see cref="CompileOptions.MeterFuel"/> may still run; each but
    /// <c>nop</c>, <c>drop</c>, <c>block</c>, <c>loop</c>, <c>else</c> and <c>end</c> costs 1. A run that would go below zero traps
    /// with <see cref="TrapCode.OutOfFuel"/> before the instructions that are not paid for; a trap of another kind
    /// has paid for the whole straight run of instructions that it stands in. Starts at 0.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public long Fuel
    {
        get
        {
            ThrowIfDisposed();
            return *_fuel;
        }

        set
        {
            ThrowIfDisposed();
            *_fuel = value;
        }
    }

    /// <summary>Whether a growth of a memory was refused because of <see cref="StoreLimits.MaxMemoryBytes"/>, or for want of memory.</summary>
    public bool MemoryLimitReached { get; internal set; }

    /// <summary>Whether a growth of a table was refused because of <see cref="StoreLimits.MaxTableElements"/>.</summary>
    public bool TableLimitReached { get; internal set; }

    internal long DueAt { get; set; }

    internal Store? NextDue { get; set; }

    internal Store? PreviousDue { get; set; }

    /// <summary>
    /// Interrupts the store once the time has passed, as by <see cref="Interrupt"/>. A later call replaces an earlier one and ends
    /// an interruption.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative.</exception>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public void SetDeadline(TimeSpan fromNow)
    {
        ThrowIfDisposed();
        ArgumentOutOfRangeException.ThrowIfLessThan(fromNow, TimeSpan.Zero);
        DeadlineClock.Set(this, fromNow);
    }

    /// <summary>Removes the deadline and ends an interruption: guests may run again.</summary>
    public void ClearDeadline()
    {
        DeadlineClock.Clear(this);
        EndInterruption();
    }

    /// <summary>Lets guests run again.</summary>
    internal void EndInterruption()
    {
        if (Volatile.Read(ref _interrupted) == 0)
        {
            return;
        }

        lock (_gate)
        {
            _interrupted = 0;
            foreach (var context in _contexts)
            {
                context.Interrupted = 0;
                context.StackLimit = _stackLimit;
            }
        }
    }

    /// <summary>
    /// Stops the guest that runs now, and every later one until <see cref="SetDeadline"/> or <see cref="ClearDeadline"/> is called, with
    /// <see cref="TrapCode.Interrupted"/> at its next function entry or loop header. Callable from any thread. A loop compiled
    /// without <see cref="CompileOptions.Interruptible"/> runs on.
    /// </summary>
    public void Interrupt()
    {
        lock (_gate)
        {
            Volatile.Write(ref _interrupted, 1);
            Interlocked.MemoryBarrier();
            foreach (var context in _contexts)
            {
                Volatile.Write(ref context.Interrupted, 1);
                Volatile.Write(ref context.StackLimit, nuint.MaxValue);
            }
        }
    }

    /// <summary>Frees memories, tables and globals. Instances, functions and memories of the store throw from then on.</summary>
    /// <exception cref="InvalidOperationException">A call is inside the store.</exception>
    public void Dispose()
    {
        if (Volatile.Read(ref _disposed) != 0)
        {
            return;
        }

        if (Interlocked.CompareExchange(ref _owner, -1, 0) is var owner && owner != 0)
        {
            throw new InvalidOperationException("The store cannot be disposed while a call is inside it.");
        }

        DeadlineClock.Clear(this);
        Free();
        GC.SuppressFinalize(this);
    }

    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);

    /// <summary>Zeroed native memory that lives as long as the store, aligned to 16 bytes; the 16 bytes before and behind it are zero and nobody's.</summary>
    internal byte* Allocate(int bytes)
    {
        var block = (byte*)NativeMemory.AllocZeroed((nuint)bytes + (2 * Apart));
        _blocks.Add((nint)block);
        return block + Apart;
    }

    internal void Own(LinearMemory memory) => _memories.Add(memory);

    internal void Add(InstanceContext context, int returnSlots)
    {
        lock (_gate)
        {
            if (_contexts.Count >= Limits.MaxInstances && context is not HostContext)
            {
                throw new ResourceLimitException(nameof(StoreLimits.MaxInstances), _contexts.Count + 1L, Limits.MaxInstances);
            }

            if (returnSlots > _returnSlots)
            {
                _returnSlots = returnSlots;
                _returns = Allocate(returnSlots * 16);
                _returnReferences = new object?[returnSlots];
                foreach (var known in _contexts)
                {
                    SetReturns(known);
                }
            }

            SetReturns(context);
            context.Fuel = _fuel;
            context.Interrupted = _interrupted;
            context.StackLimit = _interrupted != 0 ? nuint.MaxValue : _stackLimit;
            _contexts.Add(context);
        }

        void SetReturns(InstanceContext target)
        {
            target.Returns = _returns;
            target.ReturnReferences = _returnReferences;
        }
    }

    /// <summary>
    /// Whether the current thread has the stack that a call may use; where it has not, the caller runs the call through
    /// <see cref="OnLargerStack{T}"/>. Calls nested in one that runs share its stack and its limit.
    /// </summary>
    internal bool StackSuffices() => _owner == Environment.CurrentManagedThreadId || ThreadStack.Suffices(Limits.MaxStackBytes);

    /// <summary>Runs a call on a thread made for it, whose stack is large enough, and waits for it.</summary>
    internal T OnLargerStack<T>(Func<T> call) => ThreadStack.RunOnLarger(Limits.MaxStackBytes, call);

    /// <summary>Forgets what the last run left in the store, for an instance that is reset.</summary>
    internal void BeginReset()
    {
        ThrowIfDisposed();
        if (Volatile.Read(ref _owner) != 0)
        {
            throw new InvalidOperationException("An instance cannot be reset while a call is inside its store.");
        }

        ClearDeadline();
        MemoryLimitReached = false;
        TableLimitReached = false;
        Array.Clear(_returnReferences);
        new Span<byte>(_returns, _returnSlots * 16).Clear();
    }

    /// <summary>Starts a call into the store; true where it is the outermost one.</summary>
    internal bool Enter()
    {
        ThrowIfDisposed();
        var thread = Environment.CurrentManagedThreadId;
        var owner = Interlocked.CompareExchange(ref _owner, thread, 0);
        if (owner == 0)
        {
            var lowest = ThreadStack.Lowest;
            var wanted = ThreadStack.Current - (nuint)Limits.MaxStackBytes;
            _stackLimit = lowest == nuint.MaxValue ? wanted : Math.Max(wanted, lowest + ThreadStack.Reserve);
            foreach (var context in _contexts)
            {
                Volatile.Write(ref context.StackLimit, _stackLimit);
            }

            // Orders the writes above before the read below: an Interrupt that this read misses writes its limit after ours.
            Interlocked.MemoryBarrier();
            if (_interrupted != 0)
            {
                foreach (var context in _contexts)
                {
                    Volatile.Write(ref context.StackLimit, nuint.MaxValue);
                }
            }

            return true;
        }

        if (owner != thread)
        {
            ThrowIfDisposed();
            throw new InvalidOperationException("Another thread is inside the store; a store serves one thread at a time.");
        }

        if (ThreadStack.Current < _stackLimit)
        {
            throw new TrapException(TrapCode.StackExhausted);
        }

        return false;
    }

    internal void Exit(bool outermost)
    {
        if (outermost)
        {
            Volatile.Write(ref _owner, 0);
        }
    }

    /// <summary>
    /// Turns what came out of compiled code into a trap; false for an exception that a host function threw, which is its
    /// caller's to see unchanged.
    /// </summary>
    internal bool TryConvert(Exception exception, [NotNullWhen(true)] out TrapException? trap)
    {
        trap = exception switch
        {
            TrapException already => already,
            GuestTrap guest => new TrapException(guest.Code, guest, this),
            DivideByZeroException when GuestLoadContext.Threw(exception) => new TrapException(TrapCode.IntegerDivideByZero, exception, this),
            OverflowException when GuestLoadContext.Threw(exception) => new TrapException(TrapCode.IntegerOverflow, exception, this),
            _ => null,
        };
        return trap is not null;
    }

    private void Free()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        foreach (var memory in _memories)
        {
            memory.Release();
        }

        foreach (var block in _blocks)
        {
            NativeMemory.Free((void*)block);
        }

        _memories.Clear();
        _blocks.Clear();
    }
}
