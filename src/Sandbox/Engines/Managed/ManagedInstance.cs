using HeliosEdge.Wasm;

namespace HeliosEdge.Sandbox.Engines.Managed;

internal sealed class ManagedInstance(Store store, Instance instance, string? memoryExport) : IGuestInstance
{
    private readonly LinearMemory? _memory = memoryExport is null ? null : instance.GetMemory(memoryExport);

    public long MemoryLength => _memory?.Length ?? 0;

    public bool MemoryGrowthRefused => store.MemoryLimitReached;

    public Span<byte> Memory(long offset, int length) => _memory is null
        ? throw new ArgumentOutOfRangeException(nameof(offset), offset, "The guest exports no memory.")
        : _memory.Slice(offset, length);

    public int Call(string export, int argument)
    {
        var function = Find(export).AsFunc<int, int>();
        try
        {
            return function(argument);
        }
        catch (TrapException e)
        {
            throw Translate(e);
        }
    }

    public long Call(string export, int first, int second)
    {
        var function = Find(export).AsFunc<int, int, long>();
        try
        {
            return function(first, second);
        }
        catch (TrapException e)
        {
            throw Translate(e);
        }
    }

    public void Dispose() => store.Dispose();

    internal static GuestTrapException Translate(TrapException e)
    {
        var trap = e.Code switch
        {
            TrapCode.Interrupted => GuestTrap.Interrupted,
            TrapCode.StackExhausted => GuestTrap.StackExhausted,
            _ => GuestTrap.Fault,
        };
        return new GuestTrapException(trap, e.Message, [.. e.Backtrace.Select(frame => frame.ToString())], e);
    }

    private Function Find(string export) =>
        instance.GetFunction(export) ?? throw new ArgumentException($"The guest exports no function \"{export}\".", nameof(export));
}
