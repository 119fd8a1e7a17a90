using System.Linq.Expressions;
using System.Reflection;
using HeliosEdge.Wasm.Runtime;

namespace HeliosEdge.Wasm.Compiler;

/// <summary>
/// Emits, for each function type of a module, the two stubs between compiled code and the host: one that unwraps
/// <see cref="WasmValue"/> arguments and calls, one that calls a host function from compiled code.
/// </summary>
internal sealed class StubCompiler(ModuleImage image)
{
    private static readonly MethodInfo InvokeUntyped = typeof(HostContext).GetMethod(nameof(HostContext.InvokeUntyped))!;

    private readonly IlWriter _il = new();

    public void AddEntryStub(FunctionType type)
    {
        // (code, context, arguments, results)
        _il.Clear();
        for (var i = 0; i < type.Parameters.Length; i++)
        {
            _il.LdArg(2);
            _il.LdcI4(i);
            Unwrap(type.Parameters[i]);
        }

        _il.LdArg(1);
        _il.LdArg(0);
        _il.Op(IlOpcode.Calli, image.CalliToken(type));
        var locals = Array.Empty<Type>();
        if (type.Results.Length > 0)
        {
            locals = [ClrTypes.Of(type.Results[0])];
            _il.StLoc(0);
            for (var i = 0; i < type.Results.Length; i++)
            {
                _il.LdArg(3);
                _il.LdcI4(i);
                if (i == 0)
                {
                    _il.LdLoc(0);
                }
                else
                {
                    ReturnArea.Load(_il, image, type.Results[i], i, contextArgument: 1);
                }

                Wrap(type.Results[i]);
            }
        }

        _il.Op(IlOpcode.Ret);
        image.AddMethod(
            "enter",
            image.StaticSignature(typeof(void), typeof(nint), typeof(InstanceContext), typeof(WasmValue[]), typeof(WasmValue[])),
            [],
            _il.Written,
            type.Parameters.Length + 8,
            locals,
            FunctionCompiler.StubFlags(type));
    }

    public void AddHostStub(FunctionType type)
    {
        var context = type.Parameters.Length;
        _il.Clear();
        if (type.Parameters.Length <= HostFunctionDefinition.MaxTypedParameters && type.Results.Length <= 1)
        {
            CallTyped(type, context, HostFunctionForm.Typed);
            CallTyped(type, context, HostFunctionForm.TypedWithCaller);
        }

        CallUntyped(type, context);
        _il.ResolveLabels();
        image.AddMethod(
            "host",
            image.FunctionSignature(type),
            [],
            _il.Written,
            type.Parameters.Length + 8,
            [typeof(WasmValue[]), typeof(WasmValue[]), typeof(object)],
            FunctionCompiler.StubFlags(type));
    }

    private void CallTyped(FunctionType type, int context, HostFunctionForm form)
    {
        var parameters = type.Parameters.Select(ClrTypes.Of);
        if (form == HostFunctionForm.TypedWithCaller)
        {
            parameters = parameters.Prepend(typeof(Caller));
        }

        var delegateType = type.Results.Length == 0
            ? Expression.GetActionType([.. parameters])
            : Expression.GetFuncType([.. parameters, ClrTypes.Of(type.Results[0])]);
        var next = _il.NewLabel();
        _il.LdArg(context);
        _il.Op(IlOpcode.LdFld, image.Token(typeof(HostContext).GetField(nameof(HostContext.Form))!));
        _il.LdcI4((int)form);
        _il.Branch(IlOpcode.BneUn, next);
        _il.LdArg(context);
        _il.Op(IlOpcode.LdFld, image.Token(typeof(HostContext).GetField(nameof(HostContext.Target))!));
        if (form == HostFunctionForm.TypedWithCaller)
        {
            _il.LdArg(context);
            _il.Op(IlOpcode.LdFld, image.Token(typeof(HostContext).GetField(nameof(HostContext.Caller))!));
        }

        for (var i = 0; i < type.Parameters.Length; i++)
        {
            _il.LdArg(i);
        }

        _il.Op(IlOpcode.CallVirt, image.Token(delegateType.GetMethod("Invoke")!));
        _il.Op(IlOpcode.Ret);
        _il.Mark(next);
    }

    private void CallUntyped(FunctionType type, int context)
    {
        _il.LdcI4(type.Parameters.Length);
        _il.Op(IlOpcode.NewArr, image.Token(typeof(WasmValue)));
        _il.StLoc(0);
        for (var i = 0; i < type.Parameters.Length; i++)
        {
            _il.LdLoc(0);
            _il.LdcI4(i);
            _il.LdArg(i);
            Wrap(type.Parameters[i]);
        }

        _il.LdArg(context);
        _il.LdLoc(0);
        _il.Op(IlOpcode.Call, image.Token(InvokeUntyped));
        _il.StLoc(1);
        for (var i = type.Results.Length - 1; i >= 0; i--)
        {
            if (i > 0)
            {
                ReturnArea.BeginStore(_il, image, type.Results[i], i, context);
            }

            _il.LdLoc(1);
            _il.LdcI4(i);
            Unwrap(type.Results[i]);
            if (i > 0)
            {
                ReturnArea.EndStore(_il, image, type.Results[i]);
            }
        }

        _il.Op(IlOpcode.Ret);
    }

    /// <summary>Array and index on the stack: leaves the value.</summary>
    private void Unwrap(ValueKind kind)
    {
        _il.Op(IlOpcode.LdElemA, image.Token(typeof(WasmValue)));
        _il.Op(IlOpcode.Call, image.Token(typeof(WasmValue).GetProperty(kind.ToString())!.GetMethod!));
    }

    /// <summary>Array, index and value on the stack: stores it.</summary>
    private void Wrap(ValueKind kind)
    {
        _il.Op(IlOpcode.Call, image.Token(typeof(WasmValue).GetMethod("From" + kind)!));
        _il.Op(IlOpcode.StElem, image.Token(typeof(WasmValue)));
    }
}
