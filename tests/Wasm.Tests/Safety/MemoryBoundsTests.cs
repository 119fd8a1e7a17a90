using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Tests.Running;

namespace HeliosEdge.Wasm.Tests.Safety;

/// <summary>No load or store leaves linear memory, whatever the address and the offset.</summary>
public sealed class MemoryBoundsTests
{
    private const int PageSize = 65_536;

    private static readonly uint[] _offsets =
        [0, 1, 7, 0xFFF0, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_0000, 0xFFFF_FFF0, 0xFFFF_FFFF];

    [Fact]
    public void Every_width_traps_exactly_when_its_33_bit_effective_address_leaves_memory()
    {
        using var guest = new Guest(EveryAccess());
        CheckEdges(guest, 1);
    }

    [Fact]
    public void Every_width_sees_the_new_end_after_memory_grew()
    {
        using var guest = new Guest(EveryAccess());
        CheckEdges(guest, 1);
        guest.Call("grow", 1).ShouldBe(1);
        CheckEdges(guest, 2);
        guest.Call("grow", 3).ShouldBe(2);
        CheckEdges(guest, 5);
    }

    [Fact]
    public void Every_width_traps_at_a_constant_address_outside_memory()
    {
        var module = new ModuleBuilder();
        module.Memory(1);
        var cases = new List<(string Name, bool Inside)>();
        foreach (var access in MemoryAccess.All)
        {
            foreach (var offset in _offsets)
            {
                foreach (var address in Addresses(access.Width, offset, PageSize))
                {
                    var name = $"{access}+{offset}@{address}";
                    module.Function(name, [], [], c => access.EmitBody(c, offset, a => a.I32((int)address)));
                    cases.Add((name, (ulong)address + offset + (ulong)access.Width <= PageSize));
                }
            }
        }

        using var guest = new Guest(module);
        foreach (var (name, inside) in cases)
        {
            Check(guest, name, inside);
        }
    }

    [Fact]
    public void A_memory_without_pages_refuses_every_access()
    {
        using var guest = new Guest(EveryAccess(pages: 0));
        CheckEdges(guest, 0);
    }

    [Fact]
    public void A_whole_4_GiB_memory_is_reached_to_its_last_byte_and_no_further()
    {
        using var guest = new Guest(EveryAccess(pages: 65_536));
        foreach (var access in MemoryAccess.All)
        {
            foreach (var offset in new uint[] { 0, 0x8000_0000, 0xFFFF_FFFF })
            {
                for (var back = 0; back <= access.Width; back++)
                {
                    var address = (uint)((1L << 32) - back - offset);
                    if (address + (long)offset + back is 1L << 32)
                    {
                        CheckAccess(guest, access, offset, address, back >= access.Width);
                    }
                }

                CheckAccess(guest, access, offset, uint.MaxValue, uint.MaxValue + (ulong)offset + (ulong)access.Width <= 1UL << 32);
            }
        }
    }

    [Fact]
    public void A_store_that_traps_writes_nothing_and_one_inside_writes_its_width_alone()
    {
        using var guest = new Guest(EveryAccess());
        var memory = guest.Instance.GetMemory("memory")!;
        foreach (var access in MemoryAccess.All.Where(a => a.IsStore))
        {
            for (var back = 1; back <= 20; back++)
            {
                memory.Slice(PageSize - 64, 64).Fill(0x11);
                var inside = back >= access.Width;
                CheckAccess(guest, access, 0, (uint)(PageSize - back), inside);
                var expected = new byte[64];
                Array.Fill(expected, (byte)0x11);
                if (inside)
                {
                    expected.AsSpan(64 - back, access.Width).Fill(0xA5);
                }

                memory.Slice(PageSize - 64, 64).ToArray().ShouldBe(expected, $"{access} {back} bytes before the end");
            }
        }
    }

