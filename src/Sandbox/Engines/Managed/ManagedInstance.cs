using System.Collections.Immutable;
using System.Diagnostics;
using HeliosEdge.Wasm;

namespace HeliosEdge.Sandbox.Engines.Managed;

/// <summary>One invocation's hold on a warm instance: from its start until it is disposed, and never again after that.</summary>
internal sealed class ManagedInstance(WarmInstance warm, ManagedModule module, long? fuel, bool hasImports, object? state) : IGuestInstance, IHostCaller
{
    // A host function runs on the thread that called the guest. Instances call each other through the host only, so that whoever
    // entered a guest last on this thread is the one whose host function runs.
    [ThreadStatic]
    private static ManagedInstance? _entered;

    private WarmInstance? _warm = warm;

    private CancellationTokenRegistration _stop;

    // Calls that did not return: what a guest leaves behind when it is stopped in the middle is not worth a second look.
    private int _unfinished;

    public long EnteredAt { get; } = Stopwatch.GetTimestamp();

    public bool HasMemory => Warm.Memory is not null;

    public long MemoryLength => Warm.Memory?.Length ?? 0;

    public bool MemoryGrowthRefused => Warm.Store.MemoryLimitReached;

    public object? State => state;

    private WarmInstance Warm => _warm ?? throw new ObjectDisposedException(nameof(ManagedInstance));

    public Span<byte> Memory(long offset, int length) => Warm.Memory is { } memory
        ? memory.Slice(offset, length)
        : throw new ArgumentOutOfRangeException(nameof(offset), offset, "The guest exports no memory.");

    public bool HasFunction(string export, string type) => module.HasFunction(export, type);

    public int Call(string export, int argument)
    {
        var function = Warm.Find(export, WarmInstance.Shape.I32ToI32);
        var outer = Enter();
        try
        {
            var result = function.Call<int, int>(argument);
            _unfinished--;
            return result;
        }
        catch (TrapException e)
        {
            throw Translate(e, fuel);
        }
        finally
        {
            Leave(outer);
        }
    }

    public long Call(string export, int first, int second)
    {
        var function = Warm.Find(export, WarmInstance.Shape.I32I32ToI64);
        var outer = Enter();
        try
        {
            var result = function.Call<int, int, long>(first, second);
            _unfinished--;
            return result;
        }
        catch (TrapException e)
        {
            throw Translate(e, fuel);
        }
        finally
        {
            Leave(outer);
        }
    }

    public int Call(string export)
    {
        var function = Warm.Find(export, WarmInstance.Shape.ToI32);
        var outer = Enter();
        try
        {
            var result = function.Call<int>();
            _unfinished--;
            return result;
        }
        catch (TrapException e)
        {
            throw Translate(e, fuel);
        }
        finally
        {
            Leave(outer);
        }
    }

    public void Run(string export)
    {
        var function = Warm.Find(export, WarmInstance.Shape.Nothing);
        var outer = Enter();
        try
        {
            function.Run();
            _unfinished--;
        }
        catch (TrapException e)
        {
            throw Translate(e, fuel);
        }
        finally
        {
            Leave(outer);
        }
    }

    public void Run(string export, int first, int second)
    {
        var function = Warm.Find(export, WarmInstance.Shape.I32I32);
        var outer = Enter();
        try
        {
            function.Run(first, second);
            _unfinished--;
        }
        catch (TrapException e)
        {
            throw Translate(e, fuel);
        }
        finally
        {
            Leave(outer);
        }
    }

    public ImmutableArray<GuestValue> Invoke(string export, ReadOnlySpan<GuestValue> arguments)
    {
        module.SignatureOf(export).Check(export, arguments);
        var given = new WasmValue[arguments.Length];
        for (var i = 0; i < given.Length; i++)
        {
            given[i] = ManagedValues.ToWasm(arguments[i]);
        }

        var function = Warm.Instance.GetFunction(export)!;
        var outer = Enter();
        try
        {
            var results = function.Invoke(given);
            _unfinished--;
            return [.. results.Select(ManagedValues.ToGuest)];
        }
        catch (TrapException e)
        {
            throw Translate(e, fuel);
        }
        finally
        {
            Leave(outer);
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _warm, null) is { } held)
        {
            RunOn();
            module.TakeBack(held, isReusable: _unfinished == 0);
        }
    }

    /// <summary>Interrupts the guest once the token is cancelled.</summary>
    internal void StopOn(CancellationToken cancellation) =>
        _stop = cancellation.UnsafeRegister(static store => ((Store)store!).Interrupt(), Warm.Store);

    /// <summary>Interrupts it no longer. When this has returned, no interruption is under way that could hit the store's next user.</summary>
    internal void RunOn() => _stop.Dispose();

    /// <summary>Runs the start function; traps come out untranslated.</summary>
    internal void Start()
    {
        var outer = Enter();
        try
        {
            Warm.Instance.Start();
            _unfinished--;
        }
        finally
        {
            Leave(outer);
        }
    }

    /// <summary>The instance whose guest code calls a host function right now.</summary>
    internal static IHostCaller Entered() => _entered!;

    internal static GuestTrapException Translate(TrapException e, long? fuel)
    {
        var trap = e.Code switch
        {
            TrapCode.Interrupted => GuestTrap.Interrupted,
            TrapCode.StackExhausted => GuestTrap.StackExhausted,
            TrapCode.OutOfFuel => GuestTrap.OutOfFuel,
            _ => GuestTrap.Fault,
        };
        return new GuestTrapException(trap, e.Message, [.. e.Backtrace.Select(frame => frame.ToString())], e) { Limit = trap == GuestTrap.OutOfFuel ? fuel : null };
    }

    private ManagedInstance? Enter()
    {
        _unfinished++;
        if (!hasImports)
        {
            return null;
        }

        var outer = _entered;
        _entered = this;
        return outer;
    }

    private void Leave(ManagedInstance? outer)
    {
        if (hasImports)
        {
            _entered = outer;
        }
    }
}
