namespace HeliosEdge.Wasm.Runtime;

/// <summary>The context of a host function, bound to the instance that imported it.</summary>
internal sealed class HostContext : InstanceContext
{
    /// <summary>How <see cref="Target"/> is called: its delegate takes no caller, takes one first, or takes spans.</summary>
    public readonly int Form;

    /// <summary>A <c>Func</c> or <c>Action</c> over the function's own types, or a <see cref="HostFunction"/>.</summary>
    public readonly Delegate Target;

    public readonly Caller Caller;

    private readonly FunctionType _type;

    public HostContext(Store store, Instance instance, HostFunctionDefinition definition)
        : base(store, instance)
    {
        Form = (int)definition.Form;
        Target = definition.Target;
        Caller = instance.Caller;
        _type = definition.Type;
    }

    /// <summary>Calls a <see cref="HostFunction"/>; emitted stubs wrap the arguments and unwrap the results.</summary>
    public WasmValue[] InvokeUntyped(WasmValue[] arguments)
    {
        var kinds = _type.Results;
        var results = new WasmValue[kinds.Length];
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = WasmValue.Default(kinds[i]);
        }

        ((HostFunction)Target)(Caller, arguments, results);
        for (var i = 0; i < results.Length; i++)
        {
            if (results[i].Kind != kinds[i])
            {
                throw new InvalidOperationException($"A host function of type {_type} left a value of type {results[i].Kind} as result {i}.");
            }
        }

        return results;
    }
}
