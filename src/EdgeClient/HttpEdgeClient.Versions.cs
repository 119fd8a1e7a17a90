using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using HeliosEdge.Client.Wire;

namespace HeliosEdge.Client;

/// <content>Versions of functions.</content>
public sealed partial class HttpEdgeClient
{
    /// <summary>Lists the versions of a function, in calls that are made as the sequence is enumerated; their errors come there.</summary>
    /// <param name="name">The function's name.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The versions that the silo keeps, the newest first.</returns>
    /// <exception cref="EdgeFunctionNotFoundException">There is no function of that name.</exception>
    public async IAsyncEnumerable<FunctionVersionInfo> ListVersionsAsync(
        string name, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var path = FunctionPath(name) + "/versions";
        int? before = null;
        do
        {
            var page = before is null ? path : string.Create(CultureInfo.InvariantCulture, $"{path}?before={before}");
            var list = await _silo.GetJsonAsync(page, EdgeJsonContext.Default.VersionList, cancellationToken).ConfigureAwait(false);
            foreach (var version in list.Versions)
            {
                yield return version;
            }

            if (list.Next >= before)
            {
                throw new EdgeInvalidResponseException(HttpStatusCode.OK, $"The page of versions before {before} is followed by {list.Next} at {Address}.");
            }

            before = list.Next;
        }
        while (before is not null);
    }

    /// <summary>Describes a version of a function.</summary>
    /// <param name="name">The function's name.</param>
    /// <param name="version">The version's number.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The version.</returns>
    /// <exception cref="EdgeFunctionNotFoundException">There is no function of that name.</exception>
    /// <exception cref="EdgeVersionNotFoundException">The function has no such version.</exception>
    public Task<FunctionVersionInfo> GetVersionAsync(string name, int version, CancellationToken cancellationToken = default) =>
        _silo.GetJsonAsync(
            string.Create(CultureInfo.InvariantCulture, $"{FunctionPath(name)}/versions/{version}"),
            EdgeJsonContext.Default.FunctionVersionInfo,
            cancellationToken);

    /// <summary>Gives all calls of a function to one version. Once the task ends, every later call runs it.</summary>
    /// <param name="name">The function's name.</param>
    /// <param name="version">The version's number; null for the one before the current one.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The version in force.</returns>
    /// <exception cref="EdgeFunctionNotFoundException">There is no function of that name.</exception>
    /// <exception cref="EdgeVersionNotFoundException">The function has no such version, or none before its current one.</exception>
    /// <exception cref="EdgeModuleNotFoundException">The version's module is not there any more.</exception>
    public Task<FunctionInfo> RollbackFunctionAsync(string name, int? version = null, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Post, FunctionPath(name) + "/rollback", new Rollback(version), EdgeJsonContext.Default.Rollback, cancellationToken);

    /// <summary>Divides the calls of a function among its versions: each call picks one at random, by weight.</summary>
    /// <param name="name">The function's name.</param>
    /// <param name="weights">The weight of each version, from 0 to 1,000,000, not all 0; versions that are not named get no calls.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The newest version in force.</returns>
    /// <exception cref="EdgeFunctionNotFoundException">There is no function of that name.</exception>
    /// <exception cref="EdgeVersionNotFoundException">The function has no such version.</exception>
    /// <exception cref="EdgeModuleNotFoundException">A version's module is not there any more.</exception>
    public Task<FunctionInfo> SetTrafficAsync(
        string name, IReadOnlyDictionary<int, int> weights, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return SendAsync(
            HttpMethod.Put, FunctionPath(name) + "/traffic", weights, EdgeJsonContext.Default.IReadOnlyDictionaryInt32Int32, cancellationToken);
    }

    private async Task<FunctionInfo> SendAsync<T>(
        HttpMethod method, string path, T body, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var request = _silo.Request(method, path);
        request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, type));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await _silo.SendForJsonAsync(request, EdgeJsonContext.Default.FunctionInfo, cancellationToken).ConfigureAwait(false);
    }
}
