using HeliosEdge.Wasm.Tests.Building;

namespace HeliosEdge.Wasm.Tests.Properties;

/// <summary>A function that a generated module exports.</summary>
internal sealed record GeneratedExport(string Name, ValueKind[] Parameters, ValueKind[] Results);

/// <summary>A valid module whose functions end, and what it exports.</summary>
internal sealed record GeneratedModule(byte[] Bytes, IReadOnlyList<GeneratedExport> Exports);

/// <summary>
/// Makes valid modules out of random numbers. Every function ends: loops count down and calls go to earlier functions only.
/// Results do not depend on the bits of a NaN, which engines may choose, so that two engines can be compared.
/// </summary>
internal sealed class ModuleGenerator(Random random, bool vectors)
{
    public const string Memory = "memory";

    private static readonly ValueKind[] _numbers = [ValueKind.I32, ValueKind.I64, ValueKind.F32, ValueKind.F64];

    private readonly List<(ValueKind Kind, int Index)> _globals = [];
    private readonly List<GeneratedFunction> _functions = [];

    /// <summary>The names of the exported globals, one of each number type.</summary>
    public static IReadOnlyList<string> Globals { get; } = [.. _numbers.Select(kind => $"global {kind}")];

    internal ModuleBuilder Module { get; } = new();

    internal IReadOnlyList<(ValueKind Kind, int Index)> AllGlobals => _globals;

    internal int DataSegment { get; private set; }

    internal int TableSize => 8;

    internal bool Vectors => vectors;

    public GeneratedModule Make()
    {
        Module.Memory(1, 4, Memory);
        var bytes = new byte[256];
        random.NextBytes(bytes);
        Module.Data(random.Next(1_000), bytes);
        DataSegment = Module.PassiveData(bytes[..32]);
        Module.Table(ValueKind.FuncRef, (uint)TableSize);
        for (var i = 0; i < _numbers.Length; i++)
        {
            var kind = _numbers[i];
            _globals.Add((kind, Module.Global(kind, true, c => GeneratedValues.Constant(c, kind, random), Globals[i])));
        }

        if (vectors)
        {
            _globals.Add((ValueKind.V128, Module.Global(ValueKind.V128, true, c => GeneratedValues.Constant(c, ValueKind.V128, random))));
        }

        var exports = new List<GeneratedExport>();
        var count = 2 + random.Next(6);
        for (var i = 0; i < count; i++)
        {
            AddFunction(exports, last: i == count - 1);
        }

        Module.Elements(0, [.. _functions.Take(TableSize - 1).Select(function => function.Index)]);
        return new(Module.Build(), exports);
    }

    private void AddFunction(List<GeneratedExport> exports, bool last)
    {
        // Vectors cannot cross to JavaScript: functions with vectors in their type are called by others alone.
        var isInner = vectors && !last && random.Next(3) == 0;
        var parameters = Some(random.Next(5));
        var results = random.Next(6) == 0 ? Some(2 + random.Next(2)) : Some(1);
        if (isInner)
        {
            parameters = [.. parameters, ValueKind.V128];
            results = random.Next(2) == 0 ? Kinds.V128 : results;
        }

        var seed = random.Next();
        GeneratedFunction[] callable = [.. _functions];
        var name = $"f{_functions.Count}";
        var index = Module.Function(
            isInner ? null : name,
            parameters,
            results,
            code => new FunctionGenerator(new Random(seed), this, callable, code, parameters, results).Generate());
        _functions.Add(new(index, parameters, results));
        if (!isInner)
        {
            exports.Add(new(name, parameters, results));
        }
    }

    private ValueKind[] Some(int count) => [.. Enumerable.Range(0, count).Select(_ => _numbers[random.Next(_numbers.Length)])];
}

/// <summary>A function that later ones may call.</summary>
internal sealed record GeneratedFunction(int Index, ValueKind[] Parameters, ValueKind[] Results);
