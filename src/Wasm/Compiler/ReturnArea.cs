using HeliosEdge.Wasm.Runtime;

namespace HeliosEdge.Wasm.Compiler;

/// <summary>
/// Moves results past the first: the first is the IL method's own result, the others travel through memory that the
/// store's instances share, written right before the return and read right after the call.
/// </summary>
internal static class ReturnArea
{
    public static void Load(IlWriter il, ModuleImage image, ValueKind kind, int result, int contextArgument)
    {
        Address(il, image, kind, result, contextArgument);
        switch (kind)
        {
            case ValueKind.FuncRef or ValueKind.ExternRef:
                il.Op(IlOpcode.LdElemRef);
                break;
            case ValueKind.V128:
                il.Op(IlOpcode.LdObj, image.Token(ClrTypes.Of(kind)));
                break;
            default:
                il.Op(LoadOpcode(kind));
                break;
        }
    }

    /// <summary>Emitted before the value is on the stack; <see cref="EndStore"/> follows it.</summary>
    public static void BeginStore(IlWriter il, ModuleImage image, ValueKind kind, int result, int contextArgument) =>
        Address(il, image, kind, result, contextArgument);

    public static void EndStore(IlWriter il, ModuleImage image, ValueKind kind)
    {
        switch (kind)
        {
            case ValueKind.FuncRef or ValueKind.ExternRef:
                il.Op(IlOpcode.StElemRef);
                break;
            case ValueKind.V128:
                il.Op(IlOpcode.StObj, image.Token(ClrTypes.Of(kind)));
                break;
            default:
                il.Op(StoreOpcode(kind));
                break;
        }
    }

    public static ushort LoadOpcode(ValueKind kind) => kind switch
    {
        ValueKind.I32 => IlOpcode.LdIndI4,
        ValueKind.I64 => IlOpcode.LdIndI8,
        ValueKind.F32 => IlOpcode.LdIndR4,
        _ => IlOpcode.LdIndR8,
    };

    public static ushort StoreOpcode(ValueKind kind) => kind switch
    {
        ValueKind.I32 => IlOpcode.StIndI4,
        ValueKind.I64 => IlOpcode.StIndI8,
        ValueKind.F32 => IlOpcode.StIndR4,
        _ => IlOpcode.StIndR8,
    };

    private static void Address(IlWriter il, ModuleImage image, ValueKind kind, int result, int contextArgument)
    {
        il.LdArg(contextArgument);
        if (kind is ValueKind.FuncRef or ValueKind.ExternRef)
        {
            il.Op(IlOpcode.LdFld, image.Token(typeof(InstanceContext).GetField(nameof(InstanceContext.ReturnReferences))!));
            il.LdcI4(result);
            return;
        }

        il.Op(IlOpcode.LdFld, image.Token(typeof(InstanceContext).GetField(nameof(InstanceContext.Returns))!));
        il.LdcI4(16 * result);
        il.Op(IlOpcode.ConvI);
        il.Op(IlOpcode.Add);
    }
}
