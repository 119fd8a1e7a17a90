using System.Collections.Frozen;
using HeliosEdge.Sandbox;

namespace HeliosEdge.Access.Keys;

/// <summary>
/// The keys in memory. They are read again when the last reading is a second old, and for a key that is not known then, since
/// another process may have made or revoked one. Where they cannot be read, those in memory are good for a while longer: a database
/// that starts again must not keep callers from functions that need no database.
/// </summary>
internal sealed class KeyRing(IKeyStore store, TimeProvider clock)
{
    /// <summary>How long keys are good that cannot be read again.</summary>
    public static readonly TimeSpan GoodWithoutStore = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    // Keys that are made up do not make the silo read more often than this.
    private static readonly TimeSpan FreshForUnknown = TimeSpan.FromMilliseconds(100);

    private readonly SemaphoreSlim _reading = new(1);
    private volatile Reading? _last;

    /// <summary>Whether there ever was a key. A silo that had one stays locked, whatever became of it.</summary>
    public bool IsLocked => Last.Keys.Count > 0;

    private Reading Last => _last ?? throw new InvalidOperationException("The keys have not been read.");

    /// <summary>Sees to it that what is in memory is no older than a second; or, where the store cannot be read, than <see cref="GoodWithoutStore"/>.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.Unavailable"/>: it is older.</exception>
    public ValueTask RefreshAsync() => IsFresh(Fresh) ? default : new ValueTask(ReadAsync(Fresh));

    /// <summary>Reads the keys again, after a change to them.</summary>
    public Task RereadAsync() => ReadAsync(TimeSpan.Zero);

    /// <summary>Finds out whose key it is; null for nobody's, revoked, expired and malformed ones.</summary>
    public ValueTask<Caller?> FindAsync(string text) => Find(text) is { } caller
        ? ValueTask.FromResult<Caller?>(caller)
        : FindAgainAsync(text);

    private async ValueTask<Caller?> FindAgainAsync(string text)
    {
        if (IsFresh(FreshForUnknown))
        {
            return null;
        }

        await ReadAsync(FreshForUnknown);
        return Find(text);
    }

    private Caller? Find(string text)
    {
        if (!KeyText.TryParse(text, out var id, out var secret))
        {
            return null;
        }

        var known = Last.Keys.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(id, out var entry);
        return ApiKey.Verify(known ? entry.Key : null, secret) && entry.Key.IsActive(clock.GetUtcNow()) ? entry.Caller : null;
    }

    private bool IsFresh(TimeSpan age) => _last is { } last && clock.GetElapsedTime(last.TriedAt) < age;

    private async Task ReadAsync(TimeSpan age)
    {
        await _reading.WaitAsync();
        try
        {
            // Somebody else may have read them meanwhile.
            if (!IsFresh(age))
            {
                await ReadOnceAsync();
            }
        }
        finally
        {
            _reading.Release();
        }
    }

    private async Task ReadOnceAsync()
    {
        var at = clock.GetTimestamp();
        try
        {
            var keys = await store.ReadAllAsync();
            _last = new Reading(
                keys.ToFrozenDictionary(
                    key => key.Id,
                    key => (key, new Caller($"key:{key.Id}", key.Scopes.WithImplied(), key.Rate, key.Burst)),
                    StringComparer.Ordinal),
                at,
                at);
        }
        catch (SandboxException e) when (e.Code == ErrorCodes.Unavailable && _last is { } last)
        {
            if (clock.GetElapsedTime(last.At) >= GoodWithoutStore)
            {
                throw;
            }

            _last = last with { TriedAt = clock.GetTimestamp() };
        }
    }

    /// <param name="Keys">What was read.</param>
    /// <param name="At">When.</param>
    /// <param name="TriedAt">When it was last tried.</param>
    private sealed record Reading(FrozenDictionary<string, (ApiKey Key, Caller Caller)> Keys, long At, long TriedAt);
}
