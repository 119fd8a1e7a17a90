using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using HeliosEdge.Client.Wire;

namespace HeliosEdge.Client;

/// <content>Pipelines: functions that get the changes of tables.</content>
public sealed partial class HttpEdgeClient
{
    private const int DeadPage = 100;

    /// <summary>Lists the pipelines of a database, with how far each has come.</summary>
    /// <param name="database">The database; null for <c>main</c>.</param>
    /// <param name="region">The region; null for the silo's first one.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The pipelines, sorted by name.</returns>
    public async Task<IReadOnlyList<PipelineInfo>> ListPipelinesAsync(string? database = null, string? region = null, CancellationToken cancellationToken = default) =>
        (await _silo.GetJsonAsync("v1/pipelines" + DatabaseQuery(database, region), EdgeJsonContext.Default.PipelineList, cancellationToken).ConfigureAwait(false)).Pipelines;

    /// <summary>Has a function get the changes of tables, or changes how it does. Needs the scope <c>deploy</c>.</summary>
    /// <param name="name">The pipeline's name; one that is there goes on where it was.</param>
    /// <param name="registration">What it is to be.</param>
    /// <param name="region">The region whose database it is; null for the silo's first one.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The pipeline.</returns>
    public Task<PipelineInfo> PutPipelineAsync(string name, PipelineRegistration registration, string? region = null, CancellationToken cancellationToken = default) => PutAsync(
        PipelinePath(name) + RegionQuery(region), registration, EdgeJsonContext.Default.PipelineRegistration, EdgeJsonContext.Default.PipelineInfo, cancellationToken);

    /// <summary>Has a pipeline wait; changes are held for it. Needs the scope <c>deploy</c>.</summary>
    /// <param name="name">The pipeline's name.</param>
    /// <param name="database">The database; null for <c>main</c>.</param>
    /// <param name="region">The region; null for the silo's first one.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The pipeline.</returns>
    /// <exception cref="EdgeException">With the code <c>pipeline_not_found</c>.</exception>
    public Task<PipelineInfo> PausePipelineAsync(string name, string? database = null, string? region = null, CancellationToken cancellationToken = default) =>
        ChangePipelineAsync(name, "pause", database, region, body: null, cancellationToken);

    /// <summary>Has a pipeline go on that waits or has stopped. Needs the scope <c>deploy</c>.</summary>
    /// <param name="name">The pipeline's name.</param>
    /// <param name="database">The database; null for <c>main</c>.</param>
    /// <param name="region">The region; null for the silo's first one.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The pipeline.</returns>
    /// <exception cref="EdgeException">With the code <c>pipeline_not_found</c>, or <c>position_unavailable</c>: it is lost.</exception>
    public Task<PipelineInfo> ResumePipelineAsync(string name, string? database = null, string? region = null, CancellationToken cancellationToken = default) =>
        ChangePipelineAsync(name, "resume", database, region, body: null, cancellationToken);

    /// <summary>Has a pipeline deliver again. Needs the scope <c>deploy</c>.</summary>
    /// <param name="name">The pipeline's name.</param>
    /// <param name="from">A position that <see cref="PipelineInfo.Position"/> has shown, or <c>snapshot</c> for everything, beginning with the rows that are there.</param>
    /// <param name="database">The database; null for <c>main</c>.</param>
    /// <param name="region">The region; null for the silo's first one.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The pipeline.</returns>
    /// <exception cref="EdgeException">With the code <c>pipeline_not_found</c>, or <c>position_unavailable</c>: what came after it is not held any more.</exception>
    public Task<PipelineInfo> ReplayPipelineAsync(string name, string from, string? database = null, string? region = null, CancellationToken cancellationToken = default) =>
        ChangePipelineAsync(name, "replay", database, region, new Replay(from), cancellationToken);

