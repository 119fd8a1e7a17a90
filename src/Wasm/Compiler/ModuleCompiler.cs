using HeliosEdge.Wasm.Binary;

namespace HeliosEdge.Wasm.Compiler;

/// <summary>Compiles a decoded module: every function body is validated and turned into IL in one pass.</summary>
internal static class ModuleCompiler
{
    public static CompiledImage Compile(ReadOnlySpan<byte> wasm, ModuleDefinition module, CompileOptions options, Action? checkpoint)
    {
        var image = new ModuleImage();
        var firstFunction = image.NextMethod;
        var compiler = CompileBodies(wasm, module, options, image, checkpoint);
        var stubs = new StubCompiler(image);
        var entryStubs = new int[module.Types.Length];
        var hostStubs = new int[module.Types.Length];
        for (var i = 0; i < module.Functions.Count; i++)
        {
            var type = module.Functions[i];
            if (entryStubs[type] == 0)
            {
                entryStubs[type] = image.NextMethod;
                stubs.AddEntryStub(module.Types[type]);
            }

            if (i < module.ImportedFunctions && hostStubs[type] == 0)
            {
                hostStubs[type] = image.NextMethod;
                stubs.AddHostStub(module.Types[type]);
            }
        }

        var layout = new ImageLayout(firstFunction, entryStubs, hostStubs, Callable(module, compiler.Calls), image.CalledMembers());
        checkpoint?.Invoke();
        return new CompiledImage(image.Serialize(), layout, image.Constants.Bytes.ToArray());
    }

    /// <summary>Validates all bodies and keeps no code.</summary>
    /// <returns>Where in the module's bytes its <c>memory.grow</c> instructions stand, in their order.</returns>
    public static List<int> Validate(ReadOnlySpan<byte> wasm, ModuleDefinition module, CompileOptions options, Action? checkpoint = null) =>
        CompileBodies(wasm, module, options, new ModuleImage(), checkpoint).Growths;

    private static FunctionCompiler CompileBodies(ReadOnlySpan<byte> wasm, ModuleDefinition module, CompileOptions options, ModuleImage image, Action? checkpoint)
    {
        var compiler = new FunctionCompiler(module, options, image, checkpoint);
        for (var i = 0; i < module.Bodies.Count; i++)
        {
            var body = module.Bodies[i];
            compiler.Compile(new WasmReader(wasm, body.Start, body.End), module.ImportedFunctions + i);
        }

        return compiler;
    }

    /// <summary>Which of the functions that the module defines can be called at all: from outside, by reference, or by one of these.</summary>
    private static bool[] Callable(ModuleDefinition module, CallGraph calls)
    {
        var callable = new bool[module.Bodies.Count];
        var pending = new Stack<int>();
        foreach (var root in module.Roots())
        {
            Reach(root - module.ImportedFunctions);
        }

        while (pending.TryPop(out var caller))
        {
            foreach (var callee in calls.Of(caller))
            {
                Reach(callee);
            }
        }

        return callable;

        void Reach(int function)
        {
            if (function >= 0 && !callable[function])
            {
                callable[function] = true;
                pending.Push(function);
            }
        }
    }
}
