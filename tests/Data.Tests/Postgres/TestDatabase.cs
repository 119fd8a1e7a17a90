using System.Collections.Immutable;
using HeliosEdge.Data.Databases;
using HeliosEdge.Data.Postgres;
using HeliosEdge.Settings;
using Npgsql;

namespace HeliosEdge.Data.Tests.Postgres;

/// <summary>A database of a test class's own, with a role that is no superuser.</summary>
public sealed class TestDatabase : IAsyncLifetime
{
    private PostgresSqlDatabase? _database;

    internal PostgresSqlDatabase Database => _database!;

    internal NpgsqlConnectionStringBuilder Settings { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (PostgresServer.WhySkipped is null)
        {
            Settings = PostgresUrl.Parse(await PostgresServer.NewOwnedDatabaseAsync());
            _database = Open();
        }
    }

    public async Task DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    internal PostgresSqlDatabase Open(PostgresLimits? limits = null) => new(Setting("test", Settings), limits);

    internal static DatabaseSetting Setting(string name, NpgsqlConnectionStringBuilder settings) => new(name, ImmutableSortedSet<string>.Empty, settings);

    /// <summary>What a superuser of the tests' server is told.</summary>
    internal async Task<T> AskAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Settings.ConnectionString) { Username = "helios", Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
