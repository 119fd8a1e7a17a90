using HeliosEdge.Sandbox.Engines;

namespace HeliosEdge.Sandbox.Tests.Engines;

/// <summary>What every engine does behind the port.</summary>
public sealed class EngineContractTests
{
    private static readonly InstanceLimits Ample = new(8 << 20, 1_000, TimeSpan.FromSeconds(30));

    [Fact]
    public void Bytes_that_are_no_module_are_refused_with_their_offset()
    {
        var bytes = Guests.Bytes("echo");
        bytes[^1] = 0x0c;

        Refused("not wasm"u8.ToArray()).Offset.ShouldBe(0);
        Refused([]).Code.ShouldBe(ErrorCodes.InvalidModule);
        Refused(bytes[..^3]).Offset.ShouldNotBeNull();
    }

    [Fact]
    public void Imports_and_exports_are_described()
    {
        using var echo = Guests.Compile("echo");
        using var imports = Guests.Compile("imports");

        echo.Imports.ShouldBeEmpty();
        echo.Exports.ShouldBe(
        [
            new ModuleExport("memory", ExternalKind.Memory, "memory 1.."),
            new ModuleExport("__wasm_allocate", ExternalKind.Function, "(i32) -> (i32)"),
            new ModuleExport("__wasm_deallocate", ExternalKind.Function, "(i32, i32) -> ()"),
            new ModuleExport("handle", ExternalKind.Function, "(i32, i32) -> (i64)"),
        ]);
        imports.Imports.ShouldBe(
        [
            new ModuleImport("env", "now", ExternalKind.Function, "() -> (i64)"),
            new ModuleImport("env", "limit", ExternalKind.Global, "global i32"),
        ]);
    }

