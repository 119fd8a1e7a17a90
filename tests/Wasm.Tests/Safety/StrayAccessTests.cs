using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Tests.Running;

namespace HeliosEdge.Wasm.Tests.Safety;

/// <summary>
/// Should code ever miss what it was checked for by a few bytes, it meets zeros that are nobody's: around a memory, whatever its size,
/// and around the cells of globals. What it puts there is never seen by anybody.
/// </summary>
public sealed unsafe class StrayAccessTests // SAFETY: 16 bytes on either side of a memory and of a block of cells belong to it.
{
    private const int Strays = 16;

    [Theory]
    [InlineData(0u, 0u, 0u)]
    [InlineData(0u, 1u, 1u)]
    [InlineData(1u, 1u, 0u)]
    [InlineData(1u, null, 3u)]
    [InlineData(4u, 4u, 0u)]
    [InlineData(5u, 9u, 4u)]
    [InlineData(16u, null, 48u)]
    [InlineData(65_536u, 65_536u, 0u)]
    public void Around_a_memory_are_zeros_and_what_strays_there_is_seen_by_nobody(uint pages, uint? maximum, uint growth)
    {
        for (var round = 0; round < 3; round++)
        {
            using var store = new Store();
            var memory = new LinearMemory(store, pages, maximum);
            AroundIsZero(memory);
            Stray(memory);
            memory.Length.ShouldBe(pages * 65_536L);
            memory.TryGrow(growth, out _).ShouldBeTrue();
            memory.Slice((long)pages * 65_536, (int)growth * 65_536).ContainsAnyExcept((byte)0).ShouldBeFalse("grown pages are zero");
            Stray(memory);
            memory.Length.ShouldBe((pages + growth) * 65_536L);
            memory.TryReset().ShouldBeTrue();
            memory.Length.ShouldBe(pages * 65_536L);
            AroundIsZero(memory);
            memory.TryGrow(growth, out _).ShouldBeTrue();
            memory.Slice((long)pages * 65_536, (int)growth * 65_536).ContainsAnyExcept((byte)0).ShouldBeFalse("pages grown after the reset are zero");
            Stray(memory);
        }
    }

    [Fact]
    public void Around_the_cells_of_globals_are_zeros()
    {
        var module = new ModuleBuilder();
        module.Global(ValueKind.V128, true, c => c.V128(System.Runtime.Intrinsics.Vector128<byte>.AllBitsSet), "first");
        module.Global(ValueKind.V128, true, c => c.V128(System.Runtime.Intrinsics.Vector128<byte>.AllBitsSet), "last");
        using var guest = new Guest(module);
        var cells = guest.Instance.Context.Globals;
        new ReadOnlySpan<byte>(cells - Strays, Strays).ContainsAnyExcept((byte)0).ShouldBeFalse();
        new ReadOnlySpan<byte>(cells + 32, Strays).ContainsAnyExcept((byte)0).ShouldBeFalse();
        new ReadOnlySpan<byte>(cells, 32).ContainsAnyExcept((byte)255).ShouldBeFalse();
    }

    [Fact]
    public void Around_the_constants_of_a_module_are_zeros()
    {
        var module = new ModuleBuilder();
        module.Function("f", [], Kinds.V128, c => c.V128(System.Runtime.Intrinsics.Vector128<byte>.AllBitsSet));
        using var compiled = Module.Compile(module.Build());
        new ReadOnlySpan<byte>(compiled.Constants - Strays, Strays + 16).ContainsAnyExcept((byte)0).ShouldBeFalse("the first is zero, and what is before");
        new ReadOnlySpan<byte>(compiled.Constants + 16, 16).ContainsAnyExcept((byte)255).ShouldBeFalse("the second is the function's");
        new ReadOnlySpan<byte>(compiled.Constants + 32, Strays).ContainsAnyExcept((byte)0).ShouldBeFalse();
    }

    private static void AroundIsZero(LinearMemory memory)
    {
        new ReadOnlySpan<byte>(memory.Base - Strays, Strays).ContainsAnyExcept((byte)0).ShouldBeFalse("before");
        new ReadOnlySpan<byte>(memory.Base + memory.Length, Strays).ContainsAnyExcept((byte)0).ShouldBeFalse("behind");
    }

    private static void Stray(LinearMemory memory)
    {
        new Span<byte>(memory.Base + memory.Length, Strays).Fill(0xA5);
        new Span<byte>(memory.Base - Strays, Strays).Fill(0xA5);
    }
}
