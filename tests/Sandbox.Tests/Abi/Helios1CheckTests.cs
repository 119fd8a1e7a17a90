using HeliosEdge.Sandbox.Abi;
using HeliosEdge.Sandbox.Abi.Helios1;

namespace HeliosEdge.Sandbox.Tests.Abi;

public sealed class Helios1CheckTests
{
    private static readonly Helios1Abi Abi = new();

    [Fact]
    public void Imports_are_refused_and_all_of_them_named()
    {
        var refused = Refused("imports", "handle");

        refused.Code.ShouldBe(ErrorCodes.InvalidModule);
        refused.Message.ShouldContain("env.now () -> (i64)");
        refused.Message.ShouldContain("env.limit global i32");
    }

    [Fact]
    public void Everything_wrong_with_the_exports_is_named_at_once()
    {
        var refused = Refused("misfit", "handle");

        refused.Code.ShouldBe(ErrorCodes.InvalidModule);
        refused.Message.ShouldContain("\"memory\" is no memory but global i32");
        refused.Message.ShouldContain("\"__wasm_allocate\" is (i64) -> (i32), not (i32) -> (i32)");
        refused.Message.ShouldContain("no function \"__wasm_deallocate\" (i32, i32) -> ()");
        refused.Message.ShouldContain("\"handle\" is (i32) -> (i64), not (i32, i32) -> (i64)");
    }

    [Fact]
    public void An_entry_that_is_not_exported_is_named()
    {
        var refused = Refused("echo", "main");

        refused.Code.ShouldBe(ErrorCodes.InvalidModule);
        refused.Message.ShouldContain("\"main\"");
    }

    [Fact]
    public void An_entry_that_is_no_function_is_named() => Refused("echo", "memory").Message.ShouldContain("\"memory\" is no function");

    [Fact]
    public void An_allocator_is_no_entry() => Refused("echo", "__wasm_allocate").Message.ShouldContain("(i32, i32) -> (i64)");

    [Fact]
    public void A_module_that_starts_with_more_memory_than_the_limit_is_refused()
    {
        var refused = Refused("large", "handle");

        refused.Code.ShouldBe(ErrorCodes.MemoryLimitExceeded);
        (refused.Limit, refused.Value).ShouldBe((8 << 20, 128 << 20));
        using var module = Guests.Compile("large");
        Abi.CheckModule(module, "handle", Invocation.Limits with { MemoryMiB = 128 });
    }

    [Fact]
    public void The_ABI_is_found_by_its_name()
    {
        GuestAbis.TryFind("helios-1", out var abi).ShouldBeTrue();
        abi!.Name.ShouldBe("helios-1");
        GuestAbis.TryFind("helios-2", out _).ShouldBeFalse();
        GuestAbis.Names.ShouldContain("helios-1");
    }

    private static SandboxException Refused(string guest, string entry)
    {
        using var module = Guests.Compile(guest);
        return Should.Throw<SandboxException>(() => Abi.CheckModule(module, entry, Invocation.Limits));
    }
}
