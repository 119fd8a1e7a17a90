using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Tests.Properties;

namespace HeliosEdge.Wasm.Tests.Api;

/// <summary>Compiled code that is kept does what the module does.</summary>
public sealed class SerializationTests
{
    [Fact]
    public void A_serialized_module_does_the_same()
    {
        for (var seed = 0ul; seed < 10; seed++)
        {
            var generated = new ModuleGenerator(seed, [.. Enumerable.Range(0, 10).Select(i => new Choices(Choices.Seed(seed, (ulong)i)))]).Make();
            using var compiled = Module.Compile(generated.Bytes);
            using var kept = Module.Deserialize(generated.Bytes, Module.Serialize(generated.Bytes));
            GeneratedRun.Records(kept, generated.Functions, reuse: true).ShouldBe(
                GeneratedRun.Records(compiled, generated.Functions, reuse: true), $"seed {seed}");
            kept.Exports.ShouldBe(compiled.Exports);
        }
    }

    [Fact]
    public void The_options_of_serialization_are_in_the_code()
    {
        var module = new ModuleBuilder();
        module.Function("count", Kinds.I32, [], c => c.Loop(l => l.Get(0).I32(1).Emit(Op.I32Sub).Tee(0).BrIf(0)));
        var bytes = module.Build();
        using var metered = Module.Deserialize(bytes, Module.Serialize(bytes, new CompileOptions { MeterFuel = true }));
        using var store = new Store { Fuel = 100 };
        var count = new Linker().Instantiate(store, metered).GetFunction("count")!;
        count.Invoke(WasmValue.FromI32(5));
        store.Fuel.ShouldBeLessThan(100);
        Should.Throw<TrapException>(() => { count.Invoke(WasmValue.FromI32(1_000)); }).Code.ShouldBe(TrapCode.OutOfFuel);
    }

    [Fact]
    public void Bytes_that_are_cut_or_of_another_module_are_refused()
    {
        var module = new ModuleBuilder();
        module.Function("one", [], Kinds.I32, c => c.I32(1));
        var bytes = module.Build();
        var serialized = Module.Serialize(bytes);
        foreach (var length in new[] { 0, 1, 4, 8, 15 })
        {
            Should.Throw<InvalidDataException>(() => Module.Deserialize(bytes, serialized.AsSpan(0, length)).Dispose());
        }

        var other = new ModuleBuilder();
        other.Type(Kinds.F32, Kinds.F64);
        other.Function("one", [], Kinds.I32, c => c.I32(1));
        Should.Throw<InvalidDataException>(() => Module.Deserialize(other.Build(), serialized).Dispose());
        Should.Throw<InvalidModuleException>(() => Module.Deserialize(bytes.AsSpan(0, bytes.Length - 1), serialized).Dispose());
    }

    [Fact]
    public void An_invalid_module_is_not_serialized()
    {
        var module = new ModuleBuilder();
        module.Function("wrong", [], Kinds.I32, c => c.I64(1));
        Should.Throw<InvalidModuleException>(() => { Module.Serialize(module.Build()); }).Fault.ShouldBe(ModuleFault.Invalid);
    }
}
