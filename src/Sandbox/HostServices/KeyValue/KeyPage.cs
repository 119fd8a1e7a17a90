using System.Text;

namespace HeliosEdge.Sandbox.HostServices.KeyValue;

/// <summary>Some of a function's keys.</summary>
/// <param name="Keys">The keys, sorted by their UTF-8 bytes.</param>
/// <param name="HasMore">Whether there are more after the last one.</param>
public readonly record struct KeyPage(IReadOnlyList<string> Keys, bool HasMore)
{
    /// <summary>Takes from sorted keys, of which there should be one more than the limit, as many as are within both limits.</summary>
    /// <param name="sorted">The keys as UTF-8; no more of them are read than it takes to tell.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="maxBytes">Bytes of them all at most.</param>
    public static KeyPage Of(IEnumerable<byte[]> sorted, int limit, int maxBytes)
    {
        var keys = new List<string>();
        foreach (var key in sorted)
        {
            maxBytes -= key.Length;
            if (keys.Count == limit || maxBytes < 0)
            {
                return new KeyPage(keys, HasMore: true);
            }

            keys.Add(Encoding.UTF8.GetString(key));
        }

        return new KeyPage(keys, HasMore: false);
    }
}
