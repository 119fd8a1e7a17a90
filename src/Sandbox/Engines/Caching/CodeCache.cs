using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace HeliosEdge.Sandbox.Engines.Caching;

/// <summary>Compiled code of an installation on disk, in a folder of bounded size that its engines share.</summary>
public sealed class CodeCache
{
    /// <summary>The key's file, in the folder above that of the code.</summary>
    public const string KeyFile = "code.key";

    /// <summary>Bytes of compiled code that are kept where nothing else is said: 1 GiB.</summary>
    public const long DefaultMaxBytes = 1L << 30;

    // Of every engine, metered and not: code of any of them may stay.
    private ImmutableArray<string> _identities = [];

    /// <summary>Opens the cache, making folder and key if need be.</summary>
    /// <param name="dataFolder">The installation's folder: the key is in it, the code in its folder <c>code</c>.</param>
    /// <param name="report">Gets a sentence on every file that was not used and on every one that could not be written.</param>
    /// <param name="maxBytes">Bytes of all files together, at least 1; what was used least recently goes first.</param>
    /// <exception cref="IOException">The folder or the key cannot be read or made.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the key cannot be read or made.</exception>
    public CodeCache(string dataFolder, Action<string> report, long maxBytes = DefaultMaxBytes)
    {
        Report = report;
        Folder = new CodeFolder(Path.Combine(dataFolder, "code"), maxBytes, report);
        Key = CodeKey.Open(Path.Combine(dataFolder, KeyFile));
    }

    internal Action<string> Report { get; }

    internal CodeFolder Folder { get; }

    /// <summary>What authenticates the code.</summary>
    internal byte[] Key { get; }

    /// <summary>What code is called.</summary>
    /// <param name="moduleHash">SHA-256 of the module.</param>
    /// <param name="identity">The engine and all that its code depends on.</param>
    internal static string NameOf(ReadOnlySpan<byte> moduleHash, string identity) =>
        Convert.ToHexStringLower(SHA256.HashData([.. moduleHash, .. Encoding.UTF8.GetBytes(identity)]));

    /// <summary>Takes note that code with this identity is used.</summary>
    internal void Admit(string identity) => ImmutableInterlocked.Update(ref _identities, (all, one) => all.Contains(one) ? all : all.Add(one), identity);

    /// <summary>As <see cref="IWasmEngine.KeepCode"/>, for all engines.</summary>
    internal void Keep(IReadOnlyCollection<string> modules, DateTimeOffset before)
    {
        var identities = _identities;
        var kept = new HashSet<string>(identities.Length * modules.Count, StringComparer.Ordinal);
        foreach (var module in modules)
        {
            var hash = Convert.FromHexString(module);
            foreach (var identity in identities)
            {
                kept.Add(NameOf(hash, identity));
            }
        }

        Folder.Keep(kept, before.UtcDateTime);
    }
}
