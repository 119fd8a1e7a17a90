using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Tests.Spec;

namespace HeliosEdge.Wasm.Tests.Properties;

/// <summary>The modules that mutation starts from: our own, the samples', and the spec suite's where it is there.</summary>
internal static class Corpus
{
    private const int MostBytes = 60_000;

    /// <summary>In an order that does not depend on the file system.</summary>
    public static IReadOnlyList<byte[]> Modules { get; } = [.. BuiltIn(), .. Files(Repository.SampleModules), .. Suite()];

    /// <summary>Those that are valid.</summary>
    public static IReadOnlyList<byte[]> Sound { get; } = [.. Modules.Where(IsSound)];

    private static bool IsSound(byte[] module)
    {
        try
        {
            Module.Validate(module);
            return true;
        }
        catch (InvalidModuleException)
        {
            return false;
        }
    }

    private static IEnumerable<byte[]> Files(string folder) =>
        Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, "*.wasm", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .Select(File.ReadAllBytes)
                .Where(bytes => bytes.Length is > 0 and <= MostBytes)
            : [];

    private static IEnumerable<byte[]> Suite() => SpecFolder.Exists ? Files(SpecFolder.Path) : [];

    private static IEnumerable<byte[]> BuiltIn()
    {
        yield return Arithmetic();
        yield return Control();
        yield return MemoryAndTables();
        yield return Vectors();
    }

    private static byte[] Arithmetic()
    {
        var module = new ModuleBuilder().Named("arithmetic");
        for (var op = Op.I32Eqz; op <= Op.I64Extend32S; op++)
        {
            var instruction = op;
            var (parameters, result) = OpSignature.Of(op);
            module.Function($"{op}", parameters, [result], c =>
            {
                for (var i = 0; i < parameters.Length; i++)
                {
                    c.Get(i);
                }

                c.Emit(instruction);
            });
        }

        return module.Build();
    }

    private static byte[] Control()
    {
        var module = new ModuleBuilder().Named("control");
        var host = module.ImportFunction("env", "host", Kinds.I32, Kinds.I32);
        var two = module.Type(Kinds.I32, [ValueKind.I32, ValueKind.I64]);
        var fib = 0;
        fib = module.Function("fib", Kinds.I32, Kinds.I32, c => c.Get(0).I32(2).Emit(Op.I32LtU).If(
            t => t.I32(1),
            e => e.Get(0).I32(1).Emit(Op.I32Sub).Call(fib).Get(0).I32(2).Emit(Op.I32Sub).Call(fib).Emit(Op.I32Add),
            ValueKind.I32));
        module.Function("switch", Kinds.I32, Kinds.I32, c => c
            .Block(a => a.Block(b => b.Block(d => d.Get(0).BrTable([0, 1, 2], 1)).I32(1).Set(0).Br(1)).I32(2).Set(0)).Get(0));
        module.Function("many", Kinds.I32, [ValueKind.I64, ValueKind.I32], c =>
        {
            var wide = c.Local(ValueKind.I64);
            c.Get(0).Emit(Op.Block).Raw((byte)two).I64(5).Emit(Op.End).Set(wide).Set(0).Get(wide).Get(0).Call(host);
        });
        module.Function("loop", Kinds.I32, Kinds.F64, c =>
        {
            var sum = c.Local(ValueKind.F64);
            c.Loop(l => l
                .Get(sum).Get(0).Emit(Op.F64ConvertI32S, Op.F64Sqrt, Op.F64Add).Set(sum)
                .Get(0).I32(1).Emit(Op.I32Sub).Tee(0).I32(0).Emit(Op.I32GtS).BrIf(0)).Get(sum);
        });
        module.Function("dead", Kinds.I32, Kinds.I32, c => c.Get(0).Emit(Op.Return, Op.I32Add, Op.Drop, Op.Unreachable));
        return module.Build();
    }

    private static byte[] MemoryAndTables()
    {
        var module = new ModuleBuilder().Named("memory and tables");
        module.ImportGlobal("env", "base", ValueKind.I32, false);
        module.Memory(1, 4, "memory");
        var data = module.PassiveData(1, 2, 3, 4);
        module.Data(8, 5, 6, 7);
        module.Table(ValueKind.FuncRef, 4, 8, "table");
        module.Table(ValueKind.ExternRef, 2);
        module.Global(ValueKind.I64, true, c => c.I64(1), "counter");
        foreach (var access in MemoryAccess.All)
        {
            module.Function($"{access}", Kinds.I32, [], c => access.EmitBody(c, 3, a => a.Get(0)));
        }

        var one = module.Function("one", [], Kinds.I32, c => c.I32(1));
        module.Elements(0, one);
        var elements = module.PassiveElements(one);
        var type = module.Type([], Kinds.I32);
        var three = Kinds.Many(ValueKind.I32, 3);
        module.Function("grow", Kinds.I32, Kinds.I32, c => c.Get(0).MemoryGrow().Emit(Op.Drop).MemorySize());
        module.Function("fill", three, [], c => c.Get(0).Get(1).Get(2).MemoryFill());
        module.Function("copy", three, [], c => c.Get(0).Get(1).Get(2).MemoryCopy());
        module.Function("init", three, [], c => c.Get(0).Get(1).Get(2).MemoryInit(data).DataDrop(data));
        module.Function("call", Kinds.I32, Kinds.I32, c => c.Get(0).CallIndirect(type));
        module.Function("table", three, [], c => c
            .Get(0).Get(1).Get(2).TableInit(elements).ElementDrop(elements)
            .Get(0).Get(1).Get(2).TableCopy()
            .Get(0).RefFunc(one).Get(2).TableFill()
            .Zero(ValueKind.FuncRef).Get(1).TableGrow().Emit(Op.Drop));
        module.Function("objects", Kinds.ExternRef, Kinds.ExternRef, c => c.I32(0).Get(0).TableSet(1).I32(1).TableGet(1));
        return module.Build();
    }

    private static byte[] Vectors()
    {
        var module = new ModuleBuilder().Named("vectors");
        foreach (var op in (uint[])[35, 65, 78, 110, 120, 142, 149, 174, 181, 206, 213, 228, 240, 14])
        {
            module.Function($"{op}", Kinds.Many(ValueKind.V128, 2), Kinds.V128, c => c.Get(0).Get(1).Simd(op));
        }

        module.Function("shuffle", Kinds.Many(ValueKind.V128, 2), Kinds.I32, c => c
            .Get(0).Get(1).Simd(13).Raw([31, 0, 30, 1, 29, 2, 28, 3, 27, 4, 26, 5, 25, 6, 24, 7]).Simd(27).Raw(2));
        return module.Build();
    }
}
