using HeliosEdge.Grains.Abstractions.Bundles;
using HeliosEdge.Grains.Modules;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Wasi.Files.Bundles;

namespace HeliosEdge.Grains.Bundles;

/// <summary>Takes bundles in, looks them up and has them unpacked.</summary>
public sealed class BundleRegistry(IBundleStore store, BundleCache cache, BundleLimits limits)
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
        var bundle = new BundleDescription { Hash = hash, Size = archive.Length, Files = tree.Files, FileBytes = tree.FileBytes };
        return (bundle, await store.AddAsync(bundle, archive).ConfigureAwait(false));
    }

    /// <summary>Describes a stored bundle.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.BundleNotFound"/>.</exception>
    public async Task<BundleDescription> FindAsync(string hash) =>
        await store.FindAsync(hash).ConfigureAwait(false)
            ?? throw new SandboxException(ErrorCodes.BundleNotFound, $"No bundle {hash} is stored; upload it first.");

    /// <summary>The files of a stored bundle.</summary>
    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.BundleNotFound"/>; <see cref="ErrorCodes.InvalidBundle"/>: what is stored is not what was uploaded.
    /// </exception>
    public Task<BundleTree> OpenAsync(string hash) => cache.GetAsync(hash, async () =>
    {
        if (await store.ReadAsync(hash).ConfigureAwait(false) is not { } archive)
        {
            throw new SandboxException(ErrorCodes.BundleNotFound, $"No bundle {hash} is stored here.");
        }

        // The store's medium may have rotted, or somebody may have written to it behind our back.
        return ModuleHash.Of(archive) == hash
            ? BundleReader.Read(archive, Limits)
            : throw new SandboxException(ErrorCodes.InvalidBundle, $"What is stored as the bundle {hash} has another SHA-256.");
    });
}
