using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Sandbox.HostServices.Sql;

namespace HeliosEdge.Grains.Procedures;

/// <summary>The terms of procedures as words.</summary>
internal static class ProcedureWords
{
    public const string ReadOnly = "read_only";
    public const string ReadWrite = "read_write";

    private static readonly (string Word, SqlIsolation Isolation)[] Isolations =
    [
        ("default", SqlIsolation.Default),
        ("read_committed", SqlIsolation.ReadCommitted),
        ("repeatable_read", SqlIsolation.RepeatableRead),
        ("serializable", SqlIsolation.Serializable),
    ];

    public static string DefaultIsolation => Isolations[0].Word;

    public static IEnumerable<string> AllIsolations => Isolations.Select(known => known.Word);

    /// <summary>What a transaction is begun for.</summary>
    public static SqlTerms ToSqlTerms(this ProcedureTerms terms) => new(
        terms.Mode == ReadOnly ? SqlAccess.Read : SqlAccess.Write,
        Array.Find(Isolations, known => known.Word == terms.Isolation).Isolation);
}