    /// <summary>Removes a pipeline with all that is held for it. Needs the scope <c>deploy</c>.</summary>
    /// <param name="name">The pipeline's name.</param>
    /// <param name="database">The database; null for <c>main</c>.</param>
    /// <param name="region">The region; null for the silo's first one.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>A task that ends when the pipeline is gone.</returns>
    /// <exception cref="EdgeException">With the code <c>pipeline_not_found</c>.</exception>
    public async Task DeletePipelineAsync(string name, string? database = null, string? region = null, CancellationToken cancellationToken = default)
    {
        using var request = _silo.Request(HttpMethod.Delete, PipelinePath(name) + DatabaseQuery(database, region));
        await _silo.SendForBytesAsync(request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lists changes that a pipeline's function, or its sink, did not take; the oldest first. Needs the scope <c>data.read</c>.</summary>
    /// <param name="name">The pipeline's name.</param>
    /// <param name="database">The database; null for <c>main</c>.</param>
    /// <param name="region">The region; null for the silo's first one.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The changes, asked for page by page.</returns>
    public async IAsyncEnumerable<DeadChange> ListDeadChangesAsync(
        string name, string? database = null, string? region = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var query = DatabaseQuery(database, region);
        var start = $"{PipelinePath(name)}/dead{query}{(query.Length == 0 ? '?' : '&')}count={DeadPage}&after=";
        long after = 0;
        while (true)
        {
            var page = (await _silo.GetJsonAsync($"{start}{after}", EdgeJsonContext.Default.DeadChangeList, cancellationToken).ConfigureAwait(false)).Changes;
            foreach (var change in page)
            {
                yield return change;
            }

            if (page.Count < DeadPage)
            {
                yield break;
            }

            after = page[^1].Id;
        }
    }

    /// <summary>Delivers a dead change once more, and forgets it if it is taken. Needs the scope <c>deploy</c>.</summary>
    /// <param name="name">The pipeline's name.</param>
    /// <param name="id">The change's number.</param>
    /// <param name="database">The database; null for <c>main</c>.</param>
    /// <param name="region">The region; null for the silo's first one.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>A task that ends when it is taken.</returns>
    /// <exception cref="EdgeException">With the code <c>dead_change_not_found</c>, or that with which it was not taken.</exception>
    public async Task RetryDeadChangeAsync(string name, long id, string? database = null, string? region = null, CancellationToken cancellationToken = default)
    {
        using var request = _silo.Request(HttpMethod.Post, $"{PipelinePath(name)}/dead/{id}/retry{DatabaseQuery(database, region)}");
        await _silo.SendForBytesAsync(request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Forgets a dead change. Needs the scope <c>deploy</c>.</summary>
    /// <param name="name">The pipeline's name.</param>
    /// <param name="id">The change's number.</param>
    /// <param name="database">The database; null for <c>main</c>.</param>
    /// <param name="region">The region; null for the silo's first one.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>A task that ends when it is gone.</returns>
    /// <exception cref="EdgeException">With the code <c>dead_change_not_found</c>.</exception>
    public async Task DiscardDeadChangeAsync(string name, long id, string? database = null, string? region = null, CancellationToken cancellationToken = default)
    {
        using var request = _silo.Request(HttpMethod.Delete, $"{PipelinePath(name)}/dead/{id}{DatabaseQuery(database, region)}");
        await _silo.SendForBytesAsync(request, cancellationToken).ConfigureAwait(false);
    }

    private static string PipelinePath(string name) => $"v1/pipelines/{Segment(name)}";

    private async Task<PipelineInfo> ChangePipelineAsync(string name, string verb, string? database, string? region, Replay? body, CancellationToken cancellationToken)
    {
        using var request = _silo.Request(HttpMethod.Post, $"{PipelinePath(name)}/{verb}{DatabaseQuery(database, region)}");
        if (body is not null)
        {
            request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, EdgeJsonContext.Default.Replay));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        return await _silo.SendForJsonAsync(request, EdgeJsonContext.Default.PipelineInfo, cancellationToken).ConfigureAwait(false);
    }
}
