using System.Collections.Immutable;
using System.Linq.Expressions;
using System.Runtime.Intrinsics;

namespace HeliosEdge.Wasm.Runtime;

internal enum HostFunctionForm
{
    Untyped = 0,
    Typed = 1,
    TypedWithCaller = 2,
}

/// <summary>A host function as a linker holds it: its WebAssembly type and a delegate in one of three forms.</summary>
internal sealed record HostFunctionDefinition(FunctionType Type, Delegate Target, HostFunctionForm Form)
{
    /// <summary>More parameters than this do not fit <c>Func</c> and <c>Action</c> with a caller before them.</summary>
    public const int MaxTypedParameters = 15;

    public static HostFunctionDefinition From(Delegate function)
    {
        var invoke = function.GetType().GetMethod("Invoke")!;
        var parameters = invoke.GetParameters().Select(p => p.ParameterType).ToList();
        var form = parameters.Count > 0 && parameters[0] == typeof(Caller) ? HostFunctionForm.TypedWithCaller : HostFunctionForm.Typed;
        var guestParameters = parameters.Skip(form == HostFunctionForm.TypedWithCaller ? 1 : 0).ToList();
        if (guestParameters.Count > MaxTypedParameters)
        {
            throw new ArgumentException($"A typed host function takes at most {MaxTypedParameters} guest parameters, this one takes {guestParameters.Count}.", nameof(function));
        }

        var type = new FunctionType(
            [.. guestParameters.Select(KindOf)],
            invoke.ReturnType == typeof(void) ? ImmutableArray<ValueKind>.Empty : [KindOf(invoke.ReturnType)]);
        var delegateType = invoke.ReturnType == typeof(void)
            ? Expression.GetActionType([.. parameters])
            : Expression.GetFuncType([.. parameters, invoke.ReturnType]);
        var target = function.GetType() == delegateType ? function : Delegate.CreateDelegate(delegateType, function, invoke);
        return new HostFunctionDefinition(FunctionTypeInterner.Intern(type), target, form);
    }

    /// <summary>The WebAssembly type that a CLR type stands for.</summary>
    public static ValueKind KindOf(Type type) =>
        type == typeof(int) ? ValueKind.I32
        : type == typeof(long) ? ValueKind.I64
        : type == typeof(float) ? ValueKind.F32
        : type == typeof(double) ? ValueKind.F64
        : type == typeof(Vector128<byte>) ? ValueKind.V128
        : type == typeof(Function) ? ValueKind.FuncRef
        : type == typeof(object) ? ValueKind.ExternRef
        : throw new ArgumentException($"{type} stands for no WebAssembly type; use int, long, float, double, Vector128<byte>, Function or object.");
}
