using HeliosEdge.Testing.Building;

namespace HeliosEdge.Wasm.Tests.Limits;

/// <summary>What is beyond WebAssembly 2.0 is refused by the proposal's name, with the place in the module.</summary>
public sealed class UnsupportedProposalTests
{
    private static readonly byte[] _header = [0, 0x61, 0x73, 0x6D, 1, 0, 0, 0];

    private static readonly Dictionary<string, (string Proposal, Func<byte[]> Module)> _modules = new()
    {
        ["tag section"] = ("exception handling", () => [.. _header, 1, 4, 1, 0x60, 0, 0, 13, 3, 1, 0, 0]),
        ["try"] = ("exception handling", () => Body(0x06, 0x40, 0x0B)),
        ["catch"] = ("exception handling", () => Body(0x07, 0x00)),
        ["throw"] = ("exception handling", () => Body(0x08, 0x00)),
        ["rethrow"] = ("exception handling", () => Body(0x09, 0x00)),
        ["throw_ref"] = ("exception handling", () => Body(0x0A)),
        ["delegate"] = ("exception handling", () => Body(0x18, 0x00)),
        ["catch_all"] = ("exception handling", () => Body(0x19)),
        ["try_table"] = ("exception handling", () => Body(0x1F, 0x40, 0x00, 0x0B)),
        ["exnref"] = ("exception handling", () => [.. _header, 1, 5, 1, 0x60, 1, 0x69, 0]),
        ["return_call"] = ("tail call", () => Body(0x12, 0x00)),
        ["return_call_indirect"] = ("tail call", () => Body(0x41, 0x00, 0x13, 0x00, 0x00)),
        ["atomic.fence"] = ("threads", () => Body(0xFE, 0x03, 0x00)),
        ["i32.atomic.load"] = ("threads", () => Body(0x41, 0x00, 0xFE, 0x10, 0x02, 0x00, 0x1A)),
        ["recursive types"] = ("garbage collection", () => [.. _header, 1, 6, 1, 0x4E, 1, 0x60, 0, 0]),
        ["sub type"] = ("garbage collection", () => [.. _header, 1, 6, 1, 0x50, 0, 0x60, 0, 0]),
        ["struct type"] = ("garbage collection", () => [.. _header, 1, 5, 1, 0x5F, 1, 0x7F, 0]),
        ["array type"] = ("garbage collection", () => [.. _header, 1, 4, 1, 0x5E, 0x7F, 0]),
        ["struct.new"] = ("garbage collection", () => Body(0xFB, 0x00, 0x00)),
        ["ref.eq"] = ("garbage collection", () => Body(0xD3)),
        ["anyref"] = ("garbage collection", () => [.. _header, 1, 5, 1, 0x60, 1, 0x6E, 0]),
        ["call_ref"] = ("typed function references", () => Body(0x14, 0x00)),
        ["ref.as_non_null"] = ("typed function references", () => Body(0xD4)),
        ["br_on_null"] = ("typed function references", () => Body(0xD5, 0x00)),
        ["null of a type's own"] = ("typed function references", () => Body(0xD0, 0x00, 0x1A)),
        ["non-null reference"] = ("typed function references", () => [.. _header, 1, 6, 1, 0x60, 1, 0x64, 0x70, 0]),
        ["nullable reference"] = ("typed function references", () => [.. _header, 1, 6, 1, 0x60, 1, 0x63, 0x70, 0]),
        ["relaxed swizzle"] = ("relaxed SIMD", () => Body(0xFD, 0x80, 0x02)),
        ["relaxed dot product"] = ("relaxed SIMD", () => Body(0xFD, 0x93, 0x02)),
    };

    // The 2.0 standard itself calls these malformed or invalid, so that the fault is the standard's.
    private static readonly Dictionary<string, (string Words, Func<byte[]> Module)> _invalid = new()
    {
        ["tag import"] = ("exception handling", () => [.. _header, 1, 4, 1, 0x60, 0, 0, 2, 8, 1, 1, (byte)'a', 1, (byte)'b', 4, 0, 0]),
        ["shared memory"] = ("threads", () => [.. _header, 5, 4, 1, 3, 1, 1]),
        ["64-bit memory"] = ("memory64", () => [.. _header, 5, 3, 1, 4, 1]),
        ["64-bit memory with a maximum"] = ("memory64", () => [.. _header, 5, 4, 1, 5, 1, 1]),
        ["two memories"] = ("multi", () => [.. _header, 5, 5, 2, 0, 1, 0, 1]),
        ["sum in a constant expression"] = ("extended constant expressions", () => [.. _header, 6, 9, 1, 0x7F, 0, 0x41, 1, 0x41, 2, 0x6A, 0x0B]),
    };

    public static TheoryData<string> Modules => [.. _modules.Keys];

    public static TheoryData<string> InvalidModules => [.. _invalid.Keys];

    [Theory]
    [MemberData(nameof(Modules))]
    public void It_is_refused_by_its_proposals_name(string name)
    {
        var (proposal, module) = _modules[name];
        var bytes = module();
        foreach (var compile in new Action[] { () => Module.Compile(bytes).Dispose(), () => Module.Validate(bytes) })
        {
            var exception = Should.Throw<InvalidModuleException>(compile);
            exception.Fault.ShouldBe(ModuleFault.Unsupported, exception.Message);
            exception.Message.ShouldContain(proposal, Case.Insensitive);
            exception.Message.ShouldContain("not supported");
            exception.Offset.ShouldBeInRange(8, bytes.Length);
            exception.Message.ShouldContain($"{exception.Offset}");
        }
    }

    [Theory]
    [MemberData(nameof(InvalidModules))]
    public void What_the_standard_already_calls_an_error_is_refused_in_words_that_say_why(string name)
    {
        var (words, module) = _invalid[name];
        var exception = Should.Throw<InvalidModuleException>(() => Module.Compile(module()).Dispose());
        exception.Fault.ShouldNotBe(ModuleFault.LimitExceeded);
        exception.Message.ShouldContain(words);
    }

    [Fact]
    public void The_offset_is_the_instructions_own()
    {
        byte[] start = Body(0x41, 0x00, 0x1A, 0x12, 0x00);
        var exception = Should.Throw<InvalidModuleException>(() => Module.Compile(start).Dispose());
        exception.Offset.ShouldBe(start.AsSpan().LastIndexOf((byte)0x12));
    }

    private static byte[] Body(params byte[] instructions)
    {
        var module = new ModuleBuilder();
        module.Memory(1);
        module.Function(null, [], [], c => c.Raw(instructions));
        return module.Build();
    }
}
