using HeliosEdge.Access.Audit;
using HeliosEdge.Access.Keys;
using HeliosEdge.Access.Stores;
using HeliosEdge.Storage.Watching;

namespace HeliosEdge.Silo.Access;

/// <summary>The keys of callers and the log of changes, watched.</summary>
internal sealed class WatchedAccessStore(IAccessStore inner, WatchedStore store) : IAccessStore
{
    /// <summary>The store itself.</summary>
    public IAccessStore Inner => inner;

    public string Location => inner.Location;

    public Task<IReadOnlyList<ApiKey>> ReadAllAsync() => store.RunAsync(inner.ReadAllAsync);

    public Task AddAsync(ApiKey key) => store.RunAsync(async () =>
    {
        await inner.AddAsync(key).ConfigureAwait(false);
        return true;
    });

    public Task<Revocation> RevokeAsync(string id, DateTimeOffset now, bool keepAnAdmin) => store.RunAsync(() => inner.RevokeAsync(id, now, keepAnAdmin));

    public Task<long> BeginAsync(AuditEntry entry) => store.RunAsync(() => inner.BeginAsync(entry));

    public Task CompleteAsync(long number, string target, int status) => store.RunAsync(async () =>
    {
        await inner.CompleteAsync(number, target, status).ConfigureAwait(false);
        return true;
    });

    public Task<IReadOnlyList<AuditEntry>> ReadAsync(long? before, int limit) => store.RunAsync(() => inner.ReadAsync(before, limit));

    public Task<int> ForgetAsync(DateTimeOffset before) => store.RunAsync(() => inner.ForgetAsync(before));

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
