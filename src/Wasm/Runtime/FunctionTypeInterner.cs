namespace HeliosEdge.Wasm.Runtime;

/// <summary>
/// Gives equal function types one object and one number for the whole process, so that <c>call_indirect</c> compares
/// two integers. Entries are weak: a stream of modules with ever new types does not grow the table for good.
/// </summary>
internal static class FunctionTypeInterner
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<int, List<WeakReference<FunctionType>>> Buckets = [];
    private static int _nextId;
    private static int _entries;
    private static int _sweepAt = 1024;

    public static FunctionType Intern(FunctionType type)
    {
        if (type.Id != 0)
        {
            return type;
        }

        lock (Gate)
        {
            if (!Buckets.TryGetValue(type.GetHashCode(), out var bucket))
            {
                bucket = [];
                Buckets.Add(type.GetHashCode(), bucket);
            }

            foreach (var entry in bucket)
            {
                if (entry.TryGetTarget(out var known) && known.Equals(type))
                {
                    return known;
                }
            }

            type.Id = ++_nextId;
            bucket.Add(new WeakReference<FunctionType>(type));
            if (++_entries >= _sweepAt)
            {
                Sweep();
            }

            return type;
        }
    }

    private static void Sweep()
    {
        _entries = 0;
        foreach (var (hash, bucket) in Buckets.ToArray())
        {
            bucket.RemoveAll(entry => !entry.TryGetTarget(out _));
            _entries += bucket.Count;
            if (bucket.Count == 0)
            {
                Buckets.Remove(hash);
            }
        }

        _sweepAt = Math.Max(1024, _entries * 2);
    }
}
