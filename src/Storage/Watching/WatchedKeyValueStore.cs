using HeliosEdge.Sandbox.HostServices.KeyValue;


namespace HeliosEdge.Storage.Watching;

/// <summary>The keys of functions, watched.</summary>
internal sealed class WatchedKeyValueStore(IKeyValueStore inner, WatchedStore store) : IKeyValueStore, IDisposable
{
    public byte[]? Get(string region, string function, string key) => store.Run(() => inner.Get(region, function, key));

    public bool TrySet(string region, string function, string key, byte[] value, TimeSpan patience) =>
        store.Run(() => inner.TrySet(region, function, key, value, patience));

    public bool Delete(string region, string function, string key, TimeSpan patience) =>
        store.Run(() => inner.Delete(region, function, key, patience));

    public KeyPage List(string region, string function, string prefix, string after, int limit, int maxBytes) =>
        store.Run(() => inner.List(region, function, prefix, after, limit, maxBytes));

    public void Dispose() => (inner as IDisposable)?.Dispose();
}
