namespace HeliosEdge.Wasm.Tests.Properties;

/// <summary>What a generated function is made of.</summary>
internal enum FunctionShape
{
    /// <summary>One instruction on top of another, on leaves.</summary>
    Pair,

    /// <summary>Three to six instructions on top of each other, on leaves.</summary>
    Chain,

    /// <summary>Statements and a deep expression.</summary>
    Tree,
}

/// <summary>The first choices of a function.</summary>
internal readonly record struct FunctionPlan(FunctionShape Shape, int Pair, int Results, int Helpers)
{
    /// <summary>The choices that make a pair.</summary>
    public static ulong[] OfPair(int pair) => [(ulong)FunctionShape.Pair, (ulong)pair];

    /// <summary>The choices that make any chain or tree.</summary>
    public static ulong[] Of(FunctionShape shape) => [(ulong)shape];

    public static FunctionPlan Choose(Choices choices)
    {
        var shape = (FunctionShape)choices.Below(3);
        switch (shape)
        {
            case FunctionShape.Pair:
                var pair = choices.Below(GeneratedInstructions.Pairs.Count);
                var results = Array.FindIndex(ModuleGenerator.ResultLists, list => list.Length == 1 && list[0] == GeneratedInstructions.Pairs[pair].Outer.Result);
                return new(shape, pair, Math.Max(0, results), 0);
            case FunctionShape.Chain:
                return new(shape, 0, choices.Below(5), 0);
            default:
                return new(shape, 0, choices.Below(ModuleGenerator.ResultLists.Length), choices.Below(3));
        }
    }
}
