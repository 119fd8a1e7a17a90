using System.Security.Cryptography;
using System.Text;

namespace HeliosEdge.Sandbox.Engines.Caching;

/// <summary>
/// An engine that keeps what it compiles in a folder and takes it from there the next time, keyed by the module's SHA-256, whether it is
/// metered, the engine and its build, the runtime's version and the processor's features. What is read back is authenticated by HMAC-SHA256 under a key of
/// this installation before it is trusted; a file that does not pass is deleted, reported and compiled again.
/// </summary>
public sealed class CachingEngine : IWasmEngine, IDisposable
{
    /// <summary>The key's file, in the folder above that of the code.</summary>
    public const string KeyFile = "code.key";

    /// <summary>Bytes of compiled code that are kept where nothing else is said: 1 GiB.</summary>
    public const long DefaultMaxBytes = 1L << 30;

    private readonly IPrecompilingEngine _engine;
    private readonly CodeFolder _folder;
    private readonly byte[] _key;
    private readonly string _identity;
    private readonly Action<string> _report;

    /// <summary>Opens the cache, making folder and key if need be.</summary>
    /// <param name="engine">The engine that compiles.</param>
    /// <param name="dataFolder">The installation's folder: the key is in it, the code in its folder <c>code</c>.</param>
    /// <param name="report">Gets a sentence on every file that was not used and on every one that could not be written.</param>
    /// <param name="maxBytes">Bytes of all files together, at least 1; what was used least recently goes first.</param>
    /// <exception cref="IOException">The folder or the key can not be read or made.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the key can not be read or made.</exception>
    public CachingEngine(IPrecompilingEngine engine, string dataFolder, Action<string> report, long maxBytes = DefaultMaxBytes)
    {
        _engine = engine;
        _report = report;
        _folder = new CodeFolder(Path.Combine(dataFolder, "code"), maxBytes, report);
        _key = CodeKey.Open(Path.Combine(dataFolder, KeyFile));
        _identity = $"{engine.CodeIdentity} {MachineIdentity.Current}";
    }

    /// <inheritdoc/>
    public string Name => _engine.Name;

    /// <inheritdoc/>
    public string Version => _engine.Version;

    /// <summary>Takes a module from the cache, or compiles and keeps it.</summary>
    /// <exception cref="SandboxException">As <see cref="IWasmEngine.Compile"/>.</exception>
    public ICompiledModule Compile(ReadOnlySpan<byte> wasm, bool metered = false, CompileTurn? turn = null)
    {
        var hash = SHA256.HashData(wasm);
        var name = NameOf(hash, metered);
        if (TryLoad(name, wasm, hash, metered, turn) is { } cached)
        {
            return cached;
        }

        var code = _engine.Precompile(wasm, metered, turn);
        turn?.RequireCode(code.Length);

        // Loaded first: of a module that is refused, nothing stays.
        var module = _engine.Load(wasm, code, metered, turn);
        _folder.Write(name, CodeFile.Write(_key, IdentityOf(metered), hash, code));
        return module;
    }

    /// <summary>Disposes the engine that compiles, where it can be.</summary>
    public void Dispose() => (_engine as IDisposable)?.Dispose();

    /// <inheritdoc/>
    public ModuleFootprint Lingering => _engine.Lingering;

    /// <inheritdoc/>
    public void Reclaim(bool now) => _engine.Reclaim(now);

    /// <inheritdoc/>
    public void KeepCode(IReadOnlyCollection<string> modules, DateTimeOffset before)
    {
        var kept = new HashSet<string>(2 * modules.Count, StringComparer.Ordinal);
        foreach (var module in modules)
        {
            var hash = Convert.FromHexString(module);
            kept.Add(NameOf(hash, metered: false));
            kept.Add(NameOf(hash, metered: true));
        }

        _folder.Keep(kept, before.UtcDateTime);
    }

    /// <summary>Where the code of a module is kept.</summary>
    internal string PathOf(ReadOnlySpan<byte> moduleHash, bool metered = false) => _folder.PathOf(NameOf(moduleHash, metered));

    private string NameOf(ReadOnlySpan<byte> moduleHash, bool metered) =>
        Convert.ToHexStringLower(SHA256.HashData([.. moduleHash, .. Encoding.UTF8.GetBytes(IdentityOf(metered))]));

    private string IdentityOf(bool metered) => metered ? $"{_identity} metered" : _identity;

    private ICompiledModule? TryLoad(string name, ReadOnlySpan<byte> wasm, ReadOnlySpan<byte> hash, bool metered, CompileTurn? turn)
    {
        string fault;
        try
        {
            if (_folder.Read(name) is not { } file)
            {
                return null;
            }

            if (CodeFile.TryRead(_key, IdentityOf(metered), hash, file, out var code, out fault))
            {
                return _engine.Load(wasm, code, metered, turn);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or BadImageFormatException or InvalidDataException)
        {
            fault = e.Message;
        }

        _report($"The compiled code in {_folder.PathOf(name)} is not used: {fault}. It is compiled again.");
        _folder.Discard(name);
        return null;
    }
}
