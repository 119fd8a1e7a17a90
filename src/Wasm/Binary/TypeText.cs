namespace HeliosEdge.Wasm.Binary;

/// <summary>Types as text, for descriptors and messages.</summary>
internal static class TypeText
{
    public static string Of(ValueKind kind) => kind.ToString().ToLowerInvariant();

    public static string Of(Limits limits) => $"memory {Range(limits)}";

    public static string Of(TableType table) => $"table {Range(table.Limits)} {Of(table.Element)}";

    public static string Of(GlobalType global) => $"global {(global.IsMutable ? "mut " : string.Empty)}{Of(global.Kind)}";

    public static string Of(in Import import, ModuleDefinition module) => import.Kind switch
    {
        ExternKind.Function => module.Types[import.TypeIndex].ToString(),
        ExternKind.Table => Of(import.Table),
        ExternKind.Memory => Of(import.Memory),
        _ => Of(import.Global),
    };

    public static string Of(in Export export, ModuleDefinition module) => export.Kind switch
    {
        ExternKind.Function => module.TypeOf(export.Index).ToString(),
        ExternKind.Table => Of(module.Tables[export.Index]),
        ExternKind.Memory => Of(module.Memories[export.Index]),
        _ => Of(module.GlobalTypes[export.Index]),
    };

    private static string Range(Limits limits) => $"{limits.Minimum}..{limits.Maximum}";
}
