using System.Collections.Concurrent;
using HeliosEdge.Data.Databases;
using HeliosEdge.Sandbox.HostServices.Sql;
using Npgsql;
using Npgsql.Replication;

namespace HeliosEdge.Data.Postgres.Changes;

/// <summary>
/// The connections by which the changes of a database are captured, beside those of functions: a few that are shared, and of each pipeline that runs here
/// one for its commits, one for the log, and while it takes a snapshot one for that.
/// </summary>
internal sealed class PostgresCapture : IAsyncDisposable
{
    /// <summary>Connections for what is asked and changed from outside, such as the list of pipelines.</summary>
    private const int SharedConnections = 4;

    /// <summary>Seconds that a statement may take, those of sinks too.</summary>
    private const int StatementSeconds = 30;

    /// <summary>How often the server is told that somebody is still there, and up to where the log is not needed.</summary>
    private static readonly TimeSpan StatusInterval = TimeSpan.FromSeconds(1);

    /// <summary>After how long a server that says nothing is given up.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    /// <summary>As the session begins. Values have the form that statements of functions have; a silo that vanished is noticed within seconds, so that another one can go on.</summary>
    private const string SessionSettings = "-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=iso_8601 -c bytea_output=hex -c extra_float_digits=1 "
        + "-c standard_conforming_strings=on -c synchronous_commit=on -c row_security=off -c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0 "
        + "-c tcp_keepalives_idle=2 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=3 ";

    /// <summary>Settings that not every release has.</summary>
    private const string MoreSettings =
        "SELECT pg_catalog.set_config(s.name, m.value, false) FROM pg_catalog.pg_settings s JOIN (VALUES ('tcp_user_timeout', '6000'), ('idle_session_timeout', '0'), ('transaction_timeout', '0')) AS m (name, value) ON m.name = s.name";

    /// <summary>
    /// Of a session that holds a pipeline: a silo that is frozen still has its connections, whose other end its machine answers for. A session that says nothing
    /// for so long is ended by the server, and the pipeline with it (not before PostgreSQL 14 between transactions).
    /// </summary>
    private const string KeeperSettings =
        "SELECT pg_catalog.set_config(s.name, '6000', false) FROM pg_catalog.pg_settings s WHERE s.name IN ('idle_session_timeout', 'idle_in_transaction_session_timeout')";

    private readonly string _connection;
    private readonly Lazy<NpgsqlDataSource> _shared;
    private readonly Lazy<NpgsqlDataSource> _own;

    public PostgresCapture(DatabaseSetting setting)
    {
        _connection = (setting.Capture ?? setting.Connection).ConnectionString;
        _shared = new Lazy<NpgsqlDataSource>(() => Make(settings =>
        {
            settings.MaxPoolSize = SharedConnections;
            settings.ApplicationName = "HeliosEdge";
        }));
        _own = new Lazy<NpgsqlDataSource>(() => Make(settings =>
        {
            settings.Pooling = false;
            settings.MaxAutoPrepare = 32;
            settings.AutoPrepareMinUsages = 2;
        }));
    }

    public PostgresTypes Types { get; } = new();

    /// <summary>Entered by who changes a pipeline: the others wait here, without a connection.</summary>
    public SemaphoreSlim Changing { get; } = new(1);

    /// <summary>The streams that are open here, for what only they know.</summary>
    public ConcurrentDictionary<(string Region, string Name), PostgresChangeStream> Streams { get; } = new();

    /// <summary>A connection for a little while.</summary>
    /// <exception cref="Sandbox.SandboxException">As <see cref="SqlFailure.Of"/>.</exception>
    public Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) => OpenAsync(_shared.Value, cancellationToken);

    /// <summary>A connection whose session ends with it, and with it all that the session holds.</summary>
    /// <exception cref="Sandbox.SandboxException">As <see cref="SqlFailure.Of"/>.</exception>
    public async Task<NpgsqlConnection> OpenOwnAsync(CancellationToken cancellationToken)
    {
        var connection = await OpenAsync(_own.Value, cancellationToken).ConfigureAwait(false);
        try
        {
            await using var command = new NpgsqlCommand(MoreSettings, connection);
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>A connection that holds a pipeline for as long as it says something every few seconds.</summary>
    /// <exception cref="Sandbox.SandboxException">As <see cref="SqlFailure.Of"/>.</exception>
    public async Task<NpgsqlConnection> OpenKeeperAsync(CancellationToken cancellationToken)
    {
        var connection = await OpenOwnAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await using var command = new NpgsqlCommand(KeeperSettings, connection);
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>A connection for the log.</summary>
    /// <exception cref="Sandbox.SandboxException">As <see cref="SqlFailure.Of"/>.</exception>
    public async Task<LogicalReplicationConnection> OpenLogAsync(CancellationToken cancellationToken)
    {
        var settings = Settings();
        settings.Options += "-c wal_sender_timeout=6000";
        settings.CommandTimeout = 0;
        var connection = new LogicalReplicationConnection(settings.ConnectionString)
        {
            WalReceiverStatusInterval = StatusInterval,
            WalReceiverTimeout = Silence,
        };
        try
        {
            await connection.Open(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch (Exception e) when (PostgresErrors.IsOne(e) && !cancellationToken.IsCancellationRequested)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw SqlFailure.Of(PostgresErrors.OfOpening(e));
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var source in new[] { _shared, _own }.Where(source => source.IsValueCreated))
        {
            await source.Value.DisposeAsync().ConfigureAwait(false);
        }

        Changing.Dispose();
    }

    private static async Task<NpgsqlConnection> OpenAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        try
        {
            return await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (PostgresErrors.IsOne(e) && !cancellationToken.IsCancellationRequested)
        {
            throw SqlFailure.Of(PostgresErrors.OfOpening(e));
        }
    }

    private NpgsqlDataSource Make(Action<NpgsqlConnectionStringBuilder> change)
    {
        var settings = Settings();
        change(settings);
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false));
        builder.UsePhysicalConnectionInitializer(PostgresLogin.Check, PostgresLogin.CheckAsync);
        return builder.Build();
    }

    private NpgsqlConnectionStringBuilder Settings() => new(_connection)
    {
        ApplicationName = PipelineNames.Application,
        NoResetOnClose = false,
        Multiplexing = false,
        Enlist = false,
        Timeout = 5,
        CommandTimeout = StatementSeconds,
        TcpKeepAlive = true,
        TcpKeepAliveTime = 2,
        TcpKeepAliveInterval = 1,
        IncludeErrorDetail = true,
        IncludeFailedBatchedCommand = true,
        Options = SessionSettings,
    };
}
