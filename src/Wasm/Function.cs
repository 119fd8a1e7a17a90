using System.Runtime.CompilerServices;
using HeliosEdge.Wasm.Runtime;

namespace HeliosEdge.Wasm;

/// <summary>
/// A function of an instance, or a host function as an instance imported it; also what a <c>funcref</c> refers to.
/// Calls throw <see cref="TrapException"/> when the guest traps, and let exceptions of host functions through unchanged.
/// </summary>
public sealed unsafe class Function : Extern // SAFETY: Code is the entry point of a method of exactly this type in an assembly that Context keeps loaded.
{
    /// <summary>The machine code; its parameters are the function's own and then <see cref="Context"/>. Emitted IL loads it by name.</summary>
    internal readonly nint Code;

    /// <summary>What the code runs in; emitted IL loads it by name.</summary>
    internal readonly InstanceContext Context;

    /// <summary>The interned number of the type; emitted IL loads it by name.</summary>
    internal readonly int TypeId;

    private readonly int _typeIndex;

    internal Function(Store store, int typeIndex, int index, nint code, InstanceContext context)
        : base(store)
    {
        Type = context.Instance.Module.Definition.Types[typeIndex];
        TypeId = Type.Id;
        Index = index;
        Code = code;
        Context = context;
        _typeIndex = typeIndex;
    }

    /// <inheritdoc/>
    public override ExternKind ExternKind => ExternKind.Function;

    /// <summary>Its parameters and results.</summary>
    public FunctionType Type { get; }

    internal int Index { get; }

