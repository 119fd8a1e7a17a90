using System.Runtime.InteropServices;
using System.Text;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Engines.Wasmtime;

namespace HeliosEdge.Sandbox.Tests.Engines.Wasmtime.Suite;

/// <summary>
/// A store in which the suite's modules link with each other, which guests of the platform never do. The modules are compiled by the
/// engine behind the port, with its configuration; only the linking and the references are the library's own here.
/// </summary>
// SAFETY: one thread uses a store; everything got from it is used before it is disposed. The signatures are those of wasmtime.h.
internal sealed unsafe class SuiteStore : IDisposable
{
    private const ulong Ticks = 1UL << 40;

    private static readonly string[] Kinds = ["i32", "i64", "f32", "f64", "v128", "funcref", "externref", "anyref", "exnref"];

    private readonly WasmtimeEngine _engine = Libwasmtime.Engine;
    private readonly WasmtimeApi _api;
    private readonly WasmtimeVariant _variant;
    private readonly nint _store;
    private readonly nint _context;
    private readonly nint _linker;
    private readonly List<WasmtimeModule> _modules = [];
    private readonly nint _library;
    private readonly Linked _references;

    public SuiteStore()
    {
        WasmtimeLibrary.Load(_engine.Location, out _library).ShouldBeNull();
        _api = WasmtimeApi.Of(_library);
        _variant = _engine.VariantOf(metered: false, InstanceLimits.DefaultStackBytes);
        var target = _variant.Engines[^1];
        _store = _api.StoreNew(target.Native, 0, 0);
        _context = _api.StoreContext(_store);
        _api.SetEpochDeadline(_context, Ticks);
        _linker = _api.LinkerNew(target.Native);
        ((delegate* unmanaged<nint, byte, void>)Find("wasmtime_linker_allow_shadowing"))(_linker, 1);
        Register("spectest", Instantiate(Compile(SuiteModules.Spectest())));
        _references = Instantiate(Compile(SuiteModules.References()));
    }

    public WasmtimeModule Compile(byte[] wasm)
    {
        var module = _engine.Compile(wasm, _variant, isPooled: false);
        _modules.Add(module);
        return module;
    }

    /// <exception cref="GuestTrapException">Instantiation trapped.</exception>
    /// <exception cref="LinkFailure">The imports are not those that are offered.</exception>
    public Linked Instantiate(WasmtimeModule module)
    {
        InstanceHandle instance;
        nint trap = 0;
        var error = ((delegate* unmanaged<nint, nint, nint, InstanceHandle*, nint*, nint>)Find("wasmtime_linker_instantiate"))(
            _linker, _context, module.Native.Native, &instance, &trap);
        if (trap != 0)
        {
            throw WasmtimeTrap.Take(_api, trap, module, fuel: null);
        }

        return error == 0 ? new Linked(instance, module) : throw new LinkFailure(_api.TakeError(error));
    }

    public void Register(string name, Linked linked)
    {
        var utf8 = Encoding.UTF8.GetBytes(name);
        var instance = linked.Instance;
        fixed (byte* bytes = utf8)
        {
            var error = ((delegate* unmanaged<nint, nint, byte*, nuint, InstanceHandle*, nint>)Find("wasmtime_linker_define_instance"))(
                _linker, _context, bytes, (nuint)utf8.Length, &instance);
            error.ShouldBe(0);
        }
    }

    public Value[] Invoke(Linked linked, string field, SuiteValue[] arguments)
    {
        var function = Export(linked, field, ExternItem.FunctionKind).Function;
        var signature = FunctionSignature.Parse(linked.Module.Exports.Single(export => export.Name == field).Type);
        return Call(linked.Module, function, [.. arguments.Select(ToNative)], signature.Results.Length);
    }

    public Value Get(Linked linked, string field)
    {
        var global = Export(linked, field, ExternItem.GlobalKind).Global;
        Value value = default;
        ((delegate* unmanaged<nint, GlobalHandle*, Value*, void>)Find("wasmtime_global_get"))(_context, &global, &value);
        return value;
    }

