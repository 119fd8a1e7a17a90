using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using HeliosEdge.Sandbox.Wasi.Files;
using HeliosEdge.Sandbox.Wasi.Files.Bundles;

namespace HeliosEdge.Sandbox.Tests.Wasi.Bundles;

public sealed class BundleReaderTests
{
    private static readonly BundleLimits Limits = new() { MaxArchiveBytes = 1 << 20, MaxFileBytes = 200_000, MaxEntries = 20, MaxPathBytes = 100, MaxDepth = 4 };

    [Fact]
    public void FilesAndFoldersAreWhatWasPacked()
    {
        var tree = BundleReader.Read(Zip.Of(("a/b/c.txt", "deep"), ("empty/", ""), ("top", "ü"), ("a/b/d", "")), Limits);

        (tree.Files, tree.FileBytes).ShouldBe((3, 6));
        Show(tree).ShouldBe(["a/", "a/b/", "a/b/c.txt=deep", "a/b/d=", "empty/", "top=ü"]);
    }

    [Fact]
    public void AnEmptyArchiveIsAnEmptyBundle() => Show(BundleReader.Read(Zip.Of(), Limits)).ShouldBeEmpty();

    [Theory]
    [InlineData("/etc/passwd", "is absolute")]
    [InlineData("../up", "is absolute or has an empty name, . or ..")]
    [InlineData("a/../../up", "is absolute or has an empty name, . or ..")]
    [InlineData("a/..", "is absolute or has an empty name, . or ..")]
    [InlineData("./a", "is absolute or has an empty name, . or ..")]
    [InlineData("a//b", "is absolute or has an empty name, . or ..")]
    [InlineData("/", "is absolute or has an empty name, . or ..")]
    [InlineData("a\\b", "has a backslash")]
    [InlineData("..\\up", "has a backslash")]
    [InlineData("C:/windows", "begins with a drive letter")]
    [InlineData("c:x", "begins with a drive letter")]
    [InlineData("a\nb", "a control character")]
    [InlineData("a\0b", "a control character")]
    [InlineData("1/2/3/4/5/f", "is 5 folders deep; the limit is 4")]
    [InlineData("0123456789/0123456789/0123456789/0123456789/0123456789012345678901234567890123456789012345678901234567890123456789", "has a path of 114 bytes; the limit is 100")]
    public void APathThatIsNotCleanAndRelativeIsRefused(string path, string reason) => Refuses(Zip.Of((path, "x")), reason);

    [Fact]
    public void ANameOfMoreBytesThanAnySystemTakesIsRefused()
    {
        var failure = Should.Throw<SandboxException>(() => BundleReader.Read(Zip.Of((new string('n', 256), "")), new BundleLimits()));
        failure.Code.ShouldBe(ErrorCodes.InvalidBundle);
        failure.Message.ShouldContain("256 bytes; the limit is 255");
        (failure.Limit, failure.Value).ShouldBe((255, 256));
        Should.NotThrow(() => BundleReader.Read(Zip.Of((new string('n', 255), "")), new BundleLimits()));
    }

    [Fact]
    public void AnEntryThatIsThereTwiceIsRefused()
    {
        Refuses(Zip.Of(("a", "1"), ("a", "2")), "\"a\" is there twice");
        Refuses(Zip.Of(("a/", ""), ("a/", "")), "\"a/\" is there twice");
        Refuses(Zip.Of(("a", "1"), ("a/b", "2")), "needs a folder \"a\" where there is a file");
        Refuses(Zip.Of(("a/b", "1"), ("a", "2")), "\"a\" is there twice");
        Show(BundleReader.Read(Zip.Of(("a", "1"), ("A", "2")), Limits)).ShouldBe(["A=2", "a=1"]);
        Show(BundleReader.Read(Zip.Of(("a/b", "1"), ("a/", "")), Limits)).ShouldBe(["a/", "a/b=1"]);
    }

    [Theory]
    [InlineData(0xA1FF, "is a link or a device")]
    [InlineData(0x21B6, "is a link or a device")]
    [InlineData(0x41ED, "is a link or a device")]
    [InlineData(0x81A4, null)]
    [InlineData(0x01A4, null)]
    public void OnlyPlainFilesAreTaken(int mode, string? reason)
    {
        var archive = Zip.With(zip => Zip.Add(zip, "a", "target"u8).ExternalAttributes = mode << 16);
        if (reason is null)
        {
            BundleReader.Read(archive, Limits).Files.ShouldBe(1);
        }
        else
        {
            Refuses(archive, reason);
        }
    }

