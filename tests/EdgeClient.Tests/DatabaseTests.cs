using System.Text.Json;
using Shouldly;
using Xunit;

namespace HeliosEdge.Client.Tests;

/// <summary>SQL with the client, in a real silo.</summary>
[Trait("Category", "Process")]
public sealed class DatabaseTests(SharedSilo silo) : IClassFixture<SharedSilo>, IDisposable
{
    private readonly HttpEdgeClient _client = new(silo.Address);

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task StatementsAreRunInARegion()
    {
        var created = await _client.BatchAsync(
            "main", [new SqlStatement("CREATE TABLE t (id INTEGER PRIMARY KEY, x)"), new SqlStatement("INSERT INTO t (x) VALUES ('a')")], "us-east");
        var inserted = await _client.ExecuteAsync("main", Statement("INSERT INTO t (x) VALUES (?1), (?2) RETURNING x", """["b", null]"""), "us-east");
        var queried = await _client.QueryAsync("main", new SqlStatement("SELECT id, x FROM t ORDER BY id"), "us-east", TimeSpan.FromSeconds(30));
        var databases = await _client.ListDatabasesAsync("us-east");

        created.Select(result => (result.Columns, result.RowsAffected, result.LastInsertId)).ShouldBe([(null, 0, 0), (null, 1, 1)]);
        (inserted.RowsAffected, inserted.LastInsertId).ShouldBe((2, 3));
        inserted.Rows!.Select(row => row.Single().GetRawText()).ShouldBe(["\"b\"", "null"]);
        queried.Columns.ShouldBe(["id", "x"]);
        string.Join(' ', queried.Rows!.SelectMany(row => row).Select(value => value.GetRawText())).ShouldBe("1 \"a\" 2 \"b\" 3 null");
        (queried.RowsAffected, queried.LastInsertId).ShouldBe((null, null));
        databases.ShouldBe([new DatabaseInfo("main", "sqlite")]);
    }

    [Fact]
    public async Task WhatTheDatabaseRefusesSaysWhere()
    {
        var one = await Should.ThrowAsync<EdgeStatementException>(_client.QueryAsync("main", new SqlStatement("SELECT 1 FORM t")));
        var batch = await Should.ThrowAsync<EdgeStatementException>(_client.BatchAsync("main", [new SqlStatement("SELECT 1"), new SqlStatement("SELEKT 2")]));
        var late = await Should.ThrowAsync<EdgeTimeoutException>(_client.QueryAsync(
            "main", new SqlStatement("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"), deadline: TimeSpan.FromMilliseconds(100)));
        var missing = await Should.ThrowAsync<EdgeException>(_client.QueryAsync("orders", new SqlStatement("SELECT 1")));

        (one.Code, one.SqlState, one.Position, one.Statement).ShouldBe(("statement_failed", "42601", 15, null));
        (batch.Position, batch.Statement).ShouldBe((1, 1));
        late.Detail.ShouldNotBeEmpty();
        missing.Code.ShouldBe("database_not_found");
        await Should.ThrowAsync<EdgeRegionNotFoundException>(_client.ListDatabasesAsync("mars"));
    }

    private static SqlStatement Statement(string sql, string parameters)
    {
        using var json = JsonDocument.Parse(parameters);
        return new SqlStatement(sql) { Params = [.. json.RootElement.EnumerateArray().Select(value => value.Clone())] };
    }
}
