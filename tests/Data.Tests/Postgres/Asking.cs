using System.Text;
using System.Text.Json;
using HeliosEdge.Sandbox.HostServices.Sql;

namespace HeliosEdge.Data.Tests.Postgres;

/// <summary>Short forms of what a database is asked.</summary>
internal static class Asking
{
    public static readonly SqlTerms ForWriting = new(SqlAccess.Write);
    public static readonly SqlTerms ForReading = new(SqlAccess.Read);

    /// <summary>Longer than any test.</summary>
    public static SqlPatience Long => SqlPatience.For(TimeSpan.FromMinutes(5), CancellationToken.None);

    public static SqlStatement Reading(string sql, string parameters = "") => new(sql, Encoding.UTF8.GetBytes(parameters), SqlAccess.Read);

    public static SqlStatement Writing(string sql, string parameters = "") => new(sql, Encoding.UTF8.GetBytes(parameters), SqlAccess.Write);

    public static string Read(this ISqlDatabase database, string sql, string parameters = "") => Text(database.Run(Reading(sql, parameters), Long));

    public static string Write(this ISqlDatabase database, string sql, string parameters = "") => Text(database.Run(Writing(sql, parameters), Long));

    public static string Read(this ISqlTransaction transaction, string sql, string parameters = "") => Text(transaction.Run(Reading(sql, parameters), Long));

    public static string Write(this ISqlTransaction transaction, string sql, string parameters = "") => Text(transaction.Run(Writing(sql, parameters), Long));

    /// <summary>The only value of the only row, as JSON.</summary>
    public static string Value(this ISqlDatabase database, string sql, string parameters = "") => ValueOf(database.Read(sql, parameters));

    public static string Value(this ISqlTransaction transaction, string sql, string parameters = "") => ValueOf(transaction.Read(sql, parameters));

    public static SqlError Refuse(this ISqlDatabase database, SqlStatement statement) => database.Run(statement, Long).Error.ShouldNotBeNull();

    public static SqlError Refuse(this ISqlTransaction transaction, SqlStatement statement) => transaction.Run(statement, Long).Error.ShouldNotBeNull();

    public static ISqlTransaction Begin(this ISqlDatabase database, SqlTerms terms)
    {
        database.TryBegin(terms, Long, out var transaction, out var error).ShouldBeTrue(error?.Message);
        return transaction!;
    }

    private static string Text(SqlAnswer answer)
    {
        answer.Error.ShouldBeNull(answer.Message);
        return Encoding.UTF8.GetString(answer.Json.Span);
    }

    private static string ValueOf(string json)
    {
        using var document = JsonDocument.Parse(json);
        var rows = document.RootElement.GetProperty("rows");
        rows.GetArrayLength().ShouldBe(1);
        return rows[0][0].GetRawText();
    }
}
