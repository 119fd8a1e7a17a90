using System.Numerics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Memory;

namespace HeliosEdge.Sandbox.Tests.Memory;

public sealed class GuestMemoryTests
{
    private const int Size = 4096;

    private static readonly Gen<uint> Numbers = Gen.OneOf(
        Gen.Choose(0, Size + 16).Select(value => (uint)value),
        Gen.Choose(-64, 64).Select(value => (uint)value),
        Gen.Choose(-64, 64).Select(value => (uint)(Size + value)),
        Gen.Choose(-64, 64).Select(value => (uint)(int.MaxValue + (long)value)),
        Gen.Choose(int.MinValue, int.MaxValue).Select(value => (uint)value));

    private static readonly Arbitrary<(uint Pointer, uint Length)> Places =
        Arb.From(from pointer in Numbers from length in Numbers select (pointer, length));

    [Fact]
    public void Reads_are_what_the_model_says_for_every_pointer_and_length() => Prop.ForAll(Places, place =>
    {
        var guest = Filled();
        var memory = new GuestMemory(guest);
        Outcome(() => memory.ReadBytes(place.Pointer, place.Length), out var read).ShouldBe(Expected(place.Pointer, place.Length));
        if (read is not null)
        {
            read.ShouldBe(guest.Bytes.Skip((int)place.Pointer).Take((int)place.Length).ToArray());
        }
    }).Check(Thorough);

    [Fact]
    public void Writes_change_what_the_model_says_and_nothing_else() => Prop.ForAll(Places, place =>
    {
        var guest = Filled();
        var before = guest.Bytes.ToArray();
        var bytes = Enumerable.Repeat((byte)0xEE, (int)Math.Min(place.Length, Size + 100)).ToArray();
        var expected = Expected(place.Pointer, (uint)bytes.Length);
        Outcome(() => { new GuestMemory(guest).WriteBytes(place.Pointer, bytes); return bytes; }, out _).ShouldBe(expected);
        if (expected is null)
        {
            bytes.CopyTo(before, (int)place.Pointer);
        }

        guest.Bytes.ShouldBe(before);
    }).Check(Thorough);

    [Fact]
    public void Values_are_aligned_within_bounds_and_come_back() => Prop.ForAll(Places, place =>
    {
        var guest = Filled();
        var memory = new GuestMemory(guest);
        var value = BitConverter.UInt64BitsToDouble(((ulong)place.Length << 32) | place.Pointer);
        var expected = place.Pointer % 8 != 0 ? ErrorCodes.Misaligned : Expected(place.Pointer, 8);
        Outcome(() => { memory.Write(place.Pointer, value); return Array.Empty<byte>(); }, out _).ShouldBe(expected);
        if (expected is null)
        {
            BitConverter.DoubleToInt64Bits(memory.Read<double>(place.Pointer)).ShouldBe(BitConverter.DoubleToInt64Bits(value));
        }

        Outcome(() => BitConverter.GetBytes(memory.Read<short>(place.Pointer)), out _)
            .ShouldBe(place.Pointer % 2 != 0 ? ErrorCodes.Misaligned : Expected(place.Pointer, 2));
        Outcome(() => [memory.Read<byte>(place.Pointer)], out _).ShouldBe(Expected(place.Pointer, 1));
    }).Check(Thorough);

    [Fact]
    public void Allocated_blocks_lie_within_the_memory_whatever_the_allocator_says() => Prop.ForAll(Places, place =>
    {
        var guest = new ModelGuest(Filled().Bytes) { Allocator = (_, _) => (int)place.Pointer };
        var size = Math.Min(place.Length, 1_000_000);
        var expected = place.Pointer == 0 && size > 0 ? ErrorCodes.AllocationFailed : Expected(place.Pointer, size);
        Outcome(() => { new GuestMemory(guest).Allocate(size); return []; }, out _).ShouldBe(expected);
        if (expected is null)
        {
            guest.Bytes.AsSpan((int)place.Pointer, (int)size).ContainsAnyExcept((byte)0).ShouldBeFalse();
        }
    }).Check(Thorough);

