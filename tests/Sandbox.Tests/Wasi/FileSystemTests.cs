using HeliosEdge.Sandbox.Wasi;

namespace HeliosEdge.Sandbox.Tests.Wasi;

public sealed class FileSystemTests
{
    private static readonly string[] Escapes = ["/absolute", "/relative", "/sub/relative", "/sub/../../secret", "/../secret", "/sub/link/secret"];

    [Fact]
    public void AProgramOfTheCLibraryUsesFilesInMemory()
    {
        var outcome = WasiRun.Of(Guests.Bytes("wasi_files"), new WasiOptions { MemoryFileSystemBytes = 8 << 20 });

        outcome.Error.ShouldBeEmpty();
        outcome.Output.ShouldBe("all as it should be\n");
        outcome.ExitCode.ShouldBe(0);
    }

    [Fact]
    public void AProgramOfTheCLibraryUsesADirectoryOfTheHost()
    {
        using var scratch = new ScratchDirectory();
        var outcome = WasiRun.Of(Guests.Bytes("wasi_files"), new WasiOptions { HostDirectories = [new("/", scratch.Path)] });

        outcome.Error.ShouldBeEmpty();
        outcome.ExitCode.ShouldBe(0);
        File.ReadAllBytes(scratch.Combine("work/large")).ShouldAllBe(value => value == (byte)'x');
        Directory.GetFiles(scratch.Combine("work/deep")).Length.ShouldBe(300);
    }

    [Fact]
    public void AFileSystemInMemoryIsBounded()
    {
        var outcome = WasiRun.Of(Guests.Bytes("wasi_files"), new WasiOptions { MemoryFileSystemBytes = 2 << 20 });

        outcome.ExitCode.ShouldBe(1);
        outcome.Error.ShouldContain("fwrite(block");
        outcome.Error.ShouldContain("No space left on device");
    }

    [Fact]
    public void WithoutADirectoryNoFileIsFound()
    {
        var outcome = WasiRun.Of(Guests.Bytes("wasi_escape"), new WasiOptions { Arguments = ["escape", "/etc/passwd", "/", "."] });

        outcome.Lines.ShouldAllBe(line => !line.Contains(": opened") && !line.Contains(": found") && !line.Contains(": made"));
    }

    [Fact]
    public void NoPathLeadsOutOfADirectory()
    {
        using var outer = new ScratchDirectory();
        var inner = outer.Combine("inner");
        Directory.CreateDirectory(Path.Combine(inner, "sub"));
        File.WriteAllText(outer.Combine("secret"), "secret");
        File.WriteAllText(Path.Combine(inner, "inside"), "");
        File.CreateSymbolicLink(Path.Combine(inner, "absolute"), outer.Combine("secret"));
        File.CreateSymbolicLink(Path.Combine(inner, "relative"), "../secret");
        File.CreateSymbolicLink(Path.Combine(inner, "sub/relative"), "../../secret");
        File.CreateSymbolicLink(Path.Combine(inner, "sub/link"), outer.Path);
        File.CreateSymbolicLink(Path.Combine(inner, "loop"), "loop");
        File.CreateSymbolicLink(Path.Combine(inner, "sub/back"), "../sub/../inside");

        var outcome = WasiRun.Of(
            Guests.Bytes("wasi_escape"),
            new WasiOptions { Arguments = ["escape", .. Escapes, "/loop", "/sub/back"], HostDirectories = [new("/", inner)] });

        var expected = Escapes.SelectMany(path => new[] { $"open {path}: Operation not permitted", $"stat {path}: Operation not permitted" });
        outcome.Lines.ShouldBe(
        [
            .. expected,
            "open /loop: Symbolic link loop",
            "stat /loop: Symbolic link loop",
            "open /sub/back: opened",
            "stat /sub/back: found",
            "symlink: Operation not permitted",
            "rename: Operation not permitted",
        ]);
        File.Exists(Path.Combine(inner, "inside")).ShouldBeTrue();
    }

    [Fact]
    public void ADirectoryThatIsNotThereIsNamed()
    {
        var failure = Should.Throw<SandboxException>(() => new WasiProcess(new WasiOptions { HostDirectories = [new("/", "/no/such/directory")] }));

        failure.Code.ShouldBe(ErrorCodes.InvalidParameter);
        failure.Message.ShouldContain("\"/no/such/directory\"");
        failure.Message.ShouldContain("NoEntry");
    }
}
