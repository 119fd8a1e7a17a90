using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Tests.Running;

namespace HeliosEdge.Wasm.Tests.Safety;

/// <summary>Bulk memory instructions check their whole range, in 33 bits, before they write a byte.</summary>
public sealed class BulkMemoryTests
{
    private const int PageSize = 65_536;

    private static readonly int[] _numbers =
        [0, 1, 2, 15, 16, 17, 100, PageSize - 1, PageSize, PageSize + 1, int.MaxValue, int.MinValue, -PageSize, -17, -16, -1];

    [Fact]
    public void Fill_copy_and_init_trap_exactly_when_their_range_leaves_memory()
    {
        using var guest = Build();
        foreach (var destination in _numbers)
        {
            foreach (var length in _numbers)
            {
                Check(guest, Fits(destination, length, PageSize), "fill", destination, 0x5A, length);
                foreach (var source in _numbers)
                {
                    Check(
                        guest,
                        Fits(destination, length, PageSize) && Fits(source, length, PageSize),
                        "copy",
                        destination,
                        source,
                        length);
                    Check(
                        guest,
                        Fits(destination, length, PageSize) && Fits(source, length, 16),
                        "init",
                        destination,
                        source,
                        length);
                }
            }
        }
    }

    [Fact]
    public void A_range_that_leaves_memory_writes_nothing_at_all()
    {
        using var guest = Build();
        var memory = guest.Instance.GetMemory("memory")!;
        guest.Trap(TrapCode.MemoryOutOfBounds, "fill", PageSize - 10, 0xFF, 11);
        guest.Trap(TrapCode.MemoryOutOfBounds, "init", PageSize - 10, 0, 11);
        guest.Trap(TrapCode.MemoryOutOfBounds, "init", PageSize - 10, 7, 10);
        guest.Trap(TrapCode.MemoryOutOfBounds, "copy", PageSize - 10, 0, 11);
        memory.Slice(0, PageSize).IndexOfAnyExcept((byte)0).ShouldBe(-1);
    }

