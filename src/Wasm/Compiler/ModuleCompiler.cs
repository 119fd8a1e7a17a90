using HeliosEdge.Wasm.Binary;

namespace HeliosEdge.Wasm.Compiler;

/// <summary>Compiles a decoded module: every function body is validated and turned into IL in one pass.</summary>
internal static class ModuleCompiler
{
    public static CompiledImage Compile(ReadOnlySpan<byte> wasm, ModuleDefinition module, CompileOptions options)
    {
        var image = new ModuleImage();
        var firstFunction = image.NextMethod;
        CompileBodies(wasm, module, options, image);
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

        return new CompiledImage(image.Serialize(), new ImageLayout(firstFunction, entryStubs, hostStubs));
    }

    /// <summary>Validates all bodies and keeps no code.</summary>
    /// <returns>Where in the module's bytes its <c>memory.grow</c> instructions stand, in their order.</returns>
    public static List<int> Validate(ReadOnlySpan<byte> wasm, ModuleDefinition module, CompileOptions options) =>
        CompileBodies(wasm, module, options, new ModuleImage());

    private static List<int> CompileBodies(ReadOnlySpan<byte> wasm, ModuleDefinition module, CompileOptions options, ModuleImage image)
    {
        var compiler = new FunctionCompiler(module, options, image);
        for (var i = 0; i < module.Bodies.Count; i++)
        {
            var body = module.Bodies[i];
            compiler.Compile(new WasmReader(wasm, body.Start, body.End), module.ImportedFunctions + i);
        }

        return compiler.Growths;
    }
}
