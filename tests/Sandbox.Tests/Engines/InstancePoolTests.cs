using System.Runtime.CompilerServices;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Engines.Managed;

namespace HeliosEdge.Sandbox.Tests.Engines;

/// <summary>The managed engine keeps instances for the next invocation, a bounded number, and lets go of them.</summary>
public sealed class InstancePoolTests
{
    private static readonly InstanceLimits Limits = new(8 << 20, 1_000, TimeSpan.FromSeconds(30));

    [Fact]
    public void An_instance_that_served_its_invocation_serves_the_next()
    {
        using var module = Compile("echo");

        for (var i = 0; i < 3; i++)
        {
            using (var instance = module.Instantiate(Limits))
            {
                instance.Call("__wasm_allocate", 10).ShouldNotBe(0);
                module.Pool.Count.ShouldBe(0);
            }

            module.Pool.Count.ShouldBe(1);
        }
    }

    [Fact]
    public void As_many_are_kept_as_ran_at_once()
    {
        using var module = Compile("echo");

        var instances = Enumerable.Range(0, 5).Select(_ => module.Instantiate(Limits)).ToList();
        instances.ForEach(instance => instance.Dispose());

        module.Pool.Count.ShouldBe(5);
    }

    [Theory]
    [InlineData("crash")]
    [InlineData("recurse")]
    [InlineData("spin")]
    public void An_instance_that_failed_is_not_kept(string guest)
    {
        using var module = Compile(guest);
        using (var instance = module.Instantiate(Limits with { Deadline = TimeSpan.FromMilliseconds(guest == "spin" ? 50 : 30_000) }))
        {
            Should.Throw<GuestTrapException>(() => instance.Call("handle", 0, 0));
        }

        module.Pool.Count.ShouldBe(0);
    }

    [Fact]
    public void An_instance_whose_host_function_threw_is_not_kept()
    {
        using var module = Compile("host_functions");
        var imports = new HostFunctionSet(module.Imports.Select(import => new HostFunction(
            import.Module,
            import.Name,
            [.. import.Type[1..import.Type.IndexOf(')', StringComparison.Ordinal)].Split(", ", StringSplitOptions.RemoveEmptyEntries)
                .Select(text => Enum.Parse<HostValueKind>(text, ignoreCase: true))],
            HostValueKind.I32,
            (_, _) => throw new TimeoutException("It takes too long."))));
        var entry = module.Exports.First(export => export.Type == "(i32, i32) -> (i64)").Name;
        using (var instance = module.Instantiate(Limits, imports))
        {
            Should.Throw<TimeoutException>(() => instance.Call(entry, 16, 8));
        }

        module.Pool.Count.ShouldBe(0);
    }

    [Fact]
    public void A_deadline_is_that_of_the_invocation_and_not_of_the_one_before()
    {
        using var module = Compile("burn");
        for (var i = 0; i < 5; i++)
        {
            using (module.Instantiate(Limits with { Deadline = TimeSpan.FromMilliseconds(1) }))
            {
                Thread.Sleep(10);
            }

            using var instance = module.Instantiate(Limits);
            instance.Memory(0, 1)[0] = 1;
            instance.Call("handle", 0, 0).ShouldBe(0);
        }
    }

    [Fact]
    public void Whoever_still_holds_a_disposed_instance_reaches_nothing_of_the_next_invocation()
    {
        using var module = Compile("echo");
        var old = module.Instantiate(Limits);
        old.Dispose();
        using var next = module.Instantiate(Limits);

        old.Dispose();

        module.Pool.Count.ShouldBe(0);
        Should.Throw<ObjectDisposedException>(() => old.Call("__wasm_allocate", 1));
        Should.Throw<ObjectDisposedException>(() => { _ = old.Memory(0, 1); });
        Should.Throw<ObjectDisposedException>(() => old.MemoryLength);
        Should.Throw<ObjectDisposedException>(() => old.MemoryGrowthRefused);
        next.Call("__wasm_allocate", 1).ShouldNotBe(0);
    }

    [Fact]
    public void Only_what_was_made_with_the_same_limits_is_taken()
    {
        using var module = Compile("polite");
        using (var large = module.Instantiate(Limits with { MaxMemoryBytes = 4L << 30 }))
        {
            large.Call("handle", 0, 0);
            large.MemoryGrowthRefused.ShouldBeFalse();
        }

        using (var small = module.Instantiate(Limits))
        {
            small.Call("handle", 0, 0);
            small.MemoryGrowthRefused.ShouldBeTrue();
        }

        // The refusal is forgotten with the invocation.
        module.Pool.Count.ShouldBe(2);
        using var again = module.Instantiate(Limits);
        again.MemoryGrowthRefused.ShouldBeFalse();
        again.MemoryLength.ShouldBe(65_536);
    }

    [Fact]
    public void What_is_given_back_after_the_module_was_disposed_is_not_kept()
    {
        var module = Compile("echo");
        var held = module.Instantiate(Limits);
        module.Instantiate(Limits).Dispose();
        module.Dispose();
        module.Pool.Count.ShouldBe(0);

        held.Dispose();

        module.Pool.Count.ShouldBe(0);
    }

    [Fact]
    public void Old_instances_are_let_go_and_new_ones_stay()
    {
        using var module = Compile("echo");
        module.Instantiate(Limits).Dispose();
        var period = IdleInstances.CurrentPeriod;

        module.Pool.Trim(period).ShouldBeFalse();
        module.Pool.Count.ShouldBe(1);
        module.Pool.Trim(period + 1_000_000).ShouldBeTrue();
        module.Pool.Count.ShouldBe(0);
    }

    [Fact]
    public void The_process_keeps_no_more_than_its_bound()
    {
        using var module = Compile("echo");
        var instances = Enumerable.Range(0, IdleInstances.MaxCount + 50).Select(_ => module.Instantiate(Limits)).ToList();
        instances.ForEach(instance => instance.Dispose());

        module.Pool.Count.ShouldBeInRange(1, IdleInstances.MaxCount);
    }

    [Fact]
    public void A_module_with_idle_instances_is_unloaded_once_it_is_disposed()
    {
        var code = UseAndDispose();
        for (var i = 0; i < 50 && code.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Thread.Sleep(10);
        }

        code.IsAlive.ShouldBeFalse();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference UseAndDispose()
    {
        var module = Compile("echo");
        using (var instance = module.Instantiate(Limits))
        {
            instance.Call("__wasm_allocate", 10).ShouldNotBe(0);
        }

        module.Pool.Count.ShouldBe(1);
        module.Dispose();
        return new WeakReference(module);
    }

    private static ManagedModule Compile(string guest) => (ManagedModule)new ManagedEngine().Compile(Guests.Bytes(guest));
}
