using System.Collections.Immutable;
using System.Reflection;
using HeliosEdge.Wasm;

namespace HeliosEdge.Sandbox.Engines.Managed;

/// <summary>
/// Fills linkers. The engine calls typed delegates without boxing or arrays, so every usual shape gets one, closed over the types
/// of its parameters; each spreads its arguments on the stack.
/// </summary>
internal static class HostFunctionBinding
{
    private const int MaxTyped = 9;

    private static readonly MethodInfo[] Actions = Shapes("Action");
    private static readonly MethodInfo[] Funcs = Shapes("Func");

    public static Linker Link(HostFunctionSet functions)
    {
        var linker = new Linker();
        foreach (var function in functions.Functions)
        {
            if (function.Parameters.Length <= MaxTyped)
            {
                linker.DefineFunction(function.Module, function.Name, Typed(function));
            }
            else
            {
                var type = new FunctionType(
                    [.. function.Parameters.Select(KindOf)], function.Result is { } result ? [KindOf(result)] : ImmutableArray<ValueKind>.Empty);
                linker.DefineFunction(function.Module, function.Name, type, (caller, arguments, results) => Untyped(function, caller, arguments, results));
            }
        }

        return linker;
    }

    private static Delegate Typed(HostFunction function)
    {
        var types = function.Parameters.Select(TypeOf).ToList();
        var shape = (function.Result is null ? Actions : Funcs)[types.Count];
        if (function.Result is { } result)
        {
            types.Add(TypeOf(result));
        }

        return (Delegate)(types.Count == 0 ? shape : shape.MakeGenericMethod([.. types])).Invoke(null, [function.Callback])!;
    }

    private static void Untyped(HostFunction function, Caller caller, ReadOnlySpan<WasmValue> arguments, Span<WasmValue> results)
    {
        var values = new long[arguments.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = arguments[i].Kind switch
            {
                ValueKind.I32 => arguments[i].I32,
                ValueKind.I64 => arguments[i].I64,
                ValueKind.F32 => BitConverter.SingleToInt32Bits(arguments[i].F32),
                _ => BitConverter.DoubleToInt64Bits(arguments[i].F64),
            };
        }

        var value = function.Callback(ManagedInstance.Entered(), values);
        if (function.Result is { } result)
        {
            results[0] = result switch
            {
                HostValueKind.I32 => WasmValue.FromI32((int)value),
                HostValueKind.I64 => WasmValue.FromI64(value),
                HostValueKind.F32 => WasmValue.FromF32(BitConverter.Int32BitsToSingle((int)value)),
                _ => WasmValue.FromF64(BitConverter.Int64BitsToDouble(value)),
            };
        }
    }

    private static MethodInfo[] Shapes(string name) =>
        [.. typeof(HostFunctionBinding).GetMethods(BindingFlags.Static | BindingFlags.NonPublic)
            .Where(method => method.Name == name)
            .OrderBy(method => method.GetGenericArguments().Length)];

    private static ValueKind KindOf(HostValueKind kind) => kind switch
    {
        HostValueKind.I32 => ValueKind.I32,
        HostValueKind.I64 => ValueKind.I64,
        HostValueKind.F32 => ValueKind.F32,
        _ => ValueKind.F64,
    };

    private static Type TypeOf(HostValueKind kind) => kind switch
    {
        HostValueKind.I32 => typeof(int),
        HostValueKind.I64 => typeof(long),
        HostValueKind.F32 => typeof(float),
        _ => typeof(double),
    };

    // Each of these folds to a move once it is compiled for its type.
    private static long Pack<T>(T value) =>
        typeof(T) == typeof(int) ? (int)(object)value!
        : typeof(T) == typeof(long) ? (long)(object)value!
        : typeof(T) == typeof(float) ? BitConverter.SingleToInt32Bits((float)(object)value!)
        : BitConverter.DoubleToInt64Bits((double)(object)value!);

    private static T Unpack<T>(long value) =>
        typeof(T) == typeof(int) ? (T)(object)(int)value
        : typeof(T) == typeof(long) ? (T)(object)value
        : typeof(T) == typeof(float) ? (T)(object)BitConverter.Int32BitsToSingle((int)value)
        : (T)(object)BitConverter.Int64BitsToDouble(value);

    private static Action<Caller> Action(HostCallback callback) =>
        caller => callback(ManagedInstance.Entered(), []);

    private static Action<Caller, T1> Action<T1>(HostCallback callback) =>
        (caller, a) => callback(ManagedInstance.Entered(), [Pack(a)]);

    private static Action<Caller, T1, T2> Action<T1, T2>(HostCallback callback) =>
        (caller, a, b) => callback(ManagedInstance.Entered(), [Pack(a), Pack(b)]);

    private static Action<Caller, T1, T2, T3> Action<T1, T2, T3>(HostCallback callback) =>
        (caller, a, b, c) => callback(ManagedInstance.Entered(), [Pack(a), Pack(b), Pack(c)]);

    private static Action<Caller, T1, T2, T3, T4> Action<T1, T2, T3, T4>(HostCallback callback) =>
        (caller, a, b, c, d) => callback(ManagedInstance.Entered(), [Pack(a), Pack(b), Pack(c), Pack(d)]);