    [Fact]
    public void Copies_that_overlap_behave_as_if_through_a_second_buffer()
    {
        using var guest = Build();
        var memory = guest.Instance.GetMemory("memory")!;
        var random = new Random(7);
        var model = new byte[300];
        for (var i = 0; i < 500; i++)
        {
            random.NextBytes(model);
            model.CopyTo(memory.Slice(0, model.Length));
            var length = random.Next(150);
            var destination = random.Next(model.Length - length);
            var source = random.Next(model.Length - length);
            guest.Invoke("copy", WasmValue.FromI32(destination), WasmValue.FromI32(source), WasmValue.FromI32(length));
            model.AsSpan(source, length).ToArray().CopyTo(model, destination);
            memory.Slice(0, model.Length).SequenceEqual(model).ShouldBeTrue($"{length} bytes from {source} to {destination}");
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(0, 1_000_000)]
    [InlineData(1_000_000, 0)]
    [InlineData(5, (1 << 20) + 5)]
    [InlineData((1 << 20) + 5, 5)]
    [InlineData(70_000, 3_000_000)]
    public void Huge_copies_that_overlap_behave_so_too(int destination, int source)
    {
        const int Length = 5_000_001;
        var module = new ModuleBuilder();
        module.Memory(160, export: "memory");
        module.Function("copy", Kinds.Many(ValueKind.I32, 3), [], c => c.Get(0).Get(1).Get(2).MemoryCopy());
        module.Function("fill", Kinds.Many(ValueKind.I32, 3), [], c => c.Get(0).Get(1).Get(2).MemoryFill());
        using var guest = new Guest(module);
        var memory = guest.Instance.GetMemory("memory")!;
        var model = new byte[160 * PageSize];
        new Random(3).NextBytes(model);
        model.CopyTo(memory.Slice(0, model.Length));
        guest.Invoke("copy", WasmValue.FromI32(destination), WasmValue.FromI32(source), WasmValue.FromI32(Length));
        Array.Copy(model, source, model, destination, Length);
        memory.Slice(0, model.Length).SequenceEqual(model).ShouldBeTrue();
        guest.Invoke("fill", WasmValue.FromI32(destination), WasmValue.FromI32(7), WasmValue.FromI32(Length));
        model.AsSpan(destination, Length).Fill(7);
        memory.Slice(0, model.Length).SequenceEqual(model).ShouldBeTrue();
    }

    [Fact]
    public void A_dropped_segment_is_empty_and_an_active_one_is_dropped_by_instantiation()
    {
        using var guest = Build();
        guest.Invoke("init", WasmValue.FromI32(0), WasmValue.FromI32(0), WasmValue.FromI32(16));
        guest.Invoke("drop");
        guest.Invoke("drop");
        guest.Invoke("init", WasmValue.FromI32(PageSize), WasmValue.FromI32(0), WasmValue.FromI32(0));
        guest.Trap(TrapCode.MemoryOutOfBounds, "init", 0, 0, 1);
        guest.Trap(TrapCode.MemoryOutOfBounds, "init", 0, 1, 0);
        guest.Trap(TrapCode.MemoryOutOfBounds, "init active", 0, 0, 1);
        guest.Invoke("init active", WasmValue.FromI32(0), WasmValue.FromI32(0), WasmValue.FromI32(0));
    }

    [Fact]
    public void Fill_takes_the_low_byte_of_its_value()
    {
        using var guest = Build();
        guest.Invoke("fill", WasmValue.FromI32(3), WasmValue.FromI32(0x1234_56AB), WasmValue.FromI32(4));
        guest.Instance.GetMemory("memory")!.Slice(2, 6).ToArray().ShouldBe([0, 0xAB, 0xAB, 0xAB, 0xAB, 0]);
    }

    [Fact]
    public void An_active_segment_that_does_not_fit_traps_after_the_ones_before_it_were_written()
    {
        var module = new ModuleBuilder();
        module.ImportMemory("env", "memory", 1);
        module.Data(0, 1, 2, 3);
        module.Data(PageSize - 1, 9, 9);
        module.Data(8, 4, 5, 6);
        using var store = new Store();
        using var compiled = Module.Compile(module.Build());
        var memory = new LinearMemory(store, 1, 1);
        var linker = new Linker();
        linker.Define("env", "memory", memory);
        Should.Throw<TrapException>(() => { linker.Instantiate(store, compiled); }).Code.ShouldBe(TrapCode.MemoryOutOfBounds);
        memory.Slice(0, 3).ToArray().ShouldBe([1, 2, 3]);
        memory.Slice(PageSize - 1, 1).ToArray().ShouldBe([0]);
        memory.Slice(8, 3).ToArray().ShouldBe([0, 0, 0]);
    }

    private static bool Fits(int start, int length, long size) => (uint)start + (long)(uint)length <= size;

    private static Guest Build()
    {
        var module = new ModuleBuilder();
        module.Memory(1, export: "memory");
        var segment = module.PassiveData([.. Enumerable.Range(1, 16).Select(i => (byte)i)]);
        var active = module.Data(0, 0);
        var three = Kinds.Many(ValueKind.I32, 3);
        module.Function("fill", three, [], c => c.Get(0).Get(1).Get(2).MemoryFill());
        module.Function("copy", three, [], c => c.Get(0).Get(1).Get(2).MemoryCopy());
        module.Function("init", three, [], c => c.Get(0).Get(1).Get(2).MemoryInit(segment));
        module.Function("init active", three, [], c => c.Get(0).Get(1).Get(2).MemoryInit(active));
        module.Function("drop", [], [], c => c.DataDrop(segment));
        return new Guest(module);
    }

    private static void Check(Guest guest, bool fits, string export, params int[] arguments)
    {
        TrapCode? code = null;
        try
        {
            guest.Invoke(export, arguments.Select(WasmValue.FromI32).ToArray());
        }
        catch (TrapException trap)
        {
            code = trap.Code;
        }

        if (code != (fits ? null : TrapCode.MemoryOutOfBounds))
        {
            Assert.Fail($"{export}({string.Join(", ", arguments)}): {(fits ? "fits" : "does not fit")}, but {code?.ToString() ?? "no trap"}");
        }
    }
}
