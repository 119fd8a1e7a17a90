using System.Collections.Immutable;
using System.Runtime.Intrinsics;

namespace HeliosEdge.Wasm.Binary;

internal readonly record struct Limits(uint Minimum, uint? Maximum);

internal readonly record struct TableType(ValueKind Element, Limits Limits);

internal readonly record struct GlobalType(ValueKind Kind, bool IsMutable);

internal enum ConstantKind : byte
{
    Value,
    GlobalGet,
    RefFunc,
}

/// <summary>A constant expression (core spec 3.3.10): a value, an imported global, or a function.</summary>
internal readonly record struct ConstantExpression(ConstantKind Source, ValueKind Kind, Vector128<byte> Bits, int Index);

internal readonly record struct Import(string Module, string Name, ExternKind Kind, int TypeIndex, TableType Table, Limits Memory, GlobalType Global);

internal readonly record struct Export(string Name, ExternKind Kind, int Index);

internal readonly record struct GlobalDefinition(GlobalType Type, ConstantExpression Initial);

internal enum SegmentMode : byte
{
    Active,
    Passive,
    Declarative,
}

/// <summary>
/// An element segment. <c>Functions</c> has the function indices, -1 for null, where the whole segment is functions;
/// otherwise it is null and <c>Expressions</c> has the elements.
/// </summary>
internal sealed record ElementSegment(SegmentMode Mode, ValueKind Kind, int Table, ConstantExpression Offset, int[]? Functions, ConstantExpression[] Expressions)
{
    public int Length => Functions?.Length ?? Expressions.Length;
}

/// <summary>A data segment; its bytes start at <c>Start</c> in <see cref="ModuleDefinition.Data"/>.</summary>
internal readonly record struct DataSegment(SegmentMode Mode, ConstantExpression Offset, int Start, int Length);

internal readonly record struct CodeBody(int Start, int End);

/// <summary>A decoded module: what the sections say, function bodies still as bytes.</summary>
internal sealed class ModuleDefinition
{
    public FunctionType[] Types { get; set; } = [];

    public List<Import> Imports { get; } = [];

    /// <summary>The type index of every function, imported ones first.</summary>
    public List<int> Functions { get; } = [];

    public List<TableType> Tables { get; } = [];

    public List<Limits> Memories { get; } = [];

    public List<GlobalType> GlobalTypes { get; } = [];

    public List<GlobalDefinition> Globals { get; } = [];

    public List<Export> Exports { get; } = [];

    public int? Start { get; set; }

    public List<ElementSegment> Elements { get; } = [];

    public int? DataCount { get; set; }

    public List<CodeBody> Bodies { get; } = [];

    public List<DataSegment> DataSegments { get; } = [];

    /// <summary>The bytes of all data segments, one after the other.</summary>
    public byte[] Data { get; set; } = [];

    public int ImportedFunctions { get; set; }

    public int ImportedTables { get; set; }

    public int ImportedMemories { get; set; }

    public int ImportedGlobals { get; set; }

    public string? Name { get; set; }

    public Dictionary<int, string> FunctionNames { get; } = [];

    /// <summary>Functions that <c>ref.func</c> may name in a body (core spec 3.4.10: the references of the module outside bodies).</summary>
    public HashSet<int> DeclaredFunctions { get; } = [];

    public FunctionType TypeOf(int function) => Types[Functions[function]];

    /// <summary>The functions that something outside the bodies calls or refers to; some of them more than once.</summary>
    public IEnumerable<int> Roots()
    {
        foreach (var function in DeclaredFunctions)
        {
            yield return function;
        }

        if (Start is { } start)
        {
            yield return start;
        }
    }

    /// <summary>A function's name from the name section, else from an export, else null.</summary>
    public string? NameOf(int function)
    {
        if (FunctionNames.TryGetValue(function, out var name))
        {
            return name;
        }

        foreach (var export in Exports)
        {
            if (export.Kind == ExternKind.Function && export.Index == function)
            {
                return export.Name;
            }
        }

        return null;
    }

    public ImmutableArray<ImportDescriptor> DescribeImports() =>
    [
        .. Imports.Select(i => new ImportDescriptor(
            i.Module,
            i.Name,
            i.Kind,
            i.Kind == ExternKind.Function ? Types[i.TypeIndex] : null,
            TypeText.Of(i, this))),
    ];

    public ImmutableArray<ExportDescriptor> DescribeExports() =>
    [
        .. Exports.Select(e => new ExportDescriptor(
            e.Name,
            e.Kind,
            e.Kind == ExternKind.Function ? TypeOf(e.Index) : null,
            TypeText.Of(e, this))),
    ];
}
