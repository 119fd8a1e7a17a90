using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using HeliosEdge.Sandbox.Engines.Managed;
using HeliosEdge.Wasm.Runtime;

namespace HeliosEdge.Sandbox.Engines.Wasmtime;

// SAFETY: the context and everything got from it are the store's, which this object owns; Dispose is the only thing that ends it and
// every member looks first whether that happened. One thread at a time uses an instance (IGuestInstance).
internal sealed unsafe class WasmtimeInstance : IGuestInstance, IHostCaller
{
    /// <summary>Steps of the epoch after which a guest that may be cancelled is looked after: milliseconds.</summary>
    private const int LookAfterMs = 5;

    /// <summary>Functions that are kept: what an ABI calls again and again are three.</summary>
    private const int MaxKnown = 4;

    /// <summary>Steps of the epoch that making an instance without a start function may take: a minute.</summary>
    private const ulong StepsToSetUp = 60_000;

    /// <summary>As good as none, and its ticks still fit into 64 bits.</summary>
    private static readonly TimeSpan LongestDeadline = TimeSpan.FromDays(3_650);

    // A host function runs on the thread that called the guest. Instances call each other through the host only, so that whoever
    // entered a guest last on this thread is the one whose host function runs.
    [ThreadStatic]
    private static WasmtimeInstance? _entered;

    private static int _live;

    private readonly WasmtimeEngine _engine;
    private readonly WasmtimeApi _api;
    private readonly WasmtimeModule _module;
    private readonly nint _context;
    private readonly bool _hasImports;
    private readonly int _stackBytes;
    private readonly long? _fuel;
    private readonly CancellationToken _cancellation;
    private nint _store;
    private long _deadline;
    private GCHandle _self;
    private bool _isInterrupted;
    private bool _isHeapRefused;
    private InstanceHandle _instance;
    private MemoryHandle _memory;
    private bool _hasMemory;
    private bool _isAttached;
    private nint _caller;
    private ExceptionDispatchInfo? _thrown;

    // Where the functions are that were called before: looking one up takes the library longer than calling a brief one.
    private KnownFunction[]? _known;
    private int _knownCount;

    private WasmtimeInstance(
        WasmtimeEngine engine, WasmtimeApi api, EngineHandle target, WasmtimeModule module, in InstanceLimits limits, bool hasImports, object? state)
    {
        _hasImports = hasImports;
        State = state;
        _stackBytes = WasmtimeEngine.StackOf(limits.MaxStackBytes);
        _fuel = limits.Fuel;
        _engine = engine;
        _api = api;
        _module = module;
        _store = api.StoreNew(target.Native, 0, 0);
        _context = api.StoreContext(_store);
        api.StoreLimiter(_store, module.MemoryShare(limits.MaxMemoryBytes), limits.MaxTableElements, -1, -1, -1);
        if (module.IsMetered)
        {
            var error = api.SetFuel(_context, (ulong)(limits.Fuel ?? long.MaxValue));
            if (error != 0)
            {
                api.StoreDelete(_store);
                throw new InvalidOperationException($"libwasmtime takes no fuel: {api.TakeError(error)}");
            }
        }

        engine.Clock.Enter();
        if (limits.Cancellation.CanBeCanceled)
        {
            _cancellation = limits.Cancellation;
            _self = GCHandle.Alloc(this);
            api.SetEpochCallback(_store, &LookAfter, GCHandle.ToIntPtr(_self), 0);
        }

        Interlocked.Increment(ref _live);
    }

    /// <summary>Instances of the process that were not disposed yet.</summary>
    public static int Live => Volatile.Read(ref _live);

    public object? State { get; }

    public long EnteredAt { get; private set; }

    public bool HasMemory => _hasMemory;

    public long MemoryLength
    {
        get
        {
            ThrowIfDisposed();
            return _hasMemory ? (long)Size() : 0;
        }
    }

    public bool MemoryGrowthRefused
    {
        get
        {
            ThrowIfDisposed();
            if (_isHeapRefused)
            {
                return true;
            }

            if (_module.RefusalsName is not { } export || !TryGetExport(export, out var item) || item.Kind != ExternItem.GlobalKind)
            {
                return false;
            }

            Value value;
            _api.GlobalGet(_context, &item.Global, &value);
            return value.I32 != 0;
        }
    }

