namespace HeliosEdge.Data.Postgres.Changes;

/// <summary>FNV-1a of several texts, each of which ends with something that no text has.</summary>
internal readonly record struct KeyHash(ulong Value)
{
    public const ulong Start = 14_695_981_039_346_656_037;
    private const ulong Prime = 1_099_511_628_211;

    public KeyHash Add(ReadOnlySpan<byte> text)
    {
        var hash = Value;
        foreach (var b in text)
        {
            hash = (hash ^ b) * Prime;
        }

        return new KeyHash((hash ^ 0xFF) * Prime);
    }
}