    [Fact]
    public void Any_text_survives_the_way_through_the_guest() => Prop.ForAll<string>(text =>
    {
        text ??= string.Empty;
        var guest = new ModelGuest(new byte[Size]);
        var memory = new GuestMemory(guest);
        text = string.Concat(text.EnumerateRunes());
        var written = memory.WriteString(16, 4000, text);
        written.ShouldBe(Encoding.UTF8.GetByteCount(text));
        memory.ReadString(16, (uint)written).ShouldBe(text);
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(new byte[] { 0xC0, 0x80 })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData(new byte[] { 0xF4, 0x90, 0x80, 0x80 })]
    [InlineData(new byte[] { 0x41, 0xE2, 0x82 })]
    [InlineData(new byte[] { 0xFF })]
    public void What_is_no_strict_utf8_is_refused(byte[] bytes)
    {
        var memory = new GuestMemory(new ModelGuest(new byte[Size]));
        memory.WriteBytes(8, bytes);

        Code(() => memory.ReadString(8, (uint)bytes.Length)).ShouldBe(ErrorCodes.InvalidUtf8);
        Code(() => memory.WriteString(8, 100, "\ud800")).ShouldBe(ErrorCodes.InvalidUtf8);
    }

    [Fact]
    public void Strings_are_capped_before_they_are_read()
    {
        var memory = new GuestMemory(new ModelGuest(new byte[GuestMemory.DefaultMaxStringBytes * 2]));

        memory.ReadString(1, GuestMemory.DefaultMaxStringBytes).Length.ShouldBe(GuestMemory.DefaultMaxStringBytes);
        var refused = Should.Throw<GuestMemoryException>(() => memory.ReadString(1, GuestMemory.DefaultMaxStringBytes + 1));
        (refused.Code, refused.Limit, refused.Value).ShouldBe((ErrorCodes.StringTooLarge, 65_536, 65_537));
        Code(() => memory.ReadString(1, uint.MaxValue)).ShouldBe(ErrorCodes.StringTooLarge);
        Code(() => memory.WriteString(1, 3, "four")).ShouldBe(ErrorCodes.StringTooLarge);
    }

    [Fact]
    public void Bulk_values_are_all_or_nothing()
    {
        var memory = new GuestMemory(new ModelGuest(new byte[Size]));
        Span<int> read = stackalloc int[3];

        memory.Write<int>(Size - 12, [1, 2, 3]);
        memory.Read(Size - 12, read);
        read.ToArray().ShouldBe([1, 2, 3]);
        Code(() => memory.Write<int>(Size - 8, [7, 8, 9])).ShouldBe(ErrorCodes.OutOfBounds);
        memory.Read<int>(Size - 8).ShouldBe(2);
        Code(() => memory.Write<int>(Size - 10, [7])).ShouldBe(ErrorCodes.Misaligned);
    }

    [Fact]
    public void What_the_guest_does_not_export_is_named()
    {
        Code(() => new GuestMemory(new ModelGuest([]) { HasMemory = false }).Read<byte>(1)).ShouldBe(ErrorCodes.MemoryNotFound);
        Code(() => new GuestMemory(Filled()).Allocate(1)).ShouldBe(ErrorCodes.AllocatorNotFound);
        Code(() => new GuestMemory(Filled()).Deallocate(8, 1)).ShouldBe(ErrorCodes.DeallocatorNotFound);
    }

    [Fact]
    public void The_size_is_taken_anew_after_the_allocator_ran()
    {
        var grows = new ModelGuest(new byte[100]) { Allocator = (guest, _) => { guest.Bytes = new byte[200]; return 150; } };
        var shrinks = new ModelGuest(new byte[200]) { Allocator = (guest, _) => { guest.Bytes = new byte[100]; return 150; } };

        var memory = new GuestMemory(grows);
        memory.Allocate(50).ShouldBe(150u);
        memory.WriteBytes(150, new byte[50]);
        Code(() => new GuestMemory(shrinks).Allocate(10)).ShouldBe(ErrorCodes.OutOfBounds);
    }

    [Fact]
    public void A_real_guest_gives_and_takes_blocks()
    {
        using var module = Guests.Compile("echo");
        using var instance = module.Instantiate(new InstanceLimits(8 << 20, 1_000, TimeSpan.FromSeconds(30)));
        var memory = new GuestMemory(instance);

        var pointer = memory.Allocate(100_000);
        memory.Length.ShouldBeGreaterThan(100_000);
        memory.Write(pointer, 0x1122_3344);
        memory.ReadBytes(pointer, 4).ShouldBe([0x44, 0x33, 0x22, 0x11]);
        memory.Deallocate(pointer, 100_000);
        Code(() => memory.Deallocate(pointer, uint.MaxValue)).ShouldBe(ErrorCodes.OutOfBounds);
        Code(() => memory.Allocate(64 << 20)).ShouldBe(ErrorCodes.AllocationFailed);
    }

    [Fact]
    public void The_third_violation_ends_the_invocation_and_all_are_counted()
    {
        var ledger = new EscapeLedger();
        var memory = new GuestMemory(Filled(), new EscapeDetector("thumb", "eu", ledger));

        Code(() => memory.Read<byte>(0)).ShouldBe(ErrorCodes.NullPointer);
        Code(() => memory.ReadString(8, 70_000)).ShouldBe(ErrorCodes.StringTooLarge);
        Code(() => memory.Read<int>(3)).ShouldBe(ErrorCodes.Misaligned);
        var ended = Should.Throw<SandboxException>(() => memory.Read<byte>(uint.MaxValue));
        (ended.Code, ended.Limit, ended.Value).ShouldBe((ErrorCodes.SandboxViolation, 3, 3));
        ended.Message.ShouldContain("4294967295");
        ledger.Count("thumb", "eu").ShouldBe(3);
        ledger.Count("thumb", "us").ShouldBe(0);
        ledger.Snapshot().ShouldHaveSingleItem().Key.ShouldBe(("thumb", "eu"));

        ledger.Forget("thumb", "eu");
        ledger.Snapshot().ShouldBeEmpty();
    }

    [Fact]
    public void The_number_of_violations_is_configurable()
    {
        var memory = new GuestMemory(Filled(), new EscapeDetector("f", "r", new EscapeLedger(), 1));

        Should.Throw<SandboxException>(() => memory.Read<byte>(0)).Code.ShouldBe(ErrorCodes.SandboxViolation);
    }

    private static Config Thorough => Config.QuickThrowOnFailure.WithMaxTest(2_000);

    private static ModelGuest Filled() => new([.. Enumerable.Range(0, Size).Select(i => (byte)(i * 7))]);

    /// <summary>The model, in numbers that cannot overflow.</summary>
    private static string? Expected(uint pointer, uint length) =>
        pointer == 0 && length > 0 ? ErrorCodes.NullPointer
        : (BigInteger)pointer + length > Size ? ErrorCodes.OutOfBounds
        : null;

    private static string? Outcome(Func<byte[]> access, out byte[]? read)
    {
        try
        {
            read = access();
            return null;
        }
        catch (GuestMemoryException e)
        {
            read = null;
            return e.Code;
        }
    }

    private static string Code(Action access) => Should.Throw<GuestMemoryException>(access).Code;
}