    public static WasmtimeInstance Create(
        WasmtimeEngine engine, WasmtimeApi api, EngineHandle target, WasmtimeModule module, InstancePreHandle pre, in InstanceLimits limits, bool hasImports, object? state)
    {
        var instance = new WasmtimeInstance(engine, api, target, module, limits, hasImports, state);
        try
        {
            if (module.Outline.HasStart)
            {
                instance.BeginClock(limits.Deadline);
                instance.Start(pre);
            }
            else
            {
                // Code of the library's own sets tables and memories up; the guest's time begins behind it.
                api.SetEpochDeadline(instance._context, StepsToSetUp);
                instance.Start(pre);
                instance.BeginClock(limits.Deadline);
            }

            return instance;
        }
        catch
        {
            instance.Dispose();
            throw;
        }
    }

    public Span<byte> Memory(long offset, int length)
    {
        ThrowIfDisposed();
        if (!_hasMemory)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset, "The guest exports no memory.");
        }

        var size = Size();
        if (offset < 0 || length < 0 || (ulong)offset + (ulong)length > size)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), $"{length} bytes at {offset} are not inside a linear memory of {size} bytes.");
        }

        fixed (MemoryHandle* memory = &_memory)
        {
            return new Span<byte>(_api.MemoryData(_context, memory) + offset, length);
        }
    }

    public int Call(string export, int argument)
    {
        RawValue value = default;
        value.I32 = argument;
        Call(export, "(i32) -> (i32)", &value, 1);
        return value.I32;
    }

    public long Call(string export, int first, int second)
    {
        var values = stackalloc RawValue[2];
        values[0].I32 = first;
        values[1].I32 = second;
        Call(export, "(i32, i32) -> (i64)", values, 2);
        return values[0].I64;
    }

    public int Call(string export)
    {
        RawValue value = default;
        Call(export, "() -> (i32)", &value, 1);
        return value.I32;
    }

    public void Run(string export)
    {
        RawValue value = default;
        Call(export, "() -> ()", &value, 0);
    }

    public void Run(string export, int first, int second)
    {
        var values = stackalloc RawValue[2];
        values[0].I32 = first;
        values[1].I32 = second;
        Call(export, "(i32, i32) -> ()", values, 2);
    }

    public ImmutableArray<GuestValue> Invoke(string export, ReadOnlySpan<GuestValue> arguments)
    {
        ThrowIfDisposed();
        var signature = ManagedModule.SignatureOf(_module.Exports, export);
        signature.Check(export, arguments);

        // The library takes arguments from the place where it puts the results.
        var values = new RawValue[Math.Max(1, Math.Max(arguments.Length, signature.Results.Length))];
        for (var i = 0; i < arguments.Length; i++)
        {
            values[i].Low = (ulong)arguments[i].Bits;
            values[i].High = (ulong)(arguments[i].Bits >> 64);
        }

        fixed (RawValue* first = values)
        {
            Call(export, signature.ToString(), first, (nuint)Math.Max(arguments.Length, signature.Results.Length));
        }

        return [.. signature.Results.Select((type, i) => ToGuest(type, values[i]))];
    }

    public bool HasFunction(string export, string type) => _module.TryFind(export, type, out _);

    public void Dispose()
    {
        if (_store != 0)
        {
            _api.StoreDelete(_store);
            _store = 0;
            if (_self.IsAllocated)
            {
                _self.Free();
            }

            _engine.Clock.Leave();
            Interlocked.Decrement(ref _live);
        }
    }

    /// <summary>Runs a host function for the instance that was entered last on this thread.</summary>
    /// <returns>False if it threw; the exception leaves the call that entered the guest.</returns>
    internal static bool RunHostFunction(HostFunction function, nint caller, ReadOnlySpan<long> arguments, out long result)
    {
        var instance = _entered!;
        var outer = instance._caller;
        instance._caller = caller;
        try
        {
            // A start function calls before the library has handed the instance out.
            instance.Attach();
            result = function.Callback(instance, arguments);
            return true;
        }
        catch (Exception e)
        {
            // No exception may cross the library's frames.
            instance._thrown = ExceptionDispatchInfo.Capture(e);
            result = 0;
            return false;
        }
        finally
        {
            instance._caller = outer;
        }
    }

    // Bits that the type does not have are whatever they are.
    private static GuestValue ToGuest(string type, RawValue value) => type switch
    {
        GuestValue.I32Type or GuestValue.F32Type => new GuestValue(type, (uint)value.Low),
        GuestValue.I64Type or GuestValue.F64Type => new GuestValue(type, value.Low),
        GuestValue.V128Type => new GuestValue(type, new UInt128(value.High, value.Low)),

        // A pointer, and a number of 32 bits.
        GuestValue.FuncRefType => new GuestValue(type, value.Low == 0 ? 0u : 1u),
        GuestValue.ExternRefType => new GuestValue(type, (uint)value.Low == 0 ? 0u : 1u),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    private void BeginClock(TimeSpan deadline)
    {
        EnteredAt = Stopwatch.GetTimestamp();
        (State as IGuestState)?.Enter(EnteredAt);
        var steps = _engine.Clock.StepsTo(EnteredAt, deadline);
        if (_self.IsAllocated)
        {
            var seconds = Math.Min(deadline.TotalSeconds, LongestDeadline.TotalSeconds);
            _deadline = EnteredAt + (long)(seconds * Stopwatch.Frequency);
            steps = Math.Min(steps, LookAfterMs);
        }

        _api.SetEpochDeadline(_context, steps);
    }

    private void Start(InstancePreHandle pre)
    {
        var (error, trap) = HasStack() ? Instantiate(pre) : InstantiateOnLargerStack(pre);
        ThrowIfEnded(error, trap);
        if (error != 0)
        {
            // Types and limits were checked before: what is left is that the system or the pool has nothing to give at the moment.
            throw new SandboxException(ErrorCodes.Overloaded, $"The module cannot be instantiated at the moment: {_api.TakeError(error)}.");
        }

        _isAttached = true;
        Attach();
    }

    private void Attach()
    {
        if (_hasMemory)
        {
            return;
        }

        if (_isAttached && _module.ExportsItsOnlyMemory)
        {
            // What the library would answer; LayoutCheck holds it to that.
            _memory = new MemoryHandle { Store = _instance.Store, First = (uint)_instance.Index };
            _hasMemory = true;
        }
        else if (_module.MemoryName is { } name && TryGetExport(name, out var item))
        {
            _memory = item.Memory;
            _hasMemory = item.Kind == ExternItem.MemoryKind;
        }
    }

    private void Call(string export, string type, RawValue* values, nuint count)
    {
        ThrowIfDisposed();
        var function = Find(export, type);
        var (error, trap) = HasStack() ? Call(function, values, count) : CallOnLargerStack(function, (nint)values, count);
        ThrowIfEnded(error, trap);
        if (error != 0)
        {
            throw new InvalidOperationException($"libwasmtime could not call \"{export}\": {_api.TakeError(error)}");
        }
    }

    private FunctionHandle Find(string export, string type)
    {
        for (var i = 0; i < _knownCount; i++)
        {
            ref readonly var known = ref _known![i];
            if (ReferenceEquals(known.Export, export) && ReferenceEquals(known.Type, type))
            {
                return known.Function;
            }
        }

        // The library does not check the types of such a call.
        if (!_module.TryFind(export, type, out var name))
        {
            throw new ArgumentException($"The guest exports no function \"{export}\" {type}.", nameof(export));
        }

        if (!TryGetExport(name, out var item) || item.Kind != ExternItem.FunctionKind)
        {
            throw new InvalidOperationException($"libwasmtime does not find the function \"{export}\".");
        }

        if (_knownCount < MaxKnown)
        {
            _known ??= new KnownFunction[MaxKnown];
            _known[_knownCount++] = new KnownFunction(export, type, item.Function);
        }

        return item.Function;
    }

    /// <summary>Whether the thread has the stack that the guest may use; the library takes it for granted. Nested calls share it.</summary>
    private bool HasStack() => _caller != 0 || ThreadStack.Suffices(_stackBytes);

    private (nint Error, nint Trap) Instantiate(InstancePreHandle pre)
    {
        nint trap = 0;
        nint error;
        var outer = Enter();
        fixed (InstanceHandle* instance = &_instance)
        {
            error = _api.InstancePreInstantiate(pre.Native, _context, instance, &trap);
        }

        Leave(outer);
        return (error, trap);
    }

    private (nint Error, nint Trap) InstantiateOnLargerStack(InstancePreHandle pre) =>
        ThreadStack.RunOnLarger(_stackBytes, () => Instantiate(pre));

    private (nint Error, nint Trap) Call(FunctionHandle function, RawValue* values, nuint count)
    {
        nint trap = 0;
        var outer = Enter();
        var error = _api.FuncCallUnchecked(_context, &function, values, count, &trap);
        Leave(outer);
        return (error, trap);
    }

    private (nint Error, nint Trap) CallOnLargerStack(FunctionHandle function, nint values, nuint count) =>
        ThreadStack.RunOnLarger(_stackBytes, () => Call(function, (RawValue*)values, count));

    /// <summary>Called within the guest when its epoch's deadline has come: ends it, or lets it run on until the next look.</summary>
    // SAFETY: the library calls it while the guest runs, on the thread that called the guest, so that the instance is alive and its handle, too.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint LookAfter(nint context, nint self, ulong* delta, byte* kind)
    {
        var instance = (WasmtimeInstance)GCHandle.FromIntPtr(self).Target!;
        var left = (instance._deadline - Stopwatch.GetTimestamp()) / (Stopwatch.Frequency / 1_000);
        if (left >= 0 && !instance._cancellation.IsCancellationRequested)
        {
            *delta = (ulong)Math.Clamp(left, 1, LookAfterMs);
            return 0;
        }

        instance._isInterrupted = true;
        fixed (byte* text = "interrupted\0"u8)
        {
            return instance._api.ErrorNew(text);
        }
    }

    private void ThrowIfEnded(nint error, nint trap)
    {
        if (error == 0 && trap == 0)
        {
            return;
        }

        if (error != 0 && _isInterrupted)
        {
            throw WasmtimeTrap.TakeInterruption(_api, error, _module);
        }

        if (_thrown is { } thrown)
        {
            // The library hands the trap of a host function on as an error.
            _thrown = null;
            if (trap != 0)
            {
                _api.TrapDelete(trap);
            }
            else
            {
                _api.ErrorDelete(error);
            }

            thrown.Throw();
        }

        if (trap != 0)
        {
            throw WasmtimeTrap.Take(_api, trap, _module, _fuel);
        }

        if (_module.Outline.HasObjectTypes && WasmtimeTrap.IsHeapFull(_api, error))
        {
            _isHeapRefused = true;
            throw WasmtimeTrap.TakeHeapFull(_api, error, _module);
        }
    }

    private WasmtimeInstance? Enter()
    {
        if (!_hasImports)
        {
            return null;
        }

        var outer = _entered;
        _entered = this;
        return outer;
    }

    private void Leave(WasmtimeInstance? outer)
    {
        if (_hasImports)
        {
            _entered = outer;
        }
    }

    private bool TryGetExport(byte[] name, out ExternItem item)
    {
        item = default;
        fixed (byte* bytes = name)
        fixed (ExternItem* found = &item)
        fixed (InstanceHandle* instance = &_instance)
        {
            return _isAttached
                ? _api.InstanceExportGet(_context, instance, bytes, (nuint)name.Length, found) != 0
                : _caller != 0 && _api.CallerExportGet(_caller, bytes, (nuint)name.Length, found) != 0;
        }
    }

    private ulong Size()
    {
        fixed (MemoryHandle* memory = &_memory)
        {
            return _api.MemoryDataSize(_context, memory);
        }
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_store == 0, this);

    private readonly record struct KnownFunction(string Export, string Type, FunctionHandle Function);
}