    [Fact]
    public void Random_addresses_and_offsets_agree_with_64_bit_arithmetic()
    {
        var random = new Random(20_240_801);
        var module = new ModuleBuilder();
        module.Memory(3);
        var cases = new List<(string Name, uint Offset, int Width)>();
        for (var i = 0; i < 300; i++)
        {
            var access = MemoryAccess.All[random.Next(MemoryAccess.All.Count)];
            var offset = Interesting(random);
            var name = $"{i}:{access}+{offset}";
            module.Function(name, Kinds.I32, [], c => access.EmitBody(c, offset, a => a.Get(0)));
            cases.Add((name, offset, access.Width));
        }

        using var guest = new Guest(module);
        foreach (var (name, offset, width) in cases)
        {
            for (var i = 0; i < 30; i++)
            {
                var address = Interesting(random);
                Check(guest, name, (ulong)address + offset + (ulong)width <= 3 * PageSize, WasmValue.FromI32((int)address));
            }
        }
    }

    [Fact]
    public void A_guest_cannot_be_told_a_memory_slice_outside_its_memory_by_the_host_either()
    {
        using var guest = new Guest(EveryAccess());
        var memory = guest.Instance.GetMemory("memory")!;
        memory.Slice(PageSize, 0).Length.ShouldBe(0);
        memory.Slice(0, PageSize).Length.ShouldBe(PageSize);
        foreach (var (offset, length) in new (long, int)[]
        {
            (PageSize, 1), (PageSize - 1, 2), (-1, 1), (0, -1), (1, PageSize), (long.MaxValue, int.MaxValue),
            (long.MinValue, 1), (0x1_0000_0000, 1), (PageSize + 1, 0),
        })
        {
            Should.Throw<ArgumentOutOfRangeException>(() => { memory.Slice(offset, length); }, $"slice {offset}, {length}");
        }
    }

    private static uint Interesting(Random random) => random.Next(6) switch
    {
        0 => (uint)random.Next(64),
        1 => (uint)(3 * PageSize - random.Next(64)),
        2 => (uint)(uint.MaxValue - random.NextInt64(64)),
        3 => (uint)((1L << 31) + random.Next(-32, 32)),
        4 => (uint)random.Next(3 * PageSize),
        _ => (uint)random.NextInt64(1L << 32),
    };

    private static ModuleBuilder EveryAccess(uint pages = 1)
    {
        var module = new ModuleBuilder();
        module.Memory(pages, export: "memory");
        foreach (var access in MemoryAccess.All)
        {
            foreach (var offset in _offsets)
            {
                module.Function($"{access}+{offset}", Kinds.I32, [], c => access.EmitBody(c, offset, a => a.Get(0)));
            }
        }

        module.Function("grow", Kinds.I32, Kinds.I32, c => c.Get(0).MemoryGrow());
        return module;
    }

    private static void CheckEdges(Guest guest, int pages)
    {
        var length = (ulong)pages * PageSize;
        foreach (var access in MemoryAccess.All)
        {
            foreach (var offset in _offsets)
            {
                foreach (var address in Addresses(access.Width, offset, length))
                {
                    CheckAccess(guest, access, offset, address, (ulong)address + offset + (ulong)access.Width <= length);
                }
            }
        }
    }

    private static IEnumerable<uint> Addresses(int width, uint offset, ulong length)
    {
        HashSet<uint> addresses = [0, 1, 0x7FFF_FFFF, 0x8000_0000, uint.MaxValue - (uint)width + 1, uint.MaxValue];
        for (var shift = -width - 1; shift <= 1; shift++)
        {
            // The last bytes of memory, and the addresses at which 32-bit sums would wrap round to its start.
            addresses.Add((uint)((long)length + shift - offset));
            addresses.Add((uint)(0x1_0000_0000 + shift - offset));
        }

        return addresses;
    }

    private static void CheckAccess(Guest guest, MemoryAccess access, uint offset, uint address, bool inside)
    {
        var name = $"{access}+{offset}";
        Check(guest, name, inside, WasmValue.FromI32((int)address));
    }

    private static void Check(Guest guest, string export, bool inside, params WasmValue[] arguments)
    {
        TrapCode? code = null;
        try
        {
            guest.Invoke(export, arguments);
        }
        catch (TrapException trap)
        {
            code = trap.Code;
        }

        if (code != (inside ? null : TrapCode.MemoryOutOfBounds))
        {
            Assert.Fail($"{export}({string.Join(", ", arguments.Select(a => (uint)a.I32))}): {(inside ? "inside memory" : "outside memory")}, but {code?.ToString() ?? "no trap"}");
        }
    }
}