    [Fact]
    public void AFolderWithContentIsRefused() => Refuses(Zip.Of(("a/", "content")), "is a folder with content");

    [Fact]
    public void ABombIsRefusedBeforeItGoesOff()
    {
        var bomb = Zip.With(zip => Zip.Add(zip, "zeros", new byte[50 << 20]));
        bomb.Length.ShouldBeLessThan(Limits.MaxArchiveBytes);

        var failure = Should.Throw<SandboxException>(() => BundleReader.Read(bomb, Limits));

        failure.Code.ShouldBe(ErrorCodes.BundleTooLarge);
        (failure.Limit, failure.Value).ShouldBe((Limits.MaxFileBytes, 50 << 20));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    [InlineData(0)]
    public void AnEntryThatStatesAnotherLengthThanItHasIsRefused(int stated)
    {
        // In the local header and in the central directory, in that order.
        var archive = Zip.Of(("zeros", new string('0', 150_000)));
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, 150_000);
        while (archive.AsSpan().IndexOf(length) is var at and >= 0)
        {
            BinaryPrimitives.WriteInt32LittleEndian(archive.AsSpan(at), stated);
        }

        Should.Throw<SandboxException>(() => BundleReader.Read(archive, Limits)).Code.ShouldBe(ErrorCodes.InvalidBundle);
    }

    [Fact]
    public void FilesThatShareTheirBytesCountEachForItself()
    {
        // All entries of the central directory lead to one local header: the trick of bombs that do not nest.
        var archive = Zip.With(zip =>
        {
            for (var i = 0; i < 4; i++)
            {
                Zip.Add(zip, $"f{i}", new byte[60_000]);
            }
        });
        for (var at = 0; archive.AsSpan(at).IndexOf("PK\u0001\u0002"u8) is var next and >= 0; at += next + 46)
        {
            archive.AsSpan(at + next + 42, 4).Clear();
        }

        Should.Throw<SandboxException>(() => BundleReader.Read(archive, Limits)).Code
            .ShouldBeOneOf(ErrorCodes.BundleTooLarge, ErrorCodes.InvalidBundle);
    }

    [Fact]
    public void LimitsAreStatedWithTheirValues()
    {
        var archive = Should.Throw<SandboxException>(() => BundleReader.Read(new byte[Limits.MaxArchiveBytes + 1], Limits));
        var entries = Should.Throw<SandboxException>(
            () => BundleReader.Read(Zip.Of([.. Enumerable.Range(0, 21).Select(i => ($"f{i}", ""))]), Limits));
        var folders = Should.Throw<SandboxException>(
            () => BundleReader.Read(Zip.Of([.. Enumerable.Range(0, 6).Select(i => ($"{i}/a/b/c", ""))]), Limits));

        (archive.Code, archive.Limit, archive.Value).ShouldBe((ErrorCodes.BundleTooLarge, 1 << 20, (1 << 20) + 1));
        (entries.Code, entries.Limit, entries.Value).ShouldBe((ErrorCodes.BundleTooLarge, 20, 21));
        var depth = Should.Throw<SandboxException>(() => BundleReader.Read(Zip.Of(("1/2/3/4/5/f", "")), Limits));
        (depth.Code, depth.Limit, depth.Value).ShouldBe((ErrorCodes.InvalidBundle, 4, 5));
        folders.Code.ShouldBe(ErrorCodes.BundleTooLarge, "folders that only paths name count as well");
    }

    [Fact]
    public void WhatIsNoArchiveIsRefused()
    {
        var whole = Zip.Of(("a", "content"));
        Refuses([], "no ZIP archive");
        Refuses("hello"u8.ToArray(), "no ZIP archive");
        Refuses(whole[..^5], "no ZIP archive");
        Refuses(Zip.Replace(whole, "PK\u0001\u0002", "PK\u0001\u0003"), "no ZIP archive");
    }

    [Fact]
    public void DamagedContentIsFound()
    {
        var archive = Zip.With(zip => Zip.Add(zip, "stored", "the content"u8, CompressionLevel.NoCompression));
        Refuses(Zip.Replace(archive, "content", "cOntent"), "length and checksum");
    }