    /// <summary>Calls it with values whose types are checked at run time.</summary>
    /// <returns>One value for each result.</returns>
    /// <exception cref="ArgumentException">The arguments are not of the function's parameter types.</exception>
    /// <exception cref="TrapException">The guest trapped.</exception>
    /// <exception cref="InvalidOperationException">Another thread is inside the store.</exception>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public WasmValue[] Invoke(params ReadOnlySpan<WasmValue> arguments)
    {
        if (arguments.Length != Type.Parameters.Length)
        {
            throw new ArgumentException($"The function is of type {Type} and got {arguments.Length} arguments.", nameof(arguments));
        }

        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i].Kind != Type.Parameters[i])
            {
                throw new ArgumentException($"Argument {i} is of type {arguments[i].Kind}; the function is of type {Type}.", nameof(arguments));
            }
        }

        var copy = arguments.ToArray();
        var results = new WasmValue[Type.Results.Length];
        return Store.StackSuffices() ? CallUntyped(copy, results) : Store.OnLargerStack(() => CallUntyped(copy, results));
    }

    /// <summary>A delegate for a function without parameters and with one result; called without boxing.</summary>
    /// <exception cref="ArgumentException">The function is of another type.</exception>
    public Func<TResult> AsFunc<TResult>()
    {
        Require(typeof(TResult));
        return Call<TResult>;
    }

    /// <summary>What AsFunc calls; the caller vouches for the types.</summary>
    internal TResult Call<TResult>() => Store.StackSuffices() ? CallHere<TResult>() : CallElsewhere<TResult>();

    private TResult CallHere<TResult>()
    {
        var outermost = Store.Enter();
        try
        {
            return ((delegate*<InstanceContext, TResult>)Code)(Context);
        }
        catch (Exception e) when (Store.TryConvert(e, out var trap) && trap != e)
        {
            throw trap;
        }
        finally
        {
            Store.Exit(outermost);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private TResult CallElsewhere<TResult>() => Store.OnLargerStack(() => CallHere<TResult>());

    /// <inheritdoc cref="AsFunc{TResult}"/>
    public Func<T1, TResult> AsFunc<T1, TResult>()
    {
        Require(typeof(TResult), typeof(T1));
        return Call<T1, TResult>;
    }

    /// <summary>What AsFunc calls; the caller vouches for the types.</summary>
    internal TResult Call<T1, TResult>(T1 a) => Store.StackSuffices() ? CallHere<T1, TResult>(a) : CallElsewhere<T1, TResult>(a);

    private TResult CallHere<T1, TResult>(T1 a)
    {
        var outermost = Store.Enter();
        try
        {
            return ((delegate*<T1, InstanceContext, TResult>)Code)(a, Context);
        }
        catch (Exception e) when (Store.TryConvert(e, out var trap) && trap != e)
        {
            throw trap;
        }
        finally
        {
            Store.Exit(outermost);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private TResult CallElsewhere<T1, TResult>(T1 a) => Store.OnLargerStack(() => CallHere<T1, TResult>(a));

    /// <inheritdoc cref="AsFunc{TResult}"/>
    public Func<T1, T2, TResult> AsFunc<T1, T2, TResult>()
    {
        Require(typeof(TResult), typeof(T1), typeof(T2));
        return Call<T1, T2, TResult>;
    }

    /// <summary>What AsFunc calls; the caller vouches for the types.</summary>
    internal TResult Call<T1, T2, TResult>(T1 a, T2 b) => Store.StackSuffices() ? CallHere<T1, T2, TResult>(a, b) : CallElsewhere<T1, T2, TResult>(a, b);

    private TResult CallHere<T1, T2, TResult>(T1 a, T2 b)
    {
        var outermost = Store.Enter();
        try
        {
            return ((delegate*<T1, T2, InstanceContext, TResult>)Code)(a, b, Context);
        }
        catch (Exception e) when (Store.TryConvert(e, out var trap) && trap != e)
        {
            throw trap;
        }
        finally
        {
            Store.Exit(outermost);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private TResult CallElsewhere<T1, T2, TResult>(T1 a, T2 b) => Store.OnLargerStack(() => CallHere<T1, T2, TResult>(a, b));

    /// <inheritdoc cref="AsFunc{TResult}"/>
    public Func<T1, T2, T3, TResult> AsFunc<T1, T2, T3, TResult>()
    {
        Require(typeof(TResult), typeof(T1), typeof(T2), typeof(T3));
        return Call<T1, T2, T3, TResult>;
    }

    /// <summary>What AsFunc calls; the caller vouches for the types.</summary>
    internal TResult Call<T1, T2, T3, TResult>(T1 a, T2 b, T3 c) => Store.StackSuffices() ? CallHere<T1, T2, T3, TResult>(a, b, c) : CallElsewhere<T1, T2, T3, TResult>(a, b, c);

    private TResult CallHere<T1, T2, T3, TResult>(T1 a, T2 b, T3 c)
    {
        var outermost = Store.Enter();
        try
        {
            return ((delegate*<T1, T2, T3, InstanceContext, TResult>)Code)(a, b, c, Context);
        }
        catch (Exception e) when (Store.TryConvert(e, out var trap) && trap != e)
        {
            throw trap;
        }
        finally
        {
            Store.Exit(outermost);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private TResult CallElsewhere<T1, T2, T3, TResult>(T1 a, T2 b, T3 c) => Store.OnLargerStack(() => CallHere<T1, T2, T3, TResult>(a, b, c));

    /// <inheritdoc cref="AsFunc{TResult}"/>
    public Func<T1, T2, T3, T4, TResult> AsFunc<T1, T2, T3, T4, TResult>()
    {
        Require(typeof(TResult), typeof(T1), typeof(T2), typeof(T3), typeof(T4));
        return Call<T1, T2, T3, T4, TResult>;
    }

    /// <summary>What AsFunc calls; the caller vouches for the types.</summary>
    internal TResult Call<T1, T2, T3, T4, TResult>(T1 a, T2 b, T3 c, T4 d) => Store.StackSuffices() ? CallHere<T1, T2, T3, T4, TResult>(a, b, c, d) : CallElsewhere<T1, T2, T3, T4, TResult>(a, b, c, d);

    private TResult CallHere<T1, T2, T3, T4, TResult>(T1 a, T2 b, T3 c, T4 d)
    {
        var outermost = Store.Enter();
        try
        {
            return ((delegate*<T1, T2, T3, T4, InstanceContext, TResult>)Code)(a, b, c, d, Context);
        }
        catch (Exception e) when (Store.TryConvert(e, out var trap) && trap != e)
        {
            throw trap;
        }
        finally
        {
            Store.Exit(outermost);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private TResult CallElsewhere<T1, T2, T3, T4, TResult>(T1 a, T2 b, T3 c, T4 d) => Store.OnLargerStack(() => CallHere<T1, T2, T3, T4, TResult>(a, b, c, d));

    /// <summary>A delegate for a function without parameters and results.</summary>
    /// <exception cref="ArgumentException">The function is of another type.</exception>
    public Action AsAction()
    {
        Require(typeof(void));
        return Run;
    }

    /// <summary>What AsAction calls; the caller vouches for the types.</summary>
    internal void Run()
    {
        _ = Store.StackSuffices() ? RunHere() : RunElsewhere();
    }

    private bool RunHere()
    {
        var outermost = Store.Enter();
        try
        {
            ((delegate*<InstanceContext, void>)Code)(Context);
            return true;
        }
        catch (Exception e) when (Store.TryConvert(e, out var trap) && trap != e)
        {
            throw trap;
        }
        finally
        {
            Store.Exit(outermost);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool RunElsewhere() => Store.OnLargerStack(() => RunHere());

    /// <inheritdoc cref="AsAction"/>
    public Action<T1> AsAction<T1>()
    {
        Require(typeof(void), typeof(T1));
        return Run<T1>;
    }

    /// <summary>What AsAction calls; the caller vouches for the types.</summary>
    internal void Run<T1>(T1 a)
    {
        _ = Store.StackSuffices() ? RunHere(a) : RunElsewhere(a);
    }

    private bool RunHere<T1>(T1 a)
    {
        var outermost = Store.Enter();
        try
        {
            ((delegate*<T1, InstanceContext, void>)Code)(a, Context);
            return true;
        }
        catch (Exception e) when (Store.TryConvert(e, out var trap) && trap != e)
        {
            throw trap;
        }
        finally
        {
            Store.Exit(outermost);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool RunElsewhere<T1>(T1 a) => Store.OnLargerStack(() => RunHere(a));

    /// <inheritdoc cref="AsAction"/>
    public Action<T1, T2> AsAction<T1, T2>()
    {
        Require(typeof(void), typeof(T1), typeof(T2));
        return Run<T1, T2>;
    }

    /// <summary>What AsAction calls; the caller vouches for the types.</summary>
    internal void Run<T1, T2>(T1 a, T2 b)
    {
        _ = Store.StackSuffices() ? RunHere(a, b) : RunElsewhere(a, b);
    }

    private bool RunHere<T1, T2>(T1 a, T2 b)
    {
        var outermost = Store.Enter();
        try
        {
            ((delegate*<T1, T2, InstanceContext, void>)Code)(a, b, Context);
            return true;
        }
        catch (Exception e) when (Store.TryConvert(e, out var trap) && trap != e)
        {
            throw trap;
        }
        finally
        {
            Store.Exit(outermost);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool RunElsewhere<T1, T2>(T1 a, T2 b) => Store.OnLargerStack(() => RunHere(a, b));

    /// <inheritdoc cref="AsAction"/>
    public Action<T1, T2, T3> AsAction<T1, T2, T3>()
    {
        Require(typeof(void), typeof(T1), typeof(T2), typeof(T3));
        return Run<T1, T2, T3>;
    }

    /// <summary>What AsAction calls; the caller vouches for the types.</summary>
    internal void Run<T1, T2, T3>(T1 a, T2 b, T3 c)
    {
        _ = Store.StackSuffices() ? RunHere(a, b, c) : RunElsewhere(a, b, c);
    }

    private bool RunHere<T1, T2, T3>(T1 a, T2 b, T3 c)
    {
        var outermost = Store.Enter();
        try
        {
            ((delegate*<T1, T2, T3, InstanceContext, void>)Code)(a, b, c, Context);
            return true;
        }
        catch (Exception e) when (Store.TryConvert(e, out var trap) && trap != e)
        {
            throw trap;
        }
        finally
        {
            Store.Exit(outermost);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool RunElsewhere<T1, T2, T3>(T1 a, T2 b, T3 c) => Store.OnLargerStack(() => RunHere(a, b, c));

    /// <inheritdoc cref="AsAction"/>
    public Action<T1, T2, T3, T4> AsAction<T1, T2, T3, T4>()
    {
        Require(typeof(void), typeof(T1), typeof(T2), typeof(T3), typeof(T4));
        return Run<T1, T2, T3, T4>;
    }

    /// <summary>What AsAction calls; the caller vouches for the types.</summary>
    internal void Run<T1, T2, T3, T4>(T1 a, T2 b, T3 c, T4 d)
    {
        _ = Store.StackSuffices() ? RunHere(a, b, c, d) : RunElsewhere(a, b, c, d);
    }

    private bool RunHere<T1, T2, T3, T4>(T1 a, T2 b, T3 c, T4 d)
    {
        var outermost = Store.Enter();
        try
        {
            ((delegate*<T1, T2, T3, T4, InstanceContext, void>)Code)(a, b, c, d, Context);
            return true;
        }
        catch (Exception e) when (Store.TryConvert(e, out var trap) && trap != e)
        {
            throw trap;
        }
        finally
        {
            Store.Exit(outermost);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool RunElsewhere<T1, T2, T3, T4>(T1 a, T2 b, T3 c, T4 d) => Store.OnLargerStack(() => RunHere(a, b, c, d));

    /// <summary><c>func[12] (i32) -&gt; (i32)</c>.</summary>
    public override string ToString() => $"func[{Index}] {Type}";

    private WasmValue[] CallUntyped(WasmValue[] arguments, WasmValue[] results)
    {
        var outermost = Store.Enter();
        try
        {
            var enter = (delegate*<nint, InstanceContext, WasmValue[], WasmValue[], void>)Context.Instance.Module.EntryStubOf(_typeIndex);
            enter(Code, Context, arguments, results);
            return results;
        }
        catch (Exception e) when (Store.TryConvert(e, out var trap) && trap != e)
        {
            throw trap;
        }
        finally
        {
            Store.Exit(outermost);
        }
    }

    /// <summary>Checks that a call with these types is one of this function.</summary>
    internal void Require(Type result, params ReadOnlySpan<Type> parameters)
    {
        var fits = parameters.Length == Type.Parameters.Length
            && (result == typeof(void) ? Type.Results.Length == 0 : Type.Results.Length == 1 && HostFunctionDefinition.KindOf(result) == Type.Results[0]);
        for (var i = 0; fits && i < parameters.Length; i++)
        {
            fits = HostFunctionDefinition.KindOf(parameters[i]) == Type.Parameters[i];
        }

        if (!fits)
        {
            throw new ArgumentException($"The function is of type {Type}, which the delegate's types do not stand for.");
        }
    }
}
