using System.Buffers;
using System.Text;
using HeliosEdge.Sandbox.Abi.Wasi;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Security;
using HeliosEdge.Sandbox.Wasi;
using HeliosEdge.Sandbox.Wasi.Files.Bundles;

namespace HeliosEdge.Sandbox.Tests.Wasi.Bundles;

public sealed class BundleMountTests
{
    private static readonly BundleTree Site = BundleReader.Read(
        Zip.Of(("pages/index.html", "hello"), ("pages/more/", ""), ("robots.txt", "no")), new BundleLimits());

    [Fact]
    public void AGuestReadsABundleAndChangesNothing()
    {
        string[] expected =
        [
            "open: done",
            "5 hello",
            "seek: done",
            "4 at the end",
            "fstat: done",
            "5 1",
            "ftruncate: Capabilities insufficient",
            "futimens: Read-only file system",
            "./ ../ index.html more/ ",
            "write: Read-only file system",
            "truncate: Read-only file system",
            "create again: done",
            "create exclusively: File exists",
            "create: Read-only file system",
            "mkdir: Read-only file system",
            "symlink: Read-only file system",
            "rename: Read-only file system",
            "link: Read-only file system",
            "unlink: Read-only file system",
            "unlink new: No such file or directory",
            "rmdir: Read-only file system",
            "move out: Read-only file system",
            "escape: Operation not permitted",
        ];

        for (var call = 0; call < 2; call++)
        {
            Run("edge").ShouldBe(expected);
        }
    }

    [Fact]
    public void WithoutTheCapabilityThereIsNoBundle() => Run("compute").ShouldBe(["open: No such file or directory"]);

    [Fact]
    public void ManyGuestsReadTheSameTreeAtOnce()
    {
        var first = Run("edge");
        Parallel.For(0, 16, _ => Run("edge").ShouldBe(first));
    }

    [Fact]
    public void AProgramRunsOnABundleAsOnAnyDirectory()
    {
        var outcome = WasiRun.Of(Guests.Bytes("wasi_escape"), new WasiOptions
        {
            Arguments = ["escape", "/robots.txt", "/pages/../robots.txt", "/pages/more", "/../robots.txt", "/none"],
            Bundles = [new("/", Site)],
        });

        outcome.Lines.ShouldBe(
        [
            "open /robots.txt: opened", "stat /robots.txt: found",
            "open /pages/../robots.txt: opened", "stat /pages/../robots.txt: found",
            "open /pages/more: opened", "stat /pages/more: found",
            "open /../robots.txt: Operation not permitted", "stat /../robots.txt: Operation not permitted",
            "open /none: No such file or directory", "stat /none: No such file or directory",
            "symlink: Operation not permitted", "rename: Operation not permitted",
        ]);
    }

    private static string[] Run(string profile)
    {
        using var module = Guests.Compile("wasi_bundle");
        var limits = new ResourceLimits { TimeoutMs = 30_000 };
        var scope = new SandboxScope(
            "reader",
            "eu-west",
            SecurityProfile.Resolve(profile, []),
            limits,
            new HostServiceSet(),
            new GuestSettings { Arguments = ["/site/pages/index.html", "/site/pages"], Bundles = [new("/site", Site)] });
        var response = new ArrayBufferWriter<byte>();
        new WasiAbi().Invoke(module, "_start", default, limits, response, scope);
        return Encoding.UTF8.GetString(response.WrittenSpan).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