    [Fact]
    public void BytesThatAreNoUtf8InANameAreRefused()
    {
        // The flag for UTF-8 is set by the packer only for names that are not ASCII.
        Refuses(Zip.Replace(Zip.Of(("ä", "x")), "\u00C3\u00A4", "\u00C3\u0041"), "no UTF-8");
    }

    /// <summary>Whatever is fed to it, the reader says yes or names one of its two codes, and what it takes keeps to the limits.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void WhateverIsReadKeepsToTheLimits(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 600; round++)
        {
            var archive = Generate(random);
            for (var change = random.Next(8); change > 0 && archive.Length > 0; change--)
            {
                switch (random.Next(4))
                {
                    case 0:
                        archive[random.Next(archive.Length)] = (byte)random.Next(256);
                        break;
                    case 1:
                        archive[random.Next(archive.Length)] ^= (byte)(1 << random.Next(8));
                        break;
                    case 2:
                        archive = archive[..random.Next(archive.Length + 1)];
                        break;
                    default:
                        var at = random.Next(archive.Length);
                        archive.AsSpan(at, Math.Min(random.Next(1, 9), archive.Length - at)).Fill((byte)(random.Next(2) * 255));
                        break;
                }
            }

            try
            {
                var tree = BundleReader.Read(archive, Limits);
                var shown = Show(tree);
                tree.FileBytes.ShouldBeLessThanOrEqualTo(Limits.MaxFileBytes);
                shown.Count.ShouldBeLessThanOrEqualTo(Limits.MaxEntries);
                shown.Distinct().Count().ShouldBe(shown.Count);
                shown.Count(line => line.Contains('=')).ShouldBe(tree.Files);
            }
            catch (SandboxException e)
            {
                e.Code.ShouldBeOneOf(ErrorCodes.InvalidBundle, ErrorCodes.BundleTooLarge);
            }
        }
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void WhatIsPackedIsWhatIsRead(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
            for (var i = random.Next(8); i > 0; i--)
            {
                var folder = string.Concat(Enumerable.Range(0, random.Next(3)).Select(_ => $"{(char)('a' + random.Next(3))}/"));
                files[$"{folder}f{random.Next(100)}"] = new string((char)random.Next(0x20, 0x7F), random.Next(5_000));
            }

            var tree = BundleReader.Read(Zip.Of([.. files.Select(file => (file.Key, file.Value))]), Limits);

            Show(tree).Where(line => line.Contains('=')).Order(StringComparer.Ordinal)
                .ShouldBe(files.Select(file => $"{file.Key}={file.Value}").Order(StringComparer.Ordinal));
        }
    }

    private static byte[] Generate(Random random)
    {
        string[] names = ["a", "b/", "b/c", "..", "../x", "/y", "a/b", "long/er/path", "é", "x\\y", "."];
        return Zip.With(zip =>
        {
            for (var i = random.Next(6); i > 0; i--)
            {
                var entry = zip.CreateEntry(names[random.Next(random.Next(2) == 0 ? 3 : names.Length)], (CompressionLevel)random.Next(4));
                if (!entry.FullName.EndsWith('/'))
                {
                    using var stream = entry.Open();
                    stream.Write(new byte[random.Next(random.Next(4) == 0 ? 150_000 : 50)]);
                }
            }
        });
    }

    private static void Refuses(byte[] archive, string reason)
    {
        var failure = Should.Throw<SandboxException>(() => BundleReader.Read(archive, Limits));
        failure.Code.ShouldBe(ErrorCodes.InvalidBundle);
        failure.Message.ShouldContain(reason);
    }

    private static List<string> Show(BundleTree tree)
    {
        var lines = new List<string>();
        Walk(tree.Root, "");
        return lines;

        void Walk(DirectoryNode folder, string prefix)
        {
            foreach (var entry in folder.List())
            {
                if (entry.Type == FileType.Directory)
                {
                    lines.Add($"{prefix}{entry.Name}/");
                    Walk(folder.OpenDirectory(entry.Name), $"{prefix}{entry.Name}/");
                    continue;
                }

                var file = folder.OpenFile(entry.Name, new OpenMode(Read: true, Write: false, Create: false, Exclusive: false, Truncate: false));
                var content = new byte[file.GetStatus().Size];
                file.Read(content, 0).ShouldBe(content.Length);
                lines.Add($"{prefix}{entry.Name}={Encoding.UTF8.GetString(content)}");
            }
        }
    }
}
