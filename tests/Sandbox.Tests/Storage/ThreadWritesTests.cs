using HeliosEdge.Sandbox.HostServices.Sql;

namespace HeliosEdge.Sandbox.Tests.Storage;

public sealed class ThreadWritesTests
{
    private const int Bytes = 1 << 20;

    [LinuxFact]
    public void Each_look_sees_what_this_thread_has_written_by_then_and_nothing_of_others()
    {
        using var folder = new TemporaryFolder();
        var before = ThreadWrites.Bytes;
        for (var look = 1; look <= 3; look++)
        {
            Write(folder, $"own{look}");
            ThreadWrites.Bytes.ShouldBeInRange(before + (look * (long)Bytes), before + (look * (long)Bytes) + (Bytes / 2));
        }

        var (after, other) = (ThreadWrites.Bytes, 0L);
        var thread = new Thread(() =>
        {
            Write(folder, "other");
            other = ThreadWrites.Bytes;
        });
        thread.Start();
        thread.Join();

        other.ShouldBeInRange(Bytes, Bytes + (Bytes / 2));
        ThreadWrites.Bytes.ShouldBeLessThan(after + (Bytes / 2));
    }

    private static void Write(TemporaryFolder folder, string name) => File.WriteAllBytes(Path.Combine(folder.Path, name), new byte[Bytes]);
}
