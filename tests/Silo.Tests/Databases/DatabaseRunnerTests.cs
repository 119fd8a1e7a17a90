using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using HeliosEdge.Grains.Abstractions.Databases;
using HeliosEdge.Grains.Databases;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Silo.Problems;

namespace HeliosEdge.Silo.Tests.Databases;

/// <summary>What is made of the outcomes that SQLite has seldom or never.</summary>
public sealed class DatabaseRunnerTests
{
    [Theory]
    [InlineData(SqlOutcome.Conflict, "statement_conflict", 409)]
    [InlineData(SqlOutcome.Busy, "overloaded", 429)]
    [InlineData(SqlOutcome.Unavailable, "unavailable", 503)]
    [InlineData(SqlOutcome.DiskFull, "unavailable", 503)]
    [InlineData(SqlOutcome.Cancelled, "timeout", 504)]
    [InlineData(SqlOutcome.Failed, "statement_failed", 422)]
    public async Task Every_outcome_has_a_code(SqlOutcome outcome, string code, int status)
    {
        var error = new SqlError(outcome, "40001", "It went wrong.", 3);
        using var runner = new DatabaseRunner(new Scripted { Statement = error }, new SandboxPolicy());

        foreach (var mode in Enum.GetValues<DatabaseMode>())
        {
            var fault = (await runner.RunAsync("eu", Order(mode), CancellationToken.None)).Fault.ShouldNotBeNull();

            (fault.Code, fault.SqlState, fault.Position).ShouldBe((code, "40001", 3));
            fault.Statement.ShouldBe(mode == DatabaseMode.Batch ? 0 : null);
            fault.Message.ShouldContain("It went wrong.");
            Problem.Of(fault).Status.ShouldBe(status);
        }
    }

    [Fact]
    public async Task A_batch_that_cannot_begin_or_last_names_no_statement()
    {
        var error = new SqlError(SqlOutcome.Conflict, "40001", "It went wrong.");
        foreach (var scripted in new[] { new Scripted { Begin = error }, new Scripted { Commit = error } })
        {
            using var runner = new DatabaseRunner(scripted, new SandboxPolicy());

            var fault = (await runner.RunAsync("eu", Order(DatabaseMode.Batch), CancellationToken.None)).Fault.ShouldNotBeNull();

            (fault.Code, fault.Statement, fault.Message).ShouldBe((ErrorCodes.StatementConflict, null, "It went wrong."));
            scripted.Open.ShouldBe(0);
        }
    }

    [Fact]
    public async Task A_query_only_reads_and_the_others_may_write()
    {
        var scripted = new Scripted();
        using var runner = new DatabaseRunner(scripted, new SandboxPolicy());

        foreach (var mode in Enum.GetValues<DatabaseMode>())
        {
            (await runner.RunAsync("eu", Order(mode), CancellationToken.None)).Fault.ShouldBeNull();
        }

        scripted.Accesses.ShouldBe([SqlAccess.Read, SqlAccess.Write, SqlAccess.Write]);
    }

    private static DatabaseOrder Order(DatabaseMode mode) => new() { Database = "main", Mode = mode, Statements = [new DatabaseStatement { Text = "SELECT 1" }] };

    private sealed class Scripted : ISqlDatabases, ISqlDatabase, ISqlTransaction
    {
        public SqlError? Begin { get; init; }

        public SqlError? Statement { get; init; }

        public SqlError? Commit { get; init; }

        public List<SqlAccess> Accesses { get; } = [];

        public int Open { get; private set; }

        public string Name => "main";

        public string Kind => "postgresql";

        public ISqlDatabase Database => this;

        public SqlTerms Terms => new(SqlAccess.Write);

        public SqlError? Doom => Statement;

        public ISqlDatabase Find(string region, string name) => this;

        public ImmutableArray<string> Names(string region) => ["main"];

        public SqlAnswer Run(SqlStatement statement, SqlPatience patience)
        {
            Accesses.Add(statement.Access);
            return Statement is null ? new SqlAnswer("{}"u8.ToArray()) : new SqlAnswer(Statement);
        }

        public bool TryBegin(SqlTerms terms, SqlPatience patience, [NotNullWhen(true)] out ISqlTransaction? transaction, [NotNullWhen(false)] out SqlError? error)
        {
            (transaction, error) = (this, Begin);
            Open += error is null ? 1 : 0;
            return error is null;
        }

        public SqlError? Save(SqlPatience patience) => null;

        public SqlError? Keep(SqlPatience patience) => null;

        public SqlError? Undo(SqlPatience patience) => null;

        SqlError? ISqlTransaction.Commit(SqlPatience patience) => Commit;

        public void Dispose() => Open--;
    }
}
