using System.Reflection;
using HeliosEdge.Silo.Hosting;
using HeliosEdge.Silo.Storage.Postgres;

namespace HeliosEdge.Silo.Tests.Storage.Contract;

/// <summary>Everything that is tested with SQLite holds with PostgreSQL, test by test.</summary>
public sealed class PostgresContractTests
{
    public static TheoryData<string> Tests =>
        [.. typeof(InvocationStoreTests).GetMethods().Where(method => method.GetCustomAttribute<FactAttribute>() is not null).Select(method => method.Name)];

    [PostgresTheory]
    [MemberData(nameof(Tests))]
    public async Task It_holds_with_PostgreSQL(string test)
    {
        await using var database = new PostgresDatabase(PostgresUrl.Parse(await PostgresServer.NewDatabaseAsync()));
        await database.MigrateAsync();
        using var subject = new InvocationStoreTests(database);

        await (Task)typeof(InvocationStoreTests).GetMethod(test)!.Invoke(subject, null)!;
    }

    [PostgresFact]
    public async Task Silos_that_start_at_the_same_time_migrate_once()
    {
        var url = await PostgresServer.NewDatabaseAsync();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            await using var database = new PostgresDatabase(PostgresUrl.Parse(url));
            await database.MigrateAsync();
        })));
        await using var again = new PostgresDatabase(PostgresUrl.Parse(url));
        await again.MigrateAsync();
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named_without_the_password()
    {
        await using var database = new PostgresDatabase(PostgresUrl.Parse("postgres://me:s3cret@127.0.0.1:1/db"));

        var refused = await Should.ThrowAsync<SiloStartException>(database.MigrateAsync());
        refused.Message.ShouldContain("127.0.0.1:1/db");
        refused.Message.ShouldNotContain("s3cret");
    }

    [Theory]
    [InlineData("postgres://u:p%40ss@db.example:6543/helios", "db.example", 6543, "u", "p@ss", "helios")]
    [InlineData("postgresql://u@localhost/x", "localhost", 5432, "u", null, "x")]
    public void An_address_is_taken_apart(string url, string host, int port, string user, string? password, string database)
    {
        var settings = PostgresUrl.Parse(url);

        (settings.Host, settings.Port, settings.Username, settings.Password, settings.Database).ShouldBe((host, port, user, password, database));
    }

    [Theory]
    [InlineData("mysql://u:s3cret@h/d")]
    [InlineData("postgres://u:s3cret@h")]
    [InlineData("postgres://:s3cret@h/d")]
    [InlineData("postgres://u:s3cret@h/d?sslmode=require")]
    [InlineData("postgres://u:s3cret@h:port/d")]
    public void An_address_that_is_none_is_refused_without_the_password(string url)
    {
        var refused = Should.Throw<InvalidSettingException>(() => PostgresUrl.Parse(url));

        refused.Message.ShouldContain("--store");
        refused.Message.ShouldNotContain("s3cret");
    }
}
