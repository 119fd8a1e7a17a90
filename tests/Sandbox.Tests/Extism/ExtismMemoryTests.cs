using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Sandbox.Abi.Extism;

namespace HeliosEdge.Sandbox.Tests.Extism;

public sealed class ExtismMemoryTests
{
    [Fact]
    public void Blocks_are_zeroed_apart_from_each_other_and_of_their_length() => Prop.ForAll<(ushort Size, byte Choice)[]>(steps =>
    {
        const int Limit = 1 << 20;
        using var memory = new ExtismMemory(Limit);
        var live = new List<(ulong Address, int Length, byte Fill)>();
        foreach (var (size, choice) in steps)
        {
            if (choice % 3 == 0 && live.Count > 0)
            {
                var (address, length, _) = live[choice % live.Count];
                live.RemoveAt(choice % live.Count);
                memory.Free(address);
                memory.LengthOf(address).ShouldBe(0);
                memory.Contains(address, (ulong)length).ShouldBeTrue("freed memory can still be reached");
                continue;
            }

            var made = memory.Allocate(size);
            if (made == 0)
            {
                (size == 0 || memory.AllocationRefused).ShouldBeTrue();
                continue;
            }

            memory.LengthOf(made).ShouldBe(size);
            memory.View(made, size).ToArray().ShouldAllBe(value => value == 0);
            memory.View(made, size).Fill(choice);
            live.Add((made, size, choice));
        }

        foreach (var (address, length, fill) in live)
        {
            memory.BlockAt(address).Length.ShouldBe(length);
            memory.BlockAt(address).ContainsAnyExcept(fill).ShouldBeFalse("no other block lies over this one");
        }

        memory.LiveBytes.ShouldBe(live.Sum(block => (long)block.Length));
        memory.Length.ShouldBeLessThanOrEqualTo(Limit);
        memory.Reset();
        memory.LiveBytes.ShouldBe(0);
        memory.Length.ShouldBe(memory.Length / 65_536 * 65_536);
        if (memory.Length > 0)
        {
            memory.View(ExtismMemory.FirstAddress, (int)(memory.Length - (long)ExtismMemory.FirstAddress)).ContainsAnyExcept((byte)0).ShouldBeFalse();
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Fact]
    public void What_is_not_within_the_memory_is_not_contained_however_the_numbers_wrap()
    {
        using var memory = new ExtismMemory(1 << 20);
        memory.Contains(ExtismMemory.FirstAddress, 1).ShouldBeFalse("there is none yet");
        memory.Allocate(1);

        memory.Contains(ExtismMemory.FirstAddress, 65_536 - 64).ShouldBeTrue();
        memory.Contains(65_536, 0).ShouldBeTrue();
        memory.Contains(ExtismMemory.FirstAddress, 65_536 - 63).ShouldBeFalse();
        memory.Contains(ExtismMemory.FirstAddress - 1, 1).ShouldBeFalse();
        memory.Contains(65_535, 2).ShouldBeFalse();
        memory.Contains(65_537, 0).ShouldBeFalse();
        memory.Contains(ulong.MaxValue, 1).ShouldBeFalse();
        memory.Contains(ulong.MaxValue, 2).ShouldBeFalse();
        memory.Contains(128, ulong.MaxValue).ShouldBeFalse();
        memory.Contains(128, ulong.MaxValue - 127).ShouldBeFalse();
    }

    [Fact]
    public void A_block_is_not_used_again_while_there_is_other_room()
    {
        using var memory = new ExtismMemory(1 << 20);
        var first = memory.Add("key"u8);
        memory.Free(first);

        memory.Add("value"u8).ShouldNotBe(first, "kits free what a host function has freed already");
        memory.Free(first);
        memory.LiveBytes.ShouldBe(5);
    }

    [Fact]
    public void Sizes_beyond_all_limits_are_refused()
    {
        using var memory = new ExtismMemory(1 << 20);

        foreach (var size in new ulong[] { 1UL << 20, (1UL << 20) + 1, int.MaxValue, uint.MaxValue, long.MaxValue, ulong.MaxValue })
        {
            memory.Allocate(size).ShouldBe(0UL);
        }

        memory.AllocationRefused.ShouldBeTrue();
        memory.Allocate(1_000_000).ShouldNotBe(0UL);
        new ExtismMemory(long.MaxValue).Allocate(ulong.MaxValue).ShouldBe(0UL);
    }

    [Fact]
    public void Nothing_that_another_invocation_left_can_be_read()
    {
        for (var i = 0; i < 50; i++)
        {
            using var memory = new ExtismMemory(1 << 20);
            memory.Allocate(1);
            memory.View(ExtismMemory.FirstAddress, 65_536 - 64).ContainsAnyExcept((byte)0).ShouldBeFalse();
            memory.View(ExtismMemory.FirstAddress, 65_536 - 64).Fill(0xA5);
            memory.Allocate(200_000);
            memory.View(65_536, (int)memory.Length - 65_536).ContainsAnyExcept((byte)0).ShouldBeFalse();
            memory.View(65_536, (int)memory.Length - 65_536).Fill(0xA5);
        }
    }
}