    [Fact]
    public void A_module_with_imports_is_not_instantiated()
    {
        using var module = Guests.Compile("imports");

        Should.Throw<SandboxException>(() => module.Instantiate(Ample)).Code.ShouldBe(ErrorCodes.InvalidModule);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_deadline_may_be_as_long_as_any_time_there_is(bool canBeCancelled)
    {
        using var cancellation = new CancellationTokenSource();
        using var module = Guests.Compile("any_types");
        using var instance = module.Instantiate(
            Ample with { Deadline = TimeSpan.MaxValue, Cancellation = canBeCancelled ? cancellation.Token : CancellationToken.None });

        instance.Run("nothing");
    }

    [Fact]
    public void Memory_is_read_and_written_within_its_bounds()
    {
        using var module = Guests.Compile("echo");
        using var instance = module.Instantiate(Ample);

        instance.MemoryLength.ShouldBe(65_536);
        instance.Memory(65_535, 1)[0] = 7;
        instance.Memory(65_535, 1)[0].ShouldBe((byte)7);
        Should.Throw<ArgumentOutOfRangeException>(() => { _ = instance.Memory(65_535, 2); });
        Should.Throw<ArgumentOutOfRangeException>(() => { _ = instance.Memory(-1, 1); });
        Should.Throw<ArgumentOutOfRangeException>(() => { _ = instance.Memory(0, -1); });
        Should.Throw<ArgumentOutOfRangeException>(() => { _ = instance.Memory(uint.MaxValue, int.MaxValue); });
    }

    [Fact]
    public void A_refused_growth_is_told_from_one_that_the_module_forbids()
    {
        using var polite = Guests.Compile("polite");
        using var selfLimited = Guests.Compile("self_limited");
        using var refused = polite.Instantiate(Ample);
        using var forbidden = selfLimited.Instantiate(Ample);

        refused.MemoryGrowthRefused.ShouldBeFalse();
        refused.Call("handle", 0, 0);
        refused.MemoryGrowthRefused.ShouldBeTrue();
        Should.Throw<GuestTrapException>(() => forbidden.Call("handle", 0, 0)).Trap.ShouldBe(GuestTrap.Fault);
        forbidden.MemoryGrowthRefused.ShouldBeFalse();
    }

    [Theory]
    [InlineData("crash", GuestTrap.Fault)]
    [InlineData("recurse", GuestTrap.StackExhausted)]
    [InlineData("spin", GuestTrap.Interrupted)]
    public void Traps_are_told_apart(string guest, GuestTrap expected)
    {
        using var module = Guests.Compile(guest);
        using var instance = module.Instantiate(Ample with { Deadline = TimeSpan.FromMilliseconds(guest == "spin" ? 50 : 30_000) });

        Should.Throw<GuestTrapException>(() => instance.Call("handle", 0, 0)).Trap.ShouldBe(expected);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_guest_that_may_be_cancelled_is_stopped_then_or_at_its_deadline(bool isCancelled)
    {
        using var module = Guests.Compile("told_spin");
        using var echo = Guests.Compile("echo");
        var runs = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var imports = new HostFunctionSet([new HostFunction("test", "running", [], null, (_, _) =>
        {
            runs.SetResult();
            return 0;
        })]);
        using var cancellation = new CancellationTokenSource();
        var limits = Ample with { Deadline = TimeSpan.FromMilliseconds(isCancelled ? 600_000 : 50), Cancellation = cancellation.Token };
        var running = Task.Run(() =>
        {
            using var instance = module.Instantiate(limits, imports);
            return Should.Throw<GuestTrapException>(() => instance.Call("handle", 0, 0));
        });
        if (isCancelled)
        {
            await runs.Task.WaitAsync(TimeSpan.FromSeconds(60));
            await cancellation.CancelAsync();
        }

        var trap = await running.WaitAsync(TimeSpan.FromSeconds(60));
        trap.Trap.ShouldBe(GuestTrap.Interrupted);
        trap.Backtrace.ShouldNotBeEmpty();

        using var next = echo.Instantiate(Ample with { Cancellation = new CancellationTokenSource().Token });
        next.Call("__wasm_allocate", 1).ShouldBeGreaterThan(0);
    }

    [Fact]
    public void The_deadline_counts_over_all_calls_together()
    {
        using var module = Guests.Compile("burn");
        using var instance = module.Instantiate(Ample with { Deadline = TimeSpan.FromMilliseconds(100) });
        instance.Memory(0, 1)[0] = 1;

        // Each call takes some 10 ms.
        Should.Throw<GuestTrapException>(() =>
        {
            while (true)
            {
                instance.Call("handle", 0, 0);
            }
        }).Trap.ShouldBe(GuestTrap.Interrupted);
    }

    [Theory]
    [InlineData("spin")]
    [InlineData("start_spin")]
    public void A_guest_that_uses_up_its_fuel_is_stopped(string guest)
    {
        using var module = Guests.Engine.Compile(Guests.Bytes(guest), metered: true);

        var trap = Should.Throw<GuestTrapException>(() =>
        {
            using var instance = module.Instantiate(Ample with { Fuel = 10_000 });
            instance.Call("handle", 0, 0);
        });
        trap.Trap.ShouldBe(GuestTrap.OutOfFuel);
        trap.Limit.ShouldBe(10_000);
    }

    [Fact]
    public void Fuel_counts_over_all_calls_together()
    {
        using var module = Guests.Engine.Compile(Guests.Bytes("burn"), metered: true);
        using var instance = module.Instantiate(Ample with { Fuel = 200_000_000 });
        instance.Memory(0, 1)[0] = 1;

        // Each call is ten million rounds of a few instructions.
        var calls = 0;
        Should.Throw<GuestTrapException>(() =>
        {
            for (; calls < 100; calls++)
            {
                instance.Call("handle", 0, 0);
            }
        }).Trap.ShouldBe(GuestTrap.OutOfFuel);
        calls.ShouldBeInRange(1, 20);
    }

    [Fact]
    public void Metered_code_without_a_limit_runs_to_its_end()
    {
        using var module = Guests.Engine.Compile(Guests.Bytes("burn"), metered: true);
        using var instance = module.Instantiate(Ample);
        instance.Memory(0, 1)[0] = 1;

        instance.Call("handle", 0, 0).ShouldBe(0);
    }

    [Fact]
    public void Fuel_is_refused_for_code_that_counts_none()
    {
        using var module = Guests.Compile("echo");
        using var metered = Guests.Engine.Compile(Guests.Bytes("echo"), metered: true);

        Should.Throw<ArgumentException>(() => module.Instantiate(Ample with { Fuel = 1 }));
        Should.Throw<ArgumentException>(() => metered.Instantiate(Ample with { Fuel = -1 }));
    }

    [Theory]
    [InlineData(64 << 10, 100, true)]
    [InlineData(64 << 10, 100_000, false)]
    [InlineData(1 << 20, 100_000, false)]
    [InlineData(3 << 20, 4_000, true)]
    [InlineData(64 << 20, 100_000, true)]
    [InlineData(256 << 20, 100_000, true)]
    public void Calls_go_as_deep_as_the_stack_allows(int stackBytes, int calls, bool fits)
    {
        foreach (var metered in (ReadOnlySpan<bool>)[false, true])
        {
            using var module = Guests.Engine.Compile(Guests.Bytes("deep"), metered);
            using var instance = module.Instantiate(Ample with { MaxStackBytes = stackBytes });

            var depth = () => instance.Call("handle", calls, 0);
            if (fits)
            {
                depth().ShouldBe(0);
            }
            else
            {
                Should.Throw<GuestTrapException>(() => depth()).Trap.ShouldBe(GuestTrap.StackExhausted);
            }
        }
    }

    [Theory]
    [InlineData((64 << 10) - 1)]
    [InlineData((256 << 20) + 1)]
    [InlineData(int.MinValue)]
    public void A_stack_out_of_range_is_refused(int stackBytes)
    {
        using var module = Guests.Compile("echo");

        Should.Throw<ArgumentOutOfRangeException>(() => module.Instantiate(Ample with { MaxStackBytes = stackBytes }));
    }

    private static SandboxException Refused(byte[] bytes)
    {
        var refused = Should.Throw<SandboxException>(() => Guests.Engine.Compile(bytes));
        refused.Code.ShouldBe(ErrorCodes.InvalidModule);
        return refused;
    }
}