    private static Action<Caller, T1, T2, T3, T4, T5> Action<T1, T2, T3, T4, T5>(HostCallback callback) =>
        (caller, a, b, c, d, e) => callback(ManagedInstance.Entered(), [Pack(a), Pack(b), Pack(c), Pack(d), Pack(e)]);

    private static Action<Caller, T1, T2, T3, T4, T5, T6> Action<T1, T2, T3, T4, T5, T6>(HostCallback callback) =>
        (caller, a, b, c, d, e, f) => callback(ManagedInstance.Entered(), [Pack(a), Pack(b), Pack(c), Pack(d), Pack(e), Pack(f)]);

    private static Action<Caller, T1, T2, T3, T4, T5, T6, T7> Action<T1, T2, T3, T4, T5, T6, T7>(HostCallback callback) =>
        (caller, a, b, c, d, e, f, g) => callback(ManagedInstance.Entered(), [Pack(a), Pack(b), Pack(c), Pack(d), Pack(e), Pack(f), Pack(g)]);

    private static Action<Caller, T1, T2, T3, T4, T5, T6, T7, T8> Action<T1, T2, T3, T4, T5, T6, T7, T8>(HostCallback callback) =>
        (caller, a, b, c, d, e, f, g, h) => callback(ManagedInstance.Entered(), [Pack(a), Pack(b), Pack(c), Pack(d), Pack(e), Pack(f), Pack(g), Pack(h)]);

    private static Action<Caller, T1, T2, T3, T4, T5, T6, T7, T8, T9> Action<T1, T2, T3, T4, T5, T6, T7, T8, T9>(HostCallback callback) =>
        (caller, a, b, c, d, e, f, g, h, i) => callback(ManagedInstance.Entered(), [Pack(a), Pack(b), Pack(c), Pack(d), Pack(e), Pack(f), Pack(g), Pack(h), Pack(i)]);

    private static Func<Caller, TResult> Func<TResult>(HostCallback callback) =>
        caller => Unpack<TResult>(callback(ManagedInstance.Entered(), []));

    private static Func<Caller, T1, TResult> Func<T1, TResult>(HostCallback callback) =>
        (caller, a) => Unpack<TResult>(callback(ManagedInstance.Entered(), [Pack(a)]));

    private static Func<Caller, T1, T2, TResult> Func<T1, T2, TResult>(HostCallback callback) =>
        (caller, a, b) => Unpack<TResult>(callback(ManagedInstance.Entered(), [Pack(a), Pack(b)]));

    private static Func<Caller, T1, T2, T3, TResult> Func<T1, T2, T3, TResult>(HostCallback callback) =>
        (caller, a, b, c) => Unpack<TResult>(callback(ManagedInstance.Entered(), [Pack(a), Pack(b), Pack(c)]));

    private static Func<Caller, T1, T2, T3, T4, TResult> Func<T1, T2, T3, T4, TResult>(HostCallback callback) =>
        (caller, a, b, c, d) => Unpack<TResult>(callback(ManagedInstance.Entered(), [Pack(a), Pack(b), Pack(c), Pack(d)]));

    private static Func<Caller, T1, T2, T3, T4, T5, TResult> Func<T1, T2, T3, T4, T5, TResult>(HostCallback callback) =>
        (caller, a, b, c, d, e) => Unpack<TResult>(callback(ManagedInstance.Entered(), [Pack(a), Pack(b), Pack(c), Pack(d), Pack(e)]));

    private static Func<Caller, T1, T2, T3, T4, T5, T6, TResult> Func<T1, T2, T3, T4, T5, T6, TResult>(HostCallback callback) =>
        (caller, a, b, c, d, e, f) => Unpack<TResult>(callback(ManagedInstance.Entered(), [Pack(a), Pack(b), Pack(c), Pack(d), Pack(e), Pack(f)]));

    private static Func<Caller, T1, T2, T3, T4, T5, T6, T7, TResult> Func<T1, T2, T3, T4, T5, T6, T7, TResult>(HostCallback callback) =>
        (caller, a, b, c, d, e, f, g) => Unpack<TResult>(callback(ManagedInstance.Entered(), [Pack(a), Pack(b), Pack(c), Pack(d), Pack(e), Pack(f), Pack(g)]));

    private static Func<Caller, T1, T2, T3, T4, T5, T6, T7, T8, TResult> Func<T1, T2, T3, T4, T5, T6, T7, T8, TResult>(HostCallback callback) =>
        (caller, a, b, c, d, e, f, g, h) => Unpack<TResult>(callback(ManagedInstance.Entered(), [Pack(a), Pack(b), Pack(c), Pack(d), Pack(e), Pack(f), Pack(g), Pack(h)]));

    private static Func<Caller, T1, T2, T3, T4, T5, T6, T7, T8, T9, TResult> Func<T1, T2, T3, T4, T5, T6, T7, T8, T9, TResult>(HostCallback callback) =>
        (caller, a, b, c, d, e, f, g, h, i) => Unpack<TResult>(callback(ManagedInstance.Entered(), [Pack(a), Pack(b), Pack(c), Pack(d), Pack(e), Pack(f), Pack(g), Pack(h), Pack(i)]));
}
