using HeliosEdge.Wasm;

namespace HeliosEdge.Testing.Building;

/// <summary>What a numeric instruction takes and gives, told from its name.</summary>
public static class OpSignature
{
    public static (ValueKind[] Operands, ValueKind Result) Of(Op op)
    {
        var name = op.ToString();
        var result = KindOf(name);
        var compares = op is >= Op.I32Eqz and <= Op.F64Ge;
        var from = name[3..] switch
        {
            var rest when rest.Contains("I32", StringComparison.Ordinal) => ValueKind.I32,
            var rest when rest.Contains("I64", StringComparison.Ordinal) => ValueKind.I64,
            var rest when rest.Contains("F32", StringComparison.Ordinal) => ValueKind.F32,
            var rest when rest.Contains("F64", StringComparison.Ordinal) => ValueKind.F64,
            _ => result,
        };
        var takesOne = from != result
            || op is Op.I32Eqz or Op.I64Eqz or (>= Op.I32Clz and <= Op.I32Popcnt) or (>= Op.I64Clz and <= Op.I64Popcnt)
                or (>= Op.F32Abs and <= Op.F32Sqrt) or (>= Op.F64Abs and <= Op.F64Sqrt) or >= Op.I32Extend8S;
        return (Kinds.Many(from, takesOne ? 1 : 2), compares ? ValueKind.I32 : result);
    }

    /// <summary>The kind that an instruction is named after.</summary>
    public static ValueKind KindOf(string name) => name[..3] switch
    {
        "I32" => ValueKind.I32,
        "I64" => ValueKind.I64,
        "F32" => ValueKind.F32,
        _ => ValueKind.F64,
    };
}
