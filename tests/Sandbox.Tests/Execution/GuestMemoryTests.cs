using HeliosEdge.Sandbox.Execution;

namespace HeliosEdge.Sandbox.Tests.Execution;

public sealed class GuestMemoryTests
{
    private readonly Clock _clock = new();
    private readonly GuestMemory _memory;
    private readonly List<string> _events = [];

    public GuestMemoryTests() => _memory = new GuestMemory(100, _clock);

    [Fact]
    public void Guests_start_while_they_fit_and_the_others_once_there_is_room()
    {
        Enter("a", 60);
        Enter("b", 60);
        Enter("c", 40);
        _events.ShouldBe(["a", "c"]);

        _memory.Leave(40);
        _events.ShouldBe(["a", "c"]);
        _memory.Leave(60);

        _events.ShouldBe(["a", "c", "b"]);
        (_memory.Used, _memory.Waiting).ShouldBe((60, 0));
    }

    [Fact]
    public void One_that_is_passed_by_is_not_passed_by_for_ever()
    {
        Enter("a", 60);
        Enter("b", 60);
        _clock.Now += 1_001;

        Enter("c", 10);

        _events.ShouldBe(["a"]);
        _memory.Leave(60);
        _events.ShouldBe(["a", "b", "c"]);
    }

    [Fact]
    public async Task One_whose_patience_ends_is_told_what_the_others_had()
    {
        Enter("a", 90);
        var late = new Claim("late", 20, _events) { Patience = TimeSpan.Zero };

        _memory.TryEnter(late).ShouldBeTrue();

        (await late.Ended.WaitAsync(TimeSpan.FromMinutes(1))).ShouldBe(90);
        _memory.Waiting.ShouldBe(0);
        _memory.Leave(90);
        _memory.Used.ShouldBe(0);
        _events.ShouldBe(["a"]);
    }

    [Fact]
    public void Not_more_than_a_number_wait()
    {
        Enter("a", 100);
        for (var i = 0; i < GuestMemory.MaxWaiting; i++)
        {
            _memory.TryEnter(new Claim("w", 1, _events)).ShouldBeTrue();
        }

        _memory.TryEnter(new Claim("one more", 1, _events)).ShouldBeFalse();
        _memory.Leave(100);
        (_memory.Used, _memory.Waiting).ShouldBe((100, GuestMemory.MaxWaiting - 100));
    }

    [Fact]
    public void What_never_fits_is_an_error() => Should.Throw<ArgumentException>(() => _memory.TryEnter(new Claim("a", 101, _events)));

    [Fact]
    public async Task However_many_come_at_once_no_more_than_fits_is_ever_used()
    {
        var memory = new GuestMemory(1_000);
        long used = 0, most = 0, ended = 0;
        await Parallel.ForAsync(0, 900, async (i, _) =>
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            memory.TryEnter(new Claim("x", 1 + (i % 300), []) { Patience = TimeSpan.FromMinutes(1), Begun = done.SetResult }).ShouldBeTrue();
            await done.Task;
            var now = Interlocked.Add(ref used, 1 + (i % 300));
            InterlockedMax(ref most, now);
            await Task.Yield();
            Interlocked.Add(ref used, -(1 + (i % 300)));
            Interlocked.Increment(ref ended);
            memory.Leave(1 + (i % 300));
        });

        ended.ShouldBe(900);
        most.ShouldBeInRange(1, 1_000);
        (memory.Used, memory.Waiting).ShouldBe((0, 0));
    }

    private static void InterlockedMax(ref long most, long value)
    {
        long seen;
        while (value > (seen = Volatile.Read(ref most)) && Interlocked.CompareExchange(ref most, value, seen) != seen)
        {
        }
    }

    private void Enter(string name, long bytes) => _memory.TryEnter(new Claim(name, bytes, _events)).ShouldBeTrue();

    private sealed class Clock : TimeProvider
    {
        public long Now { get; set; }

        public override long TimestampFrequency => 1_000;

        public override long GetTimestamp() => Now;
    }

    private sealed class Claim(string name, long bytes, List<string> events) : IMemoryClaim
    {
        private readonly TaskCompletionSource<long> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long MemoryBytes => bytes;

        public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);

        public Action? Begun { get; init; }

        public Task<long> Ended => _ended.Task;

        public void Begin()
        {
            if (Begun is not null)
            {
                Begun();
            }
            else
            {
                events.Add(name);
            }
        }

        public void GiveUp(long used) => _ended.SetResult(used);
    }
}
