using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using HeliosEdge.Client.Wire;

namespace HeliosEdge.Client;

/// <content>Procedures, and triggers of databases.</content>
public sealed partial class HttpEdgeClient
{
    /// <summary>Lists the procedures, in calls that are made as the sequence is enumerated; their errors come there.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The procedures, sorted by name.</returns>
    public IAsyncEnumerable<ProcedureInfo> ListProceduresAsync(CancellationToken cancellationToken = default) => PagesAsync(
        "v1/procedures", "procedures", EdgeJsonContext.Default.ProcedureList, list => (list.Procedures, list.Next), cancellationToken);

    /// <summary>Registers a procedure, or a new version of it. Needs the scope <c>deploy</c>.</summary>
    /// <param name="name">Its name; no function has the same.</param>
    /// <param name="registration">What it is to be.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The procedure as registered.</returns>
    /// <exception cref="EdgeModuleNotFoundException">The module has not been uploaded.</exception>
    /// <exception cref="EdgeInvalidModuleException">The module does not fit the ABI, or does not export the entry.</exception>
    /// <exception cref="EdgeCapabilityDeniedException">The module imports what the profile does not grant.</exception>
    public Task<ProcedureInfo> PutProcedureAsync(string name, ProcedureRegistration registration, CancellationToken cancellationToken = default) =>
        PutAsync(ProcedurePath(name), registration, EdgeJsonContext.Default.ProcedureRegistration, EdgeJsonContext.Default.ProcedureInfo, cancellationToken);

    /// <summary>Removes a procedure with all its versions. Its module stays. Needs the scope <c>deploy</c>.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>A task that ends when the procedure is gone.</returns>
    /// <exception cref="EdgeException">With the code <c>procedure_not_found</c>.</exception>
    public async Task DeleteProcedureAsync(string name, CancellationToken cancellationToken = default)
    {
        using var request = _silo.Request(HttpMethod.Delete, ProcedurePath(name));
        await _silo.SendForBytesAsync(request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Calls a procedure: one transaction, which is committed if the guest answers and rolled back if not. Needs the scope <c>invoke</c>.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="region">The region; null for the silo's choice.</param>
    /// <param name="arguments">A JSON array as UTF-8.</param>
    /// <param name="options">How the call is made; without <see cref="CallOptions.Failover"/>, for each region has data of its own.</param>
    /// <param name="cancellationToken">Cancels the call, and rolls back what is not committed yet.</param>
    /// <returns>The guest's answer, which is JSON.</returns>
    /// <exception cref="EdgeException">With the code <c>procedure_failed</c> where the guest gave up and said why, among others.</exception>
    /// <exception cref="ArgumentException">The options name regions to try.</exception>
    public Task<EdgeResponse> CallProcedureAsync(
        string name, string? region, ReadOnlyMemory<byte> arguments, CallOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new CallOptions();
        return options.Failover.Count == 0
            ? CallAsync($"{ProcedurePath(name)}/call{RegionQuery(region)}", arguments, "application/json", options, cancellationToken)
            : throw new ArgumentException("A procedure is called in one region.", nameof(options));
    }

    /// <summary>Lists the triggers of a database, with what they have done since the silo began.</summary>
    /// <param name="database">The database; null for <c>main</c>.</param>
    /// <param name="region">The region; null for the silo's first one.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The triggers, sorted by name.</returns>
    public async Task<IReadOnlyList<TriggerInfo>> ListTriggersAsync(
        string? database = null, string? region = null, CancellationToken cancellationToken = default) =>
        (await _silo.GetJsonAsync("v1/triggers" + DatabaseQuery(database, region), EdgeJsonContext.Default.TriggerList, cancellationToken).ConfigureAwait(false)).Triggers;

    /// <summary>Has a function judge changes of a table's rows, or changes how it does. Needs the scope <c>deploy</c>.</summary>
    /// <param name="name">The trigger's name.</param>
    /// <param name="registration">What it is to be.</param>
    /// <param name="region">The region whose database it is; null for the silo's first one.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The trigger.</returns>
    public Task<TriggerInfo> PutTriggerAsync(
        string name, TriggerRegistration registration, string? region = null, CancellationToken cancellationToken = default) => PutAsync(
        TriggerPath(name) + RegionQuery(region), registration, EdgeJsonContext.Default.TriggerRegistration, EdgeJsonContext.Default.TriggerInfo, cancellationToken);

    /// <summary>Has a trigger judge again. Needs the scope <c>deploy</c>.</summary>
    /// <param name="name">The trigger's name.</param>
    /// <param name="database">The database; null for <c>main</c>.</param>
    /// <param name="region">The region; null for the silo's first one.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The trigger.</returns>
    /// <exception cref="EdgeException">With the code <c>trigger_not_found</c>.</exception>
    public Task<TriggerInfo> EnableTriggerAsync(string name, string? database = null, string? region = null, CancellationToken cancellationToken = default) =>
        SwitchTriggerAsync(name, "enable", database, region, cancellationToken);

    /// <summary>Has a trigger let everything pass. Needs the scope <c>deploy</c>.</summary>
    /// <param name="name">The trigger's name.</param>
    /// <param name="database">The database; null for <c>main</c>.</param>
    /// <param name="region">The region; null for the silo's first one.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The trigger.</returns>
    /// <exception cref="EdgeException">With the code <c>trigger_not_found</c>.</exception>
    public Task<TriggerInfo> DisableTriggerAsync(string name, string? database = null, string? region = null, CancellationToken cancellationToken = default) =>
        SwitchTriggerAsync(name, "disable", database, region, cancellationToken);

    /// <summary>Removes a trigger. Needs the scope <c>deploy</c>.</summary>
    /// <param name="name">The trigger's name.</param>
    /// <param name="database">The database; null for <c>main</c>.</param>
    /// <param name="region">The region; null for the silo's first one.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>A task that ends when the trigger is gone.</returns>
    /// <exception cref="EdgeException">With the code <c>trigger_not_found</c>.</exception>
    public async Task DeleteTriggerAsync(string name, string? database = null, string? region = null, CancellationToken cancellationToken = default)
    {
        using var request = _silo.Request(HttpMethod.Delete, TriggerPath(name) + DatabaseQuery(database, region));
        await _silo.SendForBytesAsync(request, cancellationToken).ConfigureAwait(false);
    }

    private static string ProcedurePath(string name) => $"v1/procedures/{Segment(name)}";

    private static string TriggerPath(string name) => $"v1/triggers/{Segment(name)}";

    private static string DatabaseQuery(string? database, string? region) => database is null
        ? RegionQuery(region)
        : $"{RegionQuery(region)}{(region is null ? '?' : '&')}database={Uri.EscapeDataString(database)}";

    private async Task<TriggerInfo> SwitchTriggerAsync(string name, string verb, string? database, string? region, CancellationToken cancellationToken)
    {
        using var request = _silo.Request(HttpMethod.Post, $"{TriggerPath(name)}/{verb}{DatabaseQuery(database, region)}");
        return await _silo.SendForJsonAsync(request, EdgeJsonContext.Default.TriggerInfo, cancellationToken).ConfigureAwait(false);
    }

    private async Task<TAnswer> PutAsync<TBody, TAnswer>(
        string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken, [CallerArgumentExpression(nameof(body))] string parameter = "")
    {
        ArgumentNullException.ThrowIfNull(body, parameter);
        using var request = _silo.Request(HttpMethod.Put, path);
        request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, bodyType));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await _silo.SendForJsonAsync(request, answerType, cancellationToken).ConfigureAwait(false);
    }
}
