using System.Runtime.CompilerServices;
using HeliosEdge.Grains.Bundles;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Wasi.Files.Bundles;

namespace HeliosEdge.Grains.Tests.Bundles;

public sealed class BundleCacheTests
{
    [Fact]
    public async Task However_many_ask_at_once_a_bundle_is_unpacked_once()
    {
        var cache = new BundleCache(1 << 20);
        var unpacked = 0;
        var gate = new TaskCompletionSource();

        var asked = Enumerable.Range(0, 20).Select(_ => cache.GetAsync("a", async () =>
        {
            Interlocked.Increment(ref unpacked);
            await gate.Task;
            return Tree("a");
        })).ToArray();
        gate.SetResult();
        var trees = await Task.WhenAll(asked);

        unpacked.ShouldBe(1);
        trees.ShouldAllBe(tree => ReferenceEquals(tree, trees[0]));
    }

    [Fact]
    public async Task What_was_used_least_recently_goes_first()
    {
        var size = Tree("x").MemoryBytes;
        var cache = new BundleCache(2 * size);
        var unpacked = new List<string>();

        await Use("a");
        await Use("b");
        await Use("a");
        await Use("c");
        cache.KeptBytes.ShouldBe(2 * size);
        Collect();
        await Use("a");
        await Use("b");

        unpacked.ShouldBe(["a", "b", "c", "b"]);

        // The tree must not stay in a local of the test, or nothing could be collected.
        [MethodImpl(MethodImplOptions.NoInlining)]
        async Task Use(string hash) => await cache.GetAsync(hash, () =>
        {
            unpacked.Add(hash);
            return Task.FromResult(Tree(hash));
        });
    }

    [Fact]
    public async Task A_tree_that_somebody_holds_is_not_unpacked_again()
    {
        var cache = new BundleCache(maxBytes: 0);

        var held = await cache.GetAsync("a", () => Task.FromResult(Tree("a")));
        Collect();
        var again = await cache.GetAsync("a", () => throw new InvalidOperationException("It is in memory."));

        again.ShouldBeSameAs(held);
        cache.KeptBytes.ShouldBe(0);
        GC.KeepAlive(held);
    }

    [Fact]
    public async Task A_bundle_that_failed_to_unpack_is_tried_again()
    {
        var cache = new BundleCache(1 << 20);

        await Should.ThrowAsync<SandboxException>(
            () => cache.GetAsync("a", () => throw new SandboxException(ErrorCodes.InvalidBundle, "No.")));

        (await cache.GetAsync("a", () => Task.FromResult(Tree("a")))).Files.ShouldBe(1);
    }

    private static BundleTree Tree(string name) => BundleReader.Read(Zip.Of((name, new string('x', 1_000))), new BundleLimits());

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }
}
