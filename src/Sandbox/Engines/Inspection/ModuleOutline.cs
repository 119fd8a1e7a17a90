using System.Collections.Immutable;

namespace HeliosEdge.Sandbox.Engines.Inspection;

/// <summary>A linear memory that a module imports or defines (core spec 2.3.13).</summary>
/// <param name="Minimum">Its size when it is made, in pages.</param>
/// <param name="Maximum">The most pages that it may grow to, or null.</param>
/// <param name="Is64">Whether its addresses have 64 bits.</param>
internal readonly record struct MemoryOutline(ulong Minimum, ulong? Maximum, bool Is64);

/// <summary>What a module says of itself outside its function bodies, as far as a host needs it.</summary>
internal sealed class ModuleOutline
{
    /// <summary>What it imports, in its order.</summary>
    public required ImmutableArray<ModuleImport> Imports { get; init; }

    /// <summary>What it exports, in its order.</summary>
    public required ImmutableArray<ModuleExport> Exports { get; init; }

    /// <summary>How many types it defines, those within recursion groups each counted.</summary>
    public required int Types { get; init; }

    /// <summary>Whether it has types of objects (structures, arrays), which live in a heap of the instance's own.</summary>
    public required bool HasObjectTypes { get; init; }

    /// <summary>How many functions it has, imported ones included.</summary>
    public required int Functions { get; init; }

    /// <summary>How many globals it has, imported ones included.</summary>
    public required int Globals { get; init; }

    /// <summary>Its memories, imported ones first.</summary>
    public required ImmutableArray<MemoryOutline> Memories { get; init; }

    /// <summary>How many of <see cref="Memories"/> are imported.</summary>
    public required int ImportedMemories { get; init; }

    /// <summary>The elements that each of its own tables begins with.</summary>
    public required ImmutableArray<ulong> OwnTables { get; init; }

    /// <summary>How many tables it has, imported ones included.</summary>
    public required int Tables { get; init; }

    /// <summary>How many data segments it has.</summary>
    public required int DataSegments { get; init; }

    /// <summary>Whether it has a start function.</summary>
    public required bool HasStart { get; init; }

    /// <summary>The functions' bodies, without their sizes: where each begins and where the next byte after it is.</summary>
    public required ImmutableArray<Range> Bodies { get; init; }

    /// <summary>The functions' names, from the name section, else from exports.</summary>
    public required IReadOnlyDictionary<int, string> FunctionNames { get; init; }
}
