using HeliosEdge.Wasm;

namespace HeliosEdge.Sandbox.Engines.Managed;

internal sealed class ManagedInstance(Store store, ManagedModule module, long? fuel, bool hasImports, object? state) : IGuestInstance, IHostCaller
{
    // A host function runs on the thread that called the guest. Instances call each other through the host only, so that whoever
    // entered a guest last on this thread is the one whose host function runs.
    [ThreadStatic]
    private static ManagedInstance? _entered;

    private Instance? _instance;
    private LinearMemory? _memory;

    public bool HasMemory => _memory is not null;

    public long MemoryLength => _memory?.Length ?? 0;

    public bool MemoryGrowthRefused => store.MemoryLimitReached;

    public object? State => state;

    public Span<byte> Memory(long offset, int length) => _memory is null
        ? throw new ArgumentOutOfRangeException(nameof(offset), offset, "The guest exports no memory.")
        : _memory.Slice(offset, length);

    public bool HasFunction(string export, string type) => module.HasFunction(export, type);

    public int Call(string export, int argument)
    {
        var function = Find(export).AsFunc<int, int>();
        var outer = Enter();
        try
        {
            return function(argument);
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
        var function = Find(export).AsFunc<int, int, long>();
        var outer = Enter();
        try
        {
            return function(first, second);
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
        var function = Find(export).AsFunc<int>();
        var outer = Enter();
        try
        {
            return function();
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
        var function = Find(export).AsAction();
        var outer = Enter();
        try
        {
            function();
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
        var function = Find(export).AsAction<int, int>();
        var outer = Enter();
        try
        {
            function(first, second);
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

    public void Dispose() => store.Dispose();

    /// <summary>Links and starts it; traps come out untranslated.</summary>
    internal void Start(Linker linker, Module code)
    {
        var outer = Enter();
        try
        {
            Attach(linker.Instantiate(store, code));
        }
        finally
        {
            Leave(outer);
        }
    }

    /// <summary>The instance whose guest code calls a host function right now.</summary>
    internal static IHostCaller Entered(Caller caller)
    {
        var instance = _entered!;
        if (instance._instance is null)
        {
            // A start function calls before the linker has handed the instance out.
            instance.Attach(caller.Instance);
        }

        return instance;
    }

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

    private void Attach(Instance instance)
    {
        _instance = instance;
        _memory = module.MemoryExport is { } name ? instance.GetMemory(name) : null;
    }

    private ManagedInstance? Enter()
    {
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

    private Function Find(string export) =>
        _instance!.GetFunction(export) ?? throw new ArgumentException($"The guest exports no function \"{export}\".", nameof(export));
}
