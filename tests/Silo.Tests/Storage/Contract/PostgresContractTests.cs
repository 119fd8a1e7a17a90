using System.Data.Common;
using System.Net;
using System.Reflection;
using System.Text.Json.Nodes;
using Dapper;
using HeliosEdge.Access.Stores;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Settings;
using HeliosEdge.Silo.Tests.Running;
using HeliosEdge.Storage.Invocations;
using HeliosEdge.Storage.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace HeliosEdge.Silo.Tests.Storage.Contract;

/// <summary>Everything that is tested with SQLite holds with PostgreSQL, test by test.</summary>
[Trait("Category", "Process")]
public sealed class PostgresContractTests
{
    private static readonly Type[] Suites = [typeof(InvocationStoreTests), typeof(DeploymentStoreTests), typeof(KeyValueStoreTests), typeof(AccessStoreTests)];

    public static TheoryData<string, string> Tests
    {
        get
        {
            var tests = new TheoryData<string, string>();
            foreach (var suite in Suites)
            {
                foreach (var method in suite.GetMethods().Where(method => method.GetCustomAttribute<FactAttribute>() is not null))
                {
                    tests.Add(suite.Name, method.Name);
                }
            }

            return tests;
        }
    }

    [PostgresTheory]
    [MemberData(nameof(Tests))]
    public async Task It_holds_with_PostgreSQL(string suite, string test)
    {
        var settings = PostgresUrl.Parse(await PostgresServer.NewDatabaseAsync());
        await using var database = new PostgresDatabase(settings);
        await database.MigrateAsync();
        await using (var keys = new PostgresAccessStore(settings))
        {
            await keys.PrepareAsync();
        }

        Func<IAccessStore> openKeys = () => new PostgresAccessStore(settings);
        var type = Suites.Single(type => type.Name == suite);
        using var subject = (IDisposable)Activator.CreateInstance(
            type, BindingFlags.Instance | BindingFlags.NonPublic, binder: null, [suite == nameof(AccessStoreTests) ? openKeys : database], culture: null)!;

        if (type.GetMethod(test)!.Invoke(subject, null) is Task running)
        {
            await running;
        }
    }

