using HeliosEdge.Testing.Building;

namespace HeliosEdge.Wasm.Tests.Running;

/// <summary>A module compiled and instantiated in a store of its own.</summary>
internal sealed class Guest : IDisposable
{
    public Guest(
        byte[] wasm,
        Action<Linker, Store>? imports = null,
        StoreLimits? limits = null,
        CompileOptions? options = null)
    {
        Module = Module.Compile(wasm, options);
        Store = new Store(limits);
        try
        {
            var linker = new Linker();
            imports?.Invoke(linker, Store);
            Instance = linker.Instantiate(Store, Module);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public Guest(
        ModuleBuilder builder,
        Action<Linker, Store>? imports = null,
        StoreLimits? limits = null,
        CompileOptions? options = null)
        : this(builder.Build(), imports, limits, options)
    {
    }

    public Module Module { get; }

    public Store Store { get; }

    public Instance Instance { get; }

    public Function Function(string export) =>
        Instance.GetFunction(export) ?? throw new InvalidOperationException($"No exported function '{export}'.");

    public WasmValue[] Invoke(string export, params ReadOnlySpan<WasmValue> arguments) =>
        Function(export).Invoke(arguments);

    /// <summary>Calls a function of i32s that gives one i32.</summary>
    public int Call(string export, params ReadOnlySpan<int> arguments)
    {
        var values = new WasmValue[arguments.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            values[i] = WasmValue.FromI32(arguments[i]);
        }

        return Invoke(export, values)[0].I32;
    }

    /// <summary>Calls a function of i32s that must trap in the given way.</summary>
    public TrapException Trap(TrapCode code, string export, params int[] arguments)
    {
        var values = arguments.Select(WasmValue.FromI32).ToArray();
        return TrapOf(code, export, values);
    }

    /// <summary>Calls a function that must trap in the given way.</summary>
    public TrapException TrapOf(TrapCode code, string export, params WasmValue[] arguments)
    {
        var trap = Should.Throw<TrapException>(() => { Invoke(export, arguments); }, $"{export} must trap");
        trap.Code.ShouldBe(code, $"trap of {export}({string.Join(", ", arguments)})");
        return trap;
    }

    public void Dispose()
    {
        Store.Dispose();
        Module.Dispose();
    }
}
