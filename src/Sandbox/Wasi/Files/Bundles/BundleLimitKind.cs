using System.Collections.Immutable;

namespace HeliosEdge.Sandbox.Wasi.Files.Bundles;

/// <summary>One of the <see cref="BundleLimits"/>: its name in a policy, its range from 1 on, and how it is read and set.</summary>
public sealed class BundleLimitKind
{
    private readonly Func<BundleLimits, long> _get;
    private readonly Func<BundleLimits, long, BundleLimits> _with;

    private BundleLimitKind(string name, long most, Func<BundleLimits, long> get, Func<BundleLimits, long, BundleLimits> with)
    {
        Name = name;
        Most = most;
        _get = get;
        _with = with;
    }

    /// <summary>Bytes of the archive. The stores keep it in one value, of which neither SQLite nor PostgreSQL takes a GiB.</summary>
    public static BundleLimitKind ArchiveBytes { get; } =
        new("maxArchiveBytes", 512 << 20, l => l.MaxArchiveBytes, (l, v) => l with { MaxArchiveBytes = (int)v });

    /// <summary>Bytes of all files, unpacked; each is in one array.</summary>
    public static BundleLimitKind FileBytes { get; } =
        new("maxFileBytes", Array.MaxLength, l => l.MaxFileBytes, (l, v) => l with { MaxFileBytes = v });

    /// <summary>All limits, in the order in which they are shown.</summary>
    public static ImmutableArray<BundleLimitKind> All { get; } =
    [
        ArchiveBytes,
        FileBytes,
        new("maxEntries", 10_000_000, l => l.MaxEntries, (l, v) => l with { MaxEntries = (int)v }),

        // A ZIP archive has no longer names.
        new("maxPathBytes", ushort.MaxValue, l => l.MaxPathBytes, (l, v) => l with { MaxPathBytes = (int)v }),

        // Trees are made by recursion.
        new("maxDepth", 256, l => l.MaxDepth, (l, v) => l with { MaxDepth = (int)v }),
    ];

    /// <summary>The member of a policy's <c>bundles</c>, such as <c>maxEntries</c>.</summary>
    public string Name { get; }

    /// <summary>The greatest value that this version can keep to.</summary>
    public long Most { get; }

    /// <summary>The value among some limits.</summary>
    public long Of(BundleLimits limits) => _get(limits);

    /// <summary>Some limits with another value of this one.</summary>
    /// <param name="limits">The limits.</param>
    /// <param name="value">The value.</param>
    /// <param name="what">What the value is, for the message.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>, naming the limit, its range and the value.</exception>
    public BundleLimits Set(BundleLimits limits, long value, string what)
    {
        Check(value, what);
        return _with(limits, value);
    }

    internal void Check(long value, string what)
    {
        if (value < 1 || value > Most)
        {
            throw new SandboxException(ErrorCodes.InvalidParameter, $"{what} must be from 1 to {Most}, not {value}.")
            {
                Limit = value < 1 ? 1 : Most,
                Value = value,
            };
        }
    }
}