    [PostgresFact]
    public async Task Silos_that_start_at_the_same_time_migrate_once()
    {
        var url = await PostgresServer.NewDatabaseAsync();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            await using var database = new PostgresDatabase(PostgresUrl.Parse(url));
            await database.MigrateAsync();
            await using var keys = new PostgresAccessStore(PostgresUrl.Parse(url));
            await keys.PrepareAsync();
        })));
        await using var again = new PostgresDatabase(PostgresUrl.Parse(url));
        await again.MigrateAsync();
    }

    [PostgresFact]
    public async Task A_silo_opens_no_more_connections_than_it_is_to_and_functions_that_have_all_of_theirs_leave_it_its_own()
    {
        await using var database = new PostgresDatabase(PostgresUrl.Parse(await PostgresServer.NewDatabaseAsync()));
        await database.MigrateAsync();
        var guests = Enumerable.Range(0, PostgresDatabase.GuestConnections).Select(_ => database.OpenForGuest()).ToList();
        var inside = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Func<DbConnection, Task<long>> together = async connection =>
        {
            if (Interlocked.Increment(ref inside) >= PostgresDatabase.StateConnections)
            {
                all.TrySetResult();
            }

            await all.Task.WaitAsync(TimeSpan.FromSeconds(60));
            return (long)(await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"));
        };

        var counts = await Task.WhenAll(Enumerable.Range(0, 5 * PostgresDatabase.StateConnections).Select(_ => database.ReadAsync(together)));

        counts.Max().ShouldBe(PostgresDatabase.StateConnections + PostgresDatabase.GuestConnections);
        new NpgsqlConnectionStringBuilder(guests[0].ConnectionString).MaxPoolSize.ShouldBe(PostgresDatabase.GuestConnections);
        guests.ForEach(connection => connection.Dispose());
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named_without_the_password()
    {
        await using var database = new PostgresDatabase(PostgresUrl.Parse("postgres://me:s3cret@127.0.0.1:1/db"));

        var refused = await Should.ThrowAsync<SiloStartException>(database.MigrateAsync());
        refused.Message.ShouldContain("127.0.0.1:1/db");
        refused.Message.ShouldNotContain("s3cret");
    }

    [Fact]
    public async Task A_silo_whose_database_is_not_there_says_so_and_ends()
    {
        using var folder = new TemporaryFolder();

        var (exitCode, output, error) = await SiloProcess.RunAsync(
            ["--data", folder.Path, "--urls", "http://127.0.0.1:0"], ("HELIOS_STORE", "postgres://me:s3cret@127.0.0.1:1/db"));

        exitCode.ShouldBe(1);
        error.ShouldContain("The database 127.0.0.1:1/db cannot be used");
        (output + error).ShouldNotContain("s3cret");
    }

    [PostgresFact]
    public async Task A_silo_keeps_its_state_in_PostgreSQL()
    {
        using var first = new TemporaryFolder();
        using var second = new TemporaryFolder();
        var url = await PostgresServer.NewDatabaseAsync();
        JsonNode before;
        await using (var silo = await TestSilo.StartAsync(first.Path, postgres: url))
        {
            before = await silo.DeployAsync("kept", "echo");
            await silo.DeployAsync("gone", "echo");
            (await silo.Http.DeleteAsync("/v1/functions/gone")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        }

        File.Exists(Path.Combine(first.Path, "silo.db")).ShouldBeFalse();
        File.Exists(Path.Combine(first.Path, "keys.db")).ShouldBeFalse();
        await using var again = await TestSilo.StartAsync(second.Path, postgres: url);

        JsonNode.DeepEquals(await Answer.JsonAsync(await again.Http.GetAsync("/v1/functions/kept")), before).ShouldBeTrue();
        (await again.CallAsync("kept", [1, 2])).ShouldBe([1, 2]);
        await Answer.ProblemAsync(await again.InvokeAsync("gone"), HttpStatusCode.NotFound, "function_not_found");
        again.Services.GetRequiredService<IInvocationStore>().ShouldBeOfType<SqlInvocationStore>();
        (await again.Services.GetRequiredService<IResultStore>().AddAsync("f", "k", [1], TimeSpan.FromMinutes(1))).Result.ShouldBe([1]);
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
    [InlineData("", SslMode.Prefer, null)]
    [InlineData("?sslmode=disable", SslMode.Disable, null)]
    [InlineData("?sslmode=prefer", SslMode.Prefer, null)]
    [InlineData("?sslmode=require", SslMode.Require, null)]
    [InlineData("?sslmode=verify-ca&sslrootcert=%2Fetc%2Fca.pem", SslMode.VerifyCA, "/etc/ca.pem")]
    [InlineData("?sslrootcert=/etc/ca.pem&sslmode=verify-full", SslMode.VerifyFull, "/etc/ca.pem")]
    public void An_address_says_whether_the_way_is_encrypted(string query, SslMode mode, string? certificate)
    {
        var settings = PostgresUrl.Parse("postgres://u:p@h/d" + query);

        (settings.SslMode, settings.RootCertificate).ShouldBe((mode, certificate));
    }

    [Theory]
    [InlineData("?password=s3cret", "\"password\"")]
    [InlineData("?sslmode=s3cret", "sslmode that is not known; it is disable, prefer, require, verify-ca or verify-full")]
    [InlineData("?sslmode=require&sslmode=disable", "twice")]
    [InlineData("?sslrootcert=s3cret", "verify-full only")]
    [InlineData("?sslmode=require&sslrootcert=s3cret", "verify-full only")]
    [InlineData("?s3cret", "something")]
    [InlineData("?s3cret@h/d?x=1", "something")]
    [InlineData("#s3cret", "%23")]
    public void What_else_is_behind_the_name_is_refused(string behind, string why)
    {
        var refused = Should.Throw<InvalidSettingException>(() => PostgresUrl.Parse("postgres://u:s3cret@h/d" + behind));

        refused.Message.ShouldContain("--store");
        refused.Message.ShouldContain(why);
        refused.Message.ShouldNotContain("s3cret");
    }

    [Theory]
    [InlineData("mysql://u:s3cret@h/d")]
    [InlineData("postgres://u:s3cret@h")]
    [InlineData("postgres://:s3cret@h/d")]
    [InlineData("postgres://u:s3cret@h/d?application_name=x")]
    [InlineData("postgres://u:s3cret@h:port/d")]
    public void An_address_that_is_none_is_refused_without_the_password(string url)
    {
        var refused = Should.Throw<InvalidSettingException>(() => PostgresUrl.Parse(url));

        refused.Message.ShouldContain("--store");
        refused.Message.ShouldNotContain("s3cret");
    }
}
