using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using HeliosEdge.Client.Wire;

namespace HeliosEdge.Client;

/// <summary>
/// Calls one silo over HTTP, and administers it: modules, bundles, registrations, versions, keys. Safe for use from many threads at once; make one and keep it.
/// Every method throws <see cref="EdgeException"/> or one of its kinds when the silo refuses or cannot be reached, and
/// <see cref="OperationCanceledException"/> when its token is cancelled.
/// </summary>
public sealed partial class HttpEdgeClient : IEdgeClient, IDisposable
{
    // Above this the silo is asked before the bytes are sent. One that refuses them early closes the connection, and what it
    // answered would be lost in the broken pipe.
    private const long ExpectContinueBytes = 1 << 20;

    private readonly SiloConnection _silo;
    private readonly HttpClient? _owned;

    /// <summary>Calls the silo at <see cref="HttpClient.BaseAddress"/>. The client stays the caller's; its timeout and buffer limit hold.</summary>
    /// <param name="http">A client with a base address.</param>
    /// <param name="options">The key; null for a silo that needs none.</param>
    /// <exception cref="ArgumentException">
    /// The base address is missing, or not an absolute http or https address without query and fragment; or the key cannot be one.
    /// </exception>
    public HttpEdgeClient(HttpClient http, HttpEdgeClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(http);
        if (http.BaseAddress is null)
        {
            throw new ArgumentException("The HttpClient needs a BaseAddress: the silo's address.", nameof(http));
        }

        _silo = new SiloConnection(http, Checked(http.BaseAddress, nameof(http)), CheckedKey(options));
    }

    /// <summary>Calls the silo at an address, over connections of this client's own; HTTP/2 where TLS agrees on it.</summary>
    /// <param name="address">Such as <c>http://127.0.0.1:8080</c>.</param>
    /// <param name="options">The key; null for a silo that needs none.</param>
    /// <exception cref="ArgumentException">Not an absolute http or https address without query and fragment, or the key cannot be one.</exception>
    public HttpEdgeClient(Uri address, HttpEdgeClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        Checked(address, nameof(address));
        var key = CheckedKey(options);
        _owned = new HttpClient(new SocketsHttpHandler
        {
            // A silo never redirects: who does is not one, and must not get the payload.
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        })
        {
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        _silo = new SiloConnection(_owned, address, key);
    }

    /// <summary>The silo's address.</summary>
    public Uri Address => _silo.Address;

    /// <summary>Uploads a module, with its SHA-256 stated so that damaged bytes are refused. Uploading the same bytes again changes nothing.</summary>
    /// <param name="module">The module in the binary format.</param>
    /// <param name="cancellationToken">Cancels the upload.</param>
    /// <returns>The module's hash, size, exports and imports.</returns>
    /// <exception cref="EdgeInvalidModuleException">The bytes are no module that the silo accepts.</exception>
    /// <exception cref="EdgeModuleTooLargeException">The module is larger than the silo accepts.</exception>
    /// <exception cref="EdgeUntrustedModuleException">The bytes were changed on their way.</exception>
    public Task<ModuleInfo> UploadModuleAsync(ReadOnlyMemory<byte> module, CancellationToken cancellationToken = default) =>
        UploadAsync(new ReadOnlyMemoryContent(module), module.Length, SHA256.HashData(module.Span), cancellationToken);

    /// <summary>Uploads a module as the other overload does, and tells how far it is.</summary>
    /// <param name="module">The module in the binary format.</param>
    /// <param name="progress">Gets the bytes that have been sent; fewer than before where they are sent again.</param>
    /// <param name="cancellationToken">Cancels the upload.</param>
    /// <returns>The module's hash, size, exports and imports.</returns>
    /// <exception cref="EdgeInvalidModuleException">The bytes are no module that the silo accepts.</exception>
    /// <exception cref="EdgeModuleTooLargeException">The module is larger than the silo accepts.</exception>
    /// <exception cref="EdgeUntrustedModuleException">The bytes were changed on their way.</exception>
    public Task<ModuleInfo> UploadModuleAsync(ReadOnlyMemory<byte> module, IProgress<long> progress, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(progress);
        return UploadAsync(new ReportedContent(module, progress), module.Length, SHA256.HashData(module.Span), cancellationToken);
    }

    /// <summary>
    /// Uploads a module from the stream's position to its end. A stream that can seek is read twice, first for the
    /// hash; any other is held in memory meanwhile.
    /// </summary>
    /// <param name="module">The module in the binary format; stays open.</param>
    /// <param name="cancellationToken">Cancels the upload.</param>
    /// <returns>The module's hash, size, exports and imports.</returns>
    /// <exception cref="EdgeInvalidModuleException">The bytes are no module that the silo accepts.</exception>
    /// <exception cref="EdgeModuleTooLargeException">The module is larger than the silo accepts.</exception>
    /// <exception cref="EdgeUntrustedModuleException">The bytes were changed on their way.</exception>
    public async Task<ModuleInfo> UploadModuleAsync(Stream module, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(module);
        if (!module.CanSeek)
        {
            using var buffer = new MemoryStream();
            await module.CopyToAsync(buffer, cancellationToken).ConfigureAwait(false);
            return await UploadModuleAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), cancellationToken).ConfigureAwait(false);
        }