    /// <summary>The number of the host's object that a reference means.</summary>
    public nint HostOf(Value value)
    {
        if (value.Type == "anyref")
        {
            value = Call(_references.Module, Export(_references, "extern", ExternItem.FunctionKind).Function, [value], 1)[0];
        }

        var data = value.Type == "externref" ? ((delegate* unmanaged<nint, void*, nint>)Find("wasmtime_externref_data"))(_context, value.Reference) : 0;
        return data - 1;
    }

    /// <summary>Whether a reference that is not null is of a type.</summary>
    public bool IsA(Value value, string type) => type switch
    {
        "i31ref" => Is(value, "i31"),
        "structref" => Is(value, "struct"),
        "arrayref" => Is(value, "array"),
        "eqref" => Is(value, "eqref"),
        _ => value.Type == type,
    };

    public void Dispose()
    {
        _api.LinkerDelete(_linker);
        _api.StoreDelete(_store);
        _modules.ForEach(module => module.Dispose());
    }

    private bool Is(Value value, string kind) =>
        value.Type == "anyref" && ((delegate* unmanaged<nint, void*, byte>)Find($"wasmtime_anyref_is_{kind}"))(_context, value.Reference) != 0;

    private ExternItem Export(Linked linked, string name, byte kind)
    {
        ExternItem item = default;
        var instance = linked.Instance;
        var utf8 = Encoding.UTF8.GetBytes(name);
        fixed (byte* bytes = utf8)
        {
            _api.InstanceExportGet(_context, &instance, bytes, (nuint)utf8.Length, &item).ShouldBe((byte)1, name);
        }

        item.Kind.ShouldBe(kind, name);
        return item;
    }

    private Value[] Call(WasmtimeModule module, FunctionHandle function, Value[] arguments, int results)
    {
        var values = new Value[results];
        nint trap = 0;
        nint error;
        fixed (Value* first = arguments)
        fixed (Value* result = values)
        {
            error = ((delegate* unmanaged<nint, FunctionHandle*, Value*, nuint, Value*, nuint, nint*, nint>)Find("wasmtime_func_call"))(
                _context, &function, first, (nuint)arguments.Length, result, (nuint)results, &trap);
        }

        if (trap != 0)
        {
            throw WasmtimeTrap.Take(_api, trap, module, fuel: null);
        }

        return error == 0 ? values : throw new InvalidOperationException(_api.TakeError(error));
    }

    private Value ToNative(SuiteValue value)
    {
        var native = new Value { Kind = (byte)Array.IndexOf(Kinds, value.Type) };
        if (value.Type is "i32" or "i64" or "f32" or "f64" or "v128")
        {
            native.Bits = value.ToBits();
            return native;
        }

        if (value.Host is { } host)
        {
            native.Kind = (byte)Array.IndexOf(Kinds, "externref");
            ((delegate* unmanaged<nint, nint, nint, void*, byte>)Find("wasmtime_externref_new"))(_context, host + 1, 0, native.Reference).ShouldBe((byte)1);
            return value.Type == "anyref"
                ? Call(_references.Module, Export(_references, "any", ExternItem.FunctionKind).Function, [native], 1)[0]
                : native;
        }

        return native;
    }

    private void* Find(string name) => (void*)NativeLibrary.GetExport(_library, name);

    /// <summary><c>wasmtime_val_t</c>.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 32)]
    internal struct Value
    {
        [FieldOffset(0)]
        public byte Kind;

        [FieldOffset(8)]
        private ulong _low;

        [FieldOffset(16)]
        private ulong _high;

        public readonly string Type => Kinds[Kind];

        /// <summary>Whether a reference is null: the number of its store is 0.</summary>
        public readonly bool IsNull => Kind > 4 && _low == 0;

        public UInt128 Bits
        {
            readonly get => new(_high, _low);
            set => (_low, _high) = ((ulong)value, (ulong)(value >> 64));
        }

        // SAFETY: the caller's value is on its stack and does not move.
        public void* Reference => System.Runtime.CompilerServices.Unsafe.AsPointer(ref _low);
    }

    /// <summary>An instance and the module that it is of.</summary>
    internal sealed record Linked(InstanceHandle Instance, WasmtimeModule Module);

    /// <summary>Imports that are not those that are offered.</summary>
    internal sealed class LinkFailure(string message) : Exception(message);
}
