using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using HeliosEdge.Client.Wire;

namespace HeliosEdge.Client;

/// <content>SQL databases of regions.</content>
public sealed partial class HttpEdgeClient
{
    /// <summary>Lists the SQL databases of a region. Needs the scope <c>data.read</c>.</summary>
    /// <param name="region">The region; null for the silo's first one.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The databases, sorted by name.</returns>
    /// <exception cref="EdgeRegionNotFoundException">The silo knows no such region.</exception>
    public async Task<IReadOnlyList<DatabaseInfo>> ListDatabasesAsync(string? region = null, CancellationToken cancellationToken = default) =>
        (await _silo.GetJsonAsync($"v1/databases{RegionQuery(region)}", EdgeJsonContext.Default.DatabaseList, cancellationToken).ConfigureAwait(false)).Databases;

    /// <summary>Runs a statement that only reads. Needs the scope <c>data.read</c>.</summary>
    /// <param name="database">The database's name in the region.</param>
    /// <param name="statement">The statement.</param>
    /// <param name="region">The region; null for the silo's first one.</param>
    /// <param name="deadline">How long the caller waits, a minute at most; 30 s if null. The statement ends then.</param>
    /// <param name="cancellationToken">Cancels the call, and ends the statement.</param>
    /// <returns>Its columns and rows.</returns>
    /// <exception cref="EdgeStatementException">The statement failed.</exception>
    /// <exception cref="EdgeTimeoutException">The deadline passed.</exception>
    public Task<SqlResult> QueryAsync(
        string database, SqlStatement statement, string? region = null, TimeSpan? deadline = null, CancellationToken cancellationToken = default) =>
        SendSqlAsync(
            database, "query", statement, EdgeJsonContext.Default.SqlStatement, EdgeJsonContext.Default.SqlResult, region, deadline, cancellationToken);

    /// <summary>Runs a statement that may change data and tables, in a transaction of its own. Needs the scope <c>data.write</c>.</summary>
    /// <param name="database">The database's name in the region.</param>
    /// <param name="statement">The statement.</param>
    /// <param name="region">The region; null for the silo's first one.</param>
    /// <param name="deadline">How long the caller waits, a minute at most; 30 s if null. The statement ends then, and nothing of it is done.</param>
    /// <param name="cancellationToken">Cancels the call, and ends the statement if it has not ended yet.</param>
    /// <returns>How many rows it changed; its columns and rows, too, where it gives some.</returns>
    /// <exception cref="EdgeStatementException">The statement failed; nothing was changed.</exception>
    /// <exception cref="EdgeTimeoutException">The deadline passed; nothing was changed.</exception>
    public Task<SqlResult> ExecuteAsync(
        string database, SqlStatement statement, string? region = null, TimeSpan? deadline = null, CancellationToken cancellationToken = default) =>
        SendSqlAsync(
            database, "execute", statement, EdgeJsonContext.Default.SqlStatement, EdgeJsonContext.Default.SqlResult, region, deadline, cancellationToken);

    /// <summary>Runs statements in one transaction, all or nothing. Needs the scope <c>data.write</c>.</summary>
    /// <param name="database">The database's name in the region.</param>
    /// <param name="statements">The statements, up to 1,000.</param>
    /// <param name="region">The region; null for the silo's first one.</param>
    /// <param name="deadline">How long the caller waits for all of them, a minute at most; 30 s if null.</param>
    /// <param name="cancellationToken">Cancels the call, and undoes what is not committed yet.</param>
    /// <returns>What each statement gave.</returns>
    /// <exception cref="EdgeStatementException">A statement failed; nothing was changed. <see cref="EdgeStatementException.Statement"/> says which.</exception>
    /// <exception cref="EdgeTimeoutException">The deadline passed; nothing was changed.</exception>
    public Task<IReadOnlyList<SqlResult>> BatchAsync(
        string database, IReadOnlyList<SqlStatement> statements, string? region = null, TimeSpan? deadline = null, CancellationToken cancellationToken = default) =>
        SendSqlAsync(
            database,
            "batch",
            statements,
            EdgeJsonContext.Default.IReadOnlyListSqlStatement,
            EdgeJsonContext.Default.IReadOnlyListSqlResult,
            region,
            deadline,
            cancellationToken);

    private async Task<TAnswer> SendSqlAsync<TBody, TAnswer>(
        string database,
        string verb,
        TBody body,
        JsonTypeInfo<TBody> bodyType,
        JsonTypeInfo<TAnswer> answerType,
        string? region,
        TimeSpan? deadline,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(body);
        using var request = _silo.Request(HttpMethod.Post, $"v1/databases/{Segment(database)}/{verb}{RegionQuery(region)}");
        request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, bodyType));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (deadline is { } time)
        {
            request.Headers.Add(DeadlineHeader, Math.Max(1, (long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));
        }

        return await _silo.SendForJsonAsync(request, answerType, cancellationToken).ConfigureAwait(false);
    }
}
