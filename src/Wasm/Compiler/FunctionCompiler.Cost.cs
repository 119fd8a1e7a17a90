using System.Reflection;

namespace HeliosEdge.Wasm.Compiler;

/// <summary>
/// What RyuJIT spends on a function. Most of its time grows in step with the code. The time of its optimiser also grows with the square
/// or the cube of the branches and loops: for code as compilers write it that is nothing to speak of, but a function can be made of
/// little else. Such a function is compiled without the optimiser, as RyuJIT itself does with very large ones.
/// </summary>
internal sealed partial class FunctionCompiler
{
    // Loops each cost a look at the whole function. Real functions have a few dozen at the most.
    private const int MaxOptimisedLoops = 128;

    // Real code has 20 to 70 branches in a KiB, and only short functions have more of them.
    private const int BranchesNotCounted = 200;
    private const int MaxBranchesPerKib = 90;

    // Past so many parameters and results RyuJIT's time for a call grows faster than their number.
    private const int MaxOptimisedValues = 64;

    private int _branches;
    private int _loops;

    public static MethodImplAttributes StubFlags(FunctionType type) =>
        MethodImplAttributes.NoInlining
        | (type.Parameters.Length + type.Results.Length > MaxOptimisedValues ? MethodImplAttributes.NoOptimization : 0);

    private void ResetCost()
    {
        _branches = 0;
        _loops = 0;
    }

    private MethodImplAttributes Flags(int bodyBytes)
    {
        var isDense = _branches > BranchesNotCounted && _branches * 1024L > (long)MaxBranchesPerKib * bodyBytes;
        return StubFlags(_type) | (isDense || _loops > MaxOptimisedLoops ? MethodImplAttributes.NoOptimization : 0);
    }

    /// <summary>Holds the code emitted so far to its limits; <paramref name="at"/> is how much of the module it stands for.</summary>
    private void CheckCodeSize(int function, int at)
    {
        var limits = _options.Limits;
        if (_il.Length > limits.MaxFunctionCodeBytes)
        {
            throw new CompileLimitException(nameof(ModuleLimits.MaxFunctionCodeBytes), $"function {function} compiles to", _il.Length, "bytes of intermediate code up to here", limits.MaxFunctionCodeBytes, at);
        }

        var code = _image.CodeBytes + (long)_il.Length;
        if (code > limits.MaxCodeBytes)
        {
            throw new CompileLimitException(nameof(ModuleLimits.MaxCodeBytes), "the module compiles to", code, "bytes of intermediate code up to here", limits.MaxCodeBytes, at);
        }

        if (code - ModuleLimits.CodeBytesNotCounted > (long)limits.MaxCodeExpansion * at)
        {
            throw new CompileLimitException(
                nameof(ModuleLimits.MaxCodeExpansion),
                $"the module's first {at} bytes compile, past the first {ModuleLimits.CodeBytesNotCounted} bytes of intermediate code, to",
                (code - ModuleLimits.CodeBytesNotCounted + at - 1) / at,
                "each",
                limits.MaxCodeExpansion,
                at);
        }
    }
}
