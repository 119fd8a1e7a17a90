using System.Buffers.Binary;
using HeliosEdge.Sandbox.Engines;

namespace HeliosEdge.Sandbox.Tests.Engines;

/// <summary>Whoever had an instance's memory before, its next owner finds it as its module says that it starts.</summary>
public sealed class FreshMemoryTests
{
    private const int PageBytes = 65_536;

    private static readonly InstanceLimits Ample = new(8 << 20, 1_000, TimeSpan.FromSeconds(30));

    [Theory]
    [InlineData(0)]
    [InlineData(PageBytes)]
    [InlineData(5 * PageBytes)]
    [InlineData(60 * PageBytes)]
    public void Of_the_same_module_however_far_it_grew(int grownBytes)
    {
        using var module = Guests.Compile("echo");
        for (var round = 0; round < 4; round++)
        {
            using var instance = module.Instantiate(Ample);
            instance.MemoryLength.ShouldBe(PageBytes);
            All(instance).ContainsAnyExcept((byte)0).ShouldBeFalse();
            if (grownBytes > 0)
            {
                instance.Call("__wasm_allocate", grownBytes).ShouldNotBe(0);
                instance.MemoryLength.ShouldBeGreaterThan(grownBytes);
                All(instance).ContainsAnyExcept((byte)0).ShouldBeFalse();
            }

            All(instance).Fill(0xAB);
        }
    }

    [Fact]
    public void Of_more_modules_than_there_are_places_to_keep_memories_in()
    {
        var modules = Enumerable.Range(0, 1_050).Select(i => Guests.Engine.Compile(SmallModules.Returning(i, hasData: i % 3 > 0))).ToList();
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < modules.Count; i++)
            {
                using var instance = modules[i].Instantiate(Ample);
                var memory = All(instance);
                memory.Length.ShouldBe(PageBytes);
                BinaryPrimitives.ReadInt64LittleEndian(memory).ShouldBe(i % 3 > 0 ? i : 0);
                memory[8..].ContainsAnyExcept((byte)0).ShouldBeFalse();
                memory.Fill(0xAB);
            }
        }

        modules.ForEach(module => module.Dispose());
    }

    private static Span<byte> All(IGuestInstance instance) => instance.Memory(0, (int)instance.MemoryLength);
}
