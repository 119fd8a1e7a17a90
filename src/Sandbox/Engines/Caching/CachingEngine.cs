using System.Security.Cryptography;

namespace HeliosEdge.Sandbox.Engines.Caching;

/// <summary>
/// An engine that keeps what it compiles in a folder and takes it from there the next time, keyed by the module's SHA-256, whether it is
/// metered, the engine and its build, the runtime's version and the processor's features. What is read back is authenticated by HMAC-SHA256 under a key of
/// this installation before it is trusted; a file that does not pass is deleted, reported and compiled again.
/// </summary>
public sealed class CachingEngine : IWasmEngine, IDisposable
{
    private readonly IPrecompilingEngine _engine;
    private readonly CodeCache _cache;
    private readonly string _identity;
    private readonly string _meteredIdentity;

    /// <summary>Makes the engine.</summary>
    /// <param name="engine">The engine that compiles.</param>
    /// <param name="cache">Where its code is kept, with that of others.</param>
    public CachingEngine(IPrecompilingEngine engine, CodeCache cache)
    {
        _engine = engine;
        _cache = cache;
        _identity = $"{engine.CodeIdentity} {MachineIdentity.Current}";
        _meteredIdentity = $"{_identity} metered";
        cache.Admit(_identity);
        cache.Admit(_meteredIdentity);
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
        _cache.Folder.Write(name, CodeFile.Write(_cache.Key, IdentityOf(metered), hash, code));
        return module;
    }

    /// <summary>Disposes the engine that compiles, where it can be.</summary>
    public void Dispose() => (_engine as IDisposable)?.Dispose();

    /// <inheritdoc/>
    public ModuleFootprint Lingering => _engine.Lingering;

    /// <inheritdoc/>
    public void Reclaim(bool now) => _engine.Reclaim(now);

    /// <inheritdoc/>
    public void KeepCode(IReadOnlyCollection<string> modules, DateTimeOffset before) => _cache.Keep(modules, before);

    /// <summary>Where the code of a module is kept.</summary>
    internal string PathOf(ReadOnlySpan<byte> moduleHash, bool metered = false) => _cache.Folder.PathOf(NameOf(moduleHash, metered));

    private string NameOf(ReadOnlySpan<byte> moduleHash, bool metered) => CodeCache.NameOf(moduleHash, IdentityOf(metered));

    private string IdentityOf(bool metered) => metered ? _meteredIdentity : _identity;

    private ICompiledModule? TryLoad(string name, ReadOnlySpan<byte> wasm, ReadOnlySpan<byte> hash, bool metered, CompileTurn? turn)
    {
        string fault;
        try
        {
            if (_cache.Folder.Read(name) is not { } file)
            {
                return null;
            }

            if (CodeFile.TryRead(_cache.Key, IdentityOf(metered), hash, file, out var code, out fault))
            {
                return _engine.Load(wasm, code, metered, turn);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or BadImageFormatException or InvalidDataException)
        {
            fault = e.Message;
        }

        _cache.Report($"The compiled code in {_cache.Folder.PathOf(name)} is not used: {fault}. It is compiled again.");
        _cache.Folder.Discard(name);
        return null;
    }
}