        var start = module.Position;
        var hash = await SHA256.HashDataAsync(module, cancellationToken).ConfigureAwait(false);
        module.Position = start;

        return await UploadAsync(new StreamContent(module), module.Length - start, hash, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Describes an uploaded module.</summary>
    /// <param name="hash">Its SHA-256, as in <see cref="ModuleInfo.Hash"/>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The module's hash, size, exports and imports.</returns>
    /// <exception cref="EdgeModuleNotFoundException">The silo holds no such module.</exception>
    public Task<ModuleInfo> GetModuleAsync(string hash, CancellationToken cancellationToken = default) =>
        _silo.GetJsonAsync($"v1/modules/{Segment(hash)}", EdgeJsonContext.Default.ModuleInfo, cancellationToken);

    /// <summary>Uploads a bundle of read-only files. Uploading the same bytes again changes nothing.</summary>
    /// <param name="archive">A ZIP archive of files and folders with relative paths.</param>
    /// <param name="cancellationToken">Cancels the upload.</param>
    /// <returns>The bundle's hash and what is in it.</returns>
    /// <exception cref="EdgeException">With the code <c>invalid_bundle</c> or <c>bundle_too_large</c>: the silo does not accept it.</exception>
    public Task<BundleInfo> UploadBundleAsync(ReadOnlyMemory<byte> archive, CancellationToken cancellationToken = default) =>
        UploadBundleAsync(new ReadOnlyMemoryContent(archive), archive, cancellationToken);

    /// <summary>Uploads a bundle as the other overload does, and tells how far it is.</summary>
    /// <param name="archive">A ZIP archive of files and folders with relative paths.</param>
    /// <param name="progress">Gets the bytes that have been sent; fewer than before where they are sent again.</param>
    /// <param name="cancellationToken">Cancels the upload.</param>
    /// <returns>The bundle's hash and what is in it.</returns>
    /// <exception cref="EdgeException">With the code <c>invalid_bundle</c> or <c>bundle_too_large</c>: the silo does not accept it.</exception>
    public Task<BundleInfo> UploadBundleAsync(ReadOnlyMemory<byte> archive, IProgress<long> progress, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(progress);
        return UploadBundleAsync(new ReportedContent(archive, progress), archive, cancellationToken);
    }

    /// <summary>Registers a function, or replaces the one of that name.</summary>
    /// <param name="name">The function's name.</param>
    /// <param name="registration">What the function is to be.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The function as registered, with its regions and limits filled in.</returns>
    /// <exception cref="EdgeModuleNotFoundException">The module has not been uploaded.</exception>
    /// <exception cref="EdgeInvalidModuleException">The module does not fit the ABI, or does not export the entry.</exception>
    /// <exception cref="EdgeRegionNotFoundException">The silo does not serve one of the regions.</exception>
    /// <exception cref="EdgeCapabilityDeniedException">The module imports what the profile does not grant, or a region does not allow what the profile does.</exception>
    /// <exception cref="EdgeMemoryLimitException">The module starts with more memory or larger tables than its limits.</exception>
    public Task<FunctionInfo> RegisterFunctionAsync(
        string name, FunctionRegistration registration, CancellationToken cancellationToken = default) =>
        PutAsync(FunctionPath(name), registration, EdgeJsonContext.Default.FunctionRegistration, EdgeJsonContext.Default.FunctionInfo, cancellationToken);

    /// <summary>Describes a registered function.</summary>
    /// <param name="name">The function's name.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The function as registered.</returns>
    /// <exception cref="EdgeFunctionNotFoundException">There is no function of that name.</exception>
    public Task<FunctionInfo> GetFunctionAsync(string name, CancellationToken cancellationToken = default) =>
        _silo.GetJsonAsync(FunctionPath(name), EdgeJsonContext.Default.FunctionInfo, cancellationToken);

    /// <summary>Removes a function from all its regions. Its module stays.</summary>
    /// <param name="name">The function's name.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>A task that ends when the function is gone.</returns>
    /// <exception cref="EdgeFunctionNotFoundException">There is no function of that name.</exception>
    public async Task DeleteFunctionAsync(string name, CancellationToken cancellationToken = default)
    {
        using var request = _silo.Request(HttpMethod.Delete, FunctionPath(name));
        await _silo.SendForBytesAsync(request, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<FunctionInfo> ListFunctionsAsync(string? region = null, CancellationToken cancellationToken = default) => PagesAsync(
        region is null ? "v1/functions" : $"v1/regions/{Segment(region)}/functions",
        "functions",
        EdgeJsonContext.Default.FunctionList,
        list => (list.Functions, list.Next),
        cancellationToken);

    /// <summary>Makes a key. Needs the scope <c>admin</c>.</summary>
    /// <param name="registration">What the key is to be.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The key with its secret, in <see cref="KeyInfo.Key"/>; the silo never tells it again.</returns>
    public async Task<KeyInfo> CreateKeyAsync(KeyRegistration registration, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(registration);
        using var request = _silo.Request(HttpMethod.Post, "v1/keys");
        request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(registration, EdgeJsonContext.Default.KeyRegistration));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await _silo.SendForJsonAsync(request, EdgeJsonContext.Default.KeyInfo, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lists all keys without their secrets, revoked and expired ones too. Needs the scope <c>admin</c>.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The keys, in the order in which they were made.</returns>
    public async Task<IReadOnlyList<KeyInfo>> ListKeysAsync(CancellationToken cancellationToken = default) =>
        (await _silo.GetJsonAsync("v1/keys", EdgeJsonContext.Default.KeyList, cancellationToken).ConfigureAwait(false)).Keys;

    /// <summary>Revokes a key, at once and for good. Needs the scope <c>admin</c>.</summary>
    /// <param name="id">The key's id.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>A task that ends when the key is no longer good.</returns>
    public async Task RevokeKeyAsync(string id, CancellationToken cancellationToken = default)
    {
        using var request = _silo.Request(HttpMethod.Delete, $"v1/keys/{Segment(id)}");
        await _silo.SendForBytesAsync(request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lists changes and who made them, the newest first, a page at a time as they are asked for. Needs the scope <c>admin</c>.</summary>
    /// <param name="cancellationToken">Cancels the listing.</param>
    /// <returns>The changes that the log has; those that are made meanwhile are not among them.</returns>
    public async IAsyncEnumerable<ChangeInfo> ListChangesAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        long? before = null;
        do
        {
            var path = before is null ? "v1/audit" : string.Create(CultureInfo.InvariantCulture, $"v1/audit?before={before}");
            var page = await _silo.GetJsonAsync(path, EdgeJsonContext.Default.ChangePage, cancellationToken).ConfigureAwait(false);
            foreach (var change in page.Entries)
            {
                yield return change;
            }

            if (before is not null && page.Before >= before)
            {
                throw new EdgeInvalidResponseException(HttpStatusCode.OK, $"The page of changes before {before} is followed by that before {page.Before} at {Address}.");
            }

            before = page.Before;
        }
        while (before is not null);
    }

    /// <summary>Lists the regions that the silo serves.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The regions, in the silo's order.</returns>
    public async Task<IReadOnlyList<RegionInfo>> ListRegionsAsync(CancellationToken cancellationToken = default)
    {
        var list = await _silo.GetJsonAsync("v1/regions", EdgeJsonContext.Default.RegionList, cancellationToken).ConfigureAwait(false);
        return list.Regions;
    }

    /// <summary>Closes the connections that this client opened itself; an <see cref="HttpClient"/> handed in stays open.</summary>
    public void Dispose() => _owned?.Dispose();

    private async IAsyncEnumerable<TItem> PagesAsync<TList, TItem>(
        string path,
        string what,
        JsonTypeInfo<TList> type,
        Func<TList, (IReadOnlyList<TItem> Items, string? Next)> read,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? after = null;
        do
        {
            var page = after is null ? path : $"{path}?after={Uri.EscapeDataString(after)}";
            var (items, next) = read(await _silo.GetJsonAsync(page, type, cancellationToken).ConfigureAwait(false));
            foreach (var item in items)
            {
                yield return item;
            }

            if (after is not null && next is not null && string.CompareOrdinal(next, after) <= 0)
            {
                throw new EdgeInvalidResponseException(HttpStatusCode.OK, $"The page of {what} after \"{after}\" is followed by \"{next}\" at {Address}.");
            }

            after = next;
        }
        while (after is not null);
    }

    private async Task<BundleInfo> UploadBundleAsync(HttpContent content, ReadOnlyMemory<byte> archive, CancellationToken cancellationToken)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(archive.Span));
        using var request = _silo.Request(HttpMethod.Put, "v1/bundles");
        request.Content = content;
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/zip");
        request.Headers.ExpectContinue = archive.Length > ExpectContinueBytes;
        var bundle = await _silo.SendForJsonAsync(request, EdgeJsonContext.Default.BundleInfo, cancellationToken).ConfigureAwait(false);
        return bundle.Hash == hash
            ? bundle
            : throw new EdgeInvalidResponseException(
                HttpStatusCode.OK, $"The bundle with SHA-256 {hash} was sent, and {Address} says it holds {bundle.Hash}.");
    }

    private async Task<ModuleInfo> UploadAsync(HttpContent content, long size, byte[] hash, CancellationToken cancellationToken)
    {
        var stated = Convert.ToHexStringLower(hash);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/wasm");
        content.Headers.ContentLength = size;

        // Not disposed: that would close the stream, which is the caller's; there is nothing else to release.
        var request = _silo.Request(HttpMethod.Put, "v1/modules");
        request.Content = content;
        request.Headers.Add(InvocationHeaders.ModuleHash, stated);
        request.Headers.ExpectContinue = size > ExpectContinueBytes;
        var module = await _silo.SendForJsonAsync(request, EdgeJsonContext.Default.ModuleInfo, cancellationToken).ConfigureAwait(false);
        if (module.Hash != stated)
        {
            throw new EdgeInvalidResponseException(
                HttpStatusCode.OK, $"The module with SHA-256 {stated} was sent, and {Address} says it holds {module.Hash}.");
        }

        return module;
    }

    private static string FunctionPath(string name) => $"v1/functions/{Segment(name)}";

    private static string Segment(string value, [CallerArgumentExpression(nameof(value))] string parameter = "")
    {
        ArgumentException.ThrowIfNullOrEmpty(value, parameter);

        // RFC 3986 5.2.4 removes these from a path, escaped or not: the request would be one for something else.
        if (value is "." or "..")
        {
            throw new ArgumentException($"'{value}' cannot be a name.", parameter);
        }

        return Uri.EscapeDataString(value);
    }

    private static string? CheckedKey(HttpEdgeClientOptions? options)
    {
        var key = options?.Key;
        if (key is not null && (key.Length == 0 || !key.All(c => c is > ' ' and <= '~')))
        {
            // The message has nothing of the key: it may end in a log.
            throw new ArgumentException("The key is empty, or has characters that no key has.", nameof(options));
        }

        return key;
    }

    internal static Uri Checked(Uri address, string parameter)
    {
        if (!address.IsAbsoluteUri || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
        {
            throw new ArgumentException($"'{address}' is not an absolute http or https address.", parameter);
        }

        if (address.Query.Length > 0 || address.Fragment.Length > 0)
        {
            throw new ArgumentException($"'{address}' has a query or a fragment; a silo's address has neither.", parameter);
        }

        return address;
    }
}
