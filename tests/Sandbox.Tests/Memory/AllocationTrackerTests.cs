using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Sandbox.Memory;

namespace HeliosEdge.Sandbox.Tests.Memory;

public sealed class AllocationTrackerTests
{
    [Fact]
    public void A_block_is_live_until_it_is_given_back()
    {
        var tracker = new AllocationTracker();
        tracker.Register(200, 50);
        tracker.Register(100, 100);
        tracker.Register(250, 1);

        tracker.Live.ToArray().ShouldBe([new(100, 100), new(200, 50), new(250, 1)]);
        tracker.Release(200, 50);
        tracker.Register(200, 20);
        tracker.Live.ToArray().ShouldBe([new(100, 100), new(200, 20), new(250, 1)]);
        (tracker.LiveBytes, tracker.PeakBytes, tracker.Count).ShouldBe((121, 151, 4));
    }

    [Theory]
    [InlineData(100u, 1u)]
    [InlineData(99u, 2u)]
    [InlineData(149u, 100u)]
    [InlineData(50u, 1000u)]
    [InlineData(120u, 10u)]
    public void Overlaps_are_refused(uint pointer, uint size)
    {
        var tracker = new AllocationTracker();
        tracker.Register(100, 50);

        Code(() => tracker.Register(pointer, size)).ShouldBe(ErrorCodes.OverlappingAllocation);
        tracker.LiveBytes.ShouldBe(50);
    }

    [Fact]
    public void Wrong_ways_to_give_back_are_told_apart()
    {
        var tracker = new AllocationTracker();
        tracker.Register(100, 50);

        Code(() => tracker.Release(100, 49)).ShouldBe(ErrorCodes.AllocationSizeMismatch);
        Code(() => tracker.Release(101, 49)).ShouldBe(ErrorCodes.UnknownAllocation);
        tracker.Release(100, 50);
        Code(() => tracker.Release(100, 50)).ShouldBe(ErrorCodes.DoubleFree);
        tracker.Register(100, 10);
        tracker.Release(100, 10);
        tracker.LiveBytes.ShouldBe(0);
    }

    [Fact]
    public void One_block_and_all_together_are_capped()
    {
        var tracker = new AllocationTracker(100, 150);

        var single = Should.Throw<AllocationException>(() => tracker.Register(8, 101));
        (single.Code, single.Limit, single.Value).ShouldBe((ErrorCodes.AllocationTooLarge, 100, 101));
        tracker.Register(8, 100);
        var total = Should.Throw<AllocationException>(() => tracker.Register(1000, 51));
        (total.Code, total.Limit, total.Value).ShouldBe((ErrorCodes.AllocationTotalExceeded, 150, 151));
        tracker.Register(1000, 50);
        Code(() => new AllocationTracker().Admit((16 << 20) + 1)).ShouldBe(ErrorCodes.AllocationTooLarge);
    }

    [Fact]
    public void Any_sequence_of_blocks_ends_as_the_model_says() => Prop.ForAll(
        Gen.Choose(1, 60).SelectMany(pointer => Gen.Choose(1, 8).SelectMany(size => Gen.Elements(true, false).Select(make => (pointer, size, make))))
            .ListOf().ToArbitrary(),
        steps =>
        {
            var tracker = new AllocationTracker();
            var model = new Dictionary<uint, uint>();
            foreach (var (pointer, size, make) in steps.Select(step => ((uint)step.pointer, (uint)step.size, step.make)))
            {
                var accepted = true;
                try
                {
                    if (make)
                    {
                        tracker.Register(pointer, size);
                    }
                    else
                    {
                        tracker.Release(pointer, size);
                    }
                }
                catch (AllocationException)
                {
                    accepted = false;
                }

                if (make)
                {
                    var free = model.All(block => block.Key + block.Value <= pointer || pointer + size <= block.Key);
                    accepted.ShouldBe(free);
                    if (free)
                    {
                        model.Add(pointer, size);
                    }
                }
                else
                {
                    var known = model.TryGetValue(pointer, out var actual) && actual == size;
                    accepted.ShouldBe(known);
                    if (known)
                    {
                        model.Remove(pointer);
                    }
                }

                tracker.LiveBytes.ShouldBe(model.Values.Sum(value => value));
            }

            tracker.Live.ToArray().ShouldBe(model.OrderBy(block => block.Key).Select(block => new TrackedBlock(block.Key, block.Value)));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void An_allocator_that_hands_out_a_block_twice_is_caught_before_the_block_is_touched()
    {
        var guest = new ModelGuest(new byte[1000]) { Allocator = (_, _) => 100, Deallocator = (_, _) => { } };
        var tracker = new AllocationTracker();
        var memory = new GuestMemory(guest, tracker: tracker);

        memory.Allocate(50).ShouldBe(100u);
        memory.WriteBytes(100, [1, 2, 3]);
        Code(() => memory.Allocate(10)).ShouldBe(ErrorCodes.OverlappingAllocation);
        guest.Bytes[100].ShouldBe((byte)1);
        memory.Deallocate(100, 50);
        Code(() => memory.Deallocate(100, 50)).ShouldBe(ErrorCodes.DoubleFree);
    }

    [Fact]
    public void A_guest_is_not_asked_for_what_it_may_not_have()
    {
        var asked = 0;
        var guest = new ModelGuest(new byte[1000]) { Allocator = (_, _) => { asked++; return 8; } };

        Code(() => new GuestMemory(guest, tracker: new AllocationTracker(100, 100)).Allocate(101)).ShouldBe(ErrorCodes.AllocationTooLarge);
        asked.ShouldBe(0);
    }

    private static string Code(Action act) => Should.Throw<AllocationException>(act).Code;
}
