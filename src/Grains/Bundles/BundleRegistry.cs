using HeliosEdge.Grains.Abstractions.Bundles;
using HeliosEdge.Grains.Modules;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Wasi.Files.Bundles;

namespace HeliosEdge.Grains.Bundles;

/// <summary>Takes bundles in, looks them up and has them unpacked.</summary>
public sealed class BundleRegistry(IBundleStore store, IBundleSource elsewhere, BundleCache cache, BundleLimits limits)
{
    /// <summary>What a bundle may be at most.</summary>
    public BundleLimits Limits { get; } = limits;

    /// <summary>Unpacks a bundle to see that it can be, and stores it.</summary>
    /// <returns>The bundle, and whether it is new.</returns>
    /// <exception cref="SandboxException">As <see cref="BundleReader.Read"/>; nothing is stored.</exception>
    public async Task<(BundleDescription Bundle, bool IsNew)> AddAsync(ReadOnlyMemory<byte> archive)
    {
        var hash = ModuleHash.Of(archive.Span);
        var tree = await cache.GetAsync(hash, () => Task.FromResult(BundleReader.Read(archive, Limits))).ConfigureAwait(false);
        var bundle = Describe(hash, archive.Length, tree);
        return (bundle, await store.AddAsync(bundle, archive).ConfigureAwait(false));
    }

    /// <summary>Describes a stored bundle.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.BundleNotFound"/>.</exception>
    public async Task<BundleDescription> FindAsync(string hash) =>
        await store.FindAsync(hash).ConfigureAwait(false)
            ?? throw Missing(hash);

    /// <summary>Sees to it that a bundle is stored here: one that is not is taken from where it can be had.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.BundleNotFound"/>; or as <see cref="AddAsync"/>.</exception>
    public async Task RequireAsync(string hash)
    {
        if (await store.FindAsync(hash).ConfigureAwait(false) is null)
        {
            await AddAsync(await elsewhere.FetchAsync(hash).ConfigureAwait(false) ?? throw Missing(hash)).ConfigureAwait(false);
        }
    }

    /// <summary>The files of a bundle; one that is not stored here is taken from where it can be had, and stored.</summary>
    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.BundleNotFound"/>; <see cref="ErrorCodes.InvalidBundle"/>: what is stored is not what was uploaded.
    /// </exception>
    public Task<BundleTree> OpenAsync(string hash) => cache.GetAsync(hash, async () =>
    {
        var stored = await store.ReadAsync(hash).ConfigureAwait(false);
        if ((stored ?? await elsewhere.FetchAsync(hash).ConfigureAwait(false)) is not { } archive)
        {
            throw new SandboxException(ErrorCodes.BundleNotFound, $"No bundle {hash} is stored here.");
        }

        // The store's medium may have rotted, or somebody may have written to it behind our back.
        var tree = ModuleHash.Of(archive) == hash
            ? BundleReader.Read(archive, Limits)
            : throw new SandboxException(ErrorCodes.InvalidBundle, $"What is stored as the bundle {hash} has another SHA-256.");
        if (stored is null)
        {
            await store.AddAsync(Describe(hash, archive.Length, tree), archive).ConfigureAwait(false);
        }

        return tree;
    });

    private static BundleDescription Describe(string hash, int size, BundleTree tree) =>
        new() { Hash = hash, Size = size, Files = tree.Files, FileBytes = tree.FileBytes };

    private static SandboxException Missing(string hash) => new(ErrorCodes.BundleNotFound, $"No bundle {hash} is stored; upload it first.");
}
