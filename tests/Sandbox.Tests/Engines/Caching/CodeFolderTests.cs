using HeliosEdge.Sandbox.Engines.Caching;

namespace HeliosEdge.Sandbox.Tests.Engines.Caching;

public sealed class CodeFolderTests : IDisposable
{
    private const int Size = 1_000;

    private readonly string _path = Directory.CreateTempSubdirectory("helios-code-folder-").FullName;
    private readonly List<string> _reports = [];

    public void Dispose() => Directory.Delete(_path, recursive: true);

    [Fact]
    public void What_was_used_least_recently_goes_first()
    {
        var folder = Open(3 * Size);
        foreach (var i in new[] { 1, 2, 3 })
        {
            Write(folder, i, Size);
        }

        folder.Read(Name(1))!.Length.ShouldBe(Size);
        Age(2, minutes: 2);
        Age(3, minutes: 1);
        Write(folder, 4, Size);

        Kept().ShouldBe([1, 3, 4]);
        folder.Read(Name(2)).ShouldBeNull();
        _reports.ShouldBeEmpty();
    }

    [Fact]
    public void Reading_is_use()
    {
        var folder = Open(2 * Size);
        Write(folder, 1, Size);
        Write(folder, 2, Size);
        Age(1, minutes: 20);
        Age(2, minutes: 10);

        folder.Read(Name(1));
        Write(folder, 3, Size);

        Kept().ShouldBe([1, 3]);
    }

    [Fact]
    public void A_folder_that_is_too_large_is_brought_within_its_size_when_it_is_opened()
    {
        var ample = Open(10 * Size);
        for (var i = 1; i <= 5; i++)
        {
            Write(ample, i, Size);
            Age(i, minutes: 10 - i);
        }

        Open((2 * Size) + 1);

        Kept().ShouldBe([4, 5]);
    }

    [Fact]
    public void A_file_that_is_being_read_stays_until_it_is_not()
    {
        var folder = Open(2 * Size);
        Write(folder, 1, Size);
        Write(folder, 2, Size);
        Age(1, minutes: 20);
        Age(2, minutes: 10);

        using (new FileStream(folder.PathOf(Name(1)), FileMode.Open, FileAccess.Read, FileShare.Read))
        {
            Write(folder, 3, Size);
            Kept().ShouldBe([1, 3]);
        }

        Write(folder, 4, Size);
        Kept().ShouldBe([3, 4]);
    }

    [Fact]
    public void What_a_writer_that_crashed_left_behind_goes_and_what_one_is_writing_stays()
    {
        var abandoned = Path.Combine(_path, $"{Name(1)}.{Guid.NewGuid():N}");
        var current = Path.Combine(_path, $"{Name(1)}.{Guid.NewGuid():N}");
        var foreign = Path.Combine(_path, "notes.txt");
        foreach (var path in new[] { abandoned, current, foreign })
        {
            File.WriteAllBytes(path, new byte[Size]);
        }

        File.SetLastWriteTimeUtc(abandoned, DateTime.UtcNow.AddHours(-2));
        File.SetLastWriteTimeUtc(foreign, DateTime.UtcNow.AddHours(-2));
        Open(1);

        File.Exists(abandoned).ShouldBeFalse();
        File.Exists(current).ShouldBeTrue();
        File.Exists(foreign).ShouldBeTrue();
    }

    [Fact]
    public void What_is_larger_than_the_folder_is_not_kept_and_said()
    {
        var folder = Open(Size);
        Write(folder, 1, Size);

        Write(folder, 2, Size + 1);

        Kept().ShouldBe([1]);
        _reports.ShouldHaveSingleItem().ShouldContain("1001 bytes is not kept: the cache has 1000 bytes");
    }

    [Fact]
    public void Random_uses_never_leave_more_than_the_size_and_always_the_newest()
    {
        var random = new System.Random(3);
        for (var round = 0; round < 20; round++)
        {
            var most = random.Next(1, 8) * Size;
            var folder = Open(most);
            for (var step = 0; step < 30; step++)
            {
                var file = random.Next(12);
                if (random.Next(2) == 0)
                {
                    folder.Read(Name(file));
                    continue;
                }

                var length = random.Next(1, Size + 1);
                Write(folder, file, length);
                new DirectoryInfo(_path).GetFiles().Sum(kept => kept.Length).ShouldBeLessThanOrEqualTo(most);
                folder.Read(Name(file))!.Length.ShouldBe(length);
            }
        }

        _reports.ShouldBeEmpty();
    }

    [Fact]
    public async Task Many_who_read_write_and_evict_at_once_see_whole_files_only()
    {
        var folders = Enumerable.Range(0, 4).Select(_ => new CodeFolder(_path, 4 * Size, Report)).ToArray();
        var seen = 0;
        await Task.WhenAll(folders.Select((folder, n) => Task.Run(() =>
        {
            var random = new System.Random(n);
            for (var i = 0; i < 200; i++)
            {
                var file = random.Next(8);
                folder.Write(Name(file), Content(file, Size));
                try
                {
                    if (folder.Read(Name(random.Next(8))) is { } bytes)
                    {
                        bytes.ShouldBe(Content(bytes[0], Size));
                        Interlocked.Increment(ref seen);
                    }
                }
                catch (IOException)
                {
                    // Another one was evicting it; a cache then compiles.
                    continue;
                }
            }
        })));

        seen.ShouldBeGreaterThan(0);
        new CodeFolder(_path, 4 * Size, Report).Write(Name(9), Content(9, Size));
        new DirectoryInfo(_path).GetFiles().Sum(file => file.Length).ShouldBeLessThanOrEqualTo(4 * Size);

        void Report(string report)
        {
            lock (_reports)
            {
                _reports.Add(report);
            }
        }
    }

    private static string Name(int file) => file.ToString("x64", System.Globalization.CultureInfo.InvariantCulture);

    private static byte[] Content(int file, int length)
    {
        var bytes = new byte[length];
        bytes.AsSpan().Fill((byte)file);
        return bytes;
    }

    private static void Write(CodeFolder folder, int file, int length) => folder.Write(Name(file), Content(file, length));

    private void Age(int file, int minutes) => File.SetLastWriteTimeUtc(Path.Combine(_path, Name(file)), DateTime.UtcNow.AddMinutes(-minutes));

    private int[] Kept() =>
        [.. Directory.GetFiles(_path).Select(path => Convert.ToInt32(Path.GetFileName(path), 16)).Order()];

    private CodeFolder Open(long maxBytes) => new(_path, maxBytes, _reports.Add);
}
