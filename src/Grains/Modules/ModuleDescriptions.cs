using HeliosEdge.Grains.Abstractions.Modules;
using HeliosEdge.Sandbox.Engines;

namespace HeliosEdge.Grains.Modules;

/// <summary>Describes compiled modules.</summary>
internal static class ModuleDescriptions
{
    public static ModuleDescription Describe(string hash, long size, ICompiledModule module) => new()
    {
        Hash = hash,
        Size = size,
        Exports =
        [
            .. module.Exports.Select(export => new ExportDescription
            {
                Name = export.Name,
                Kind = Word(export.Kind),
                Type = export.Type,
            }),
        ],
        Imports =
        [
            .. module.Imports.Select(import => new ImportDescription
            {
                Module = import.Module,
                Name = import.Name,
                Kind = Word(import.Kind),
                Type = import.Type,
            }),
        ],
    };

    private static string Word(ExternalKind kind) => kind switch
    {
        ExternalKind.Function => "function",
        ExternalKind.Table => "table",
        ExternalKind.Memory => "memory",
        ExternalKind.Global => "global",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
