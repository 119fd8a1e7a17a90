using System.Runtime.InteropServices;
using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Tests.Running;
using HeliosEdge.Wasm.Tests.Unloading;

namespace HeliosEdge.Wasm.Tests.Limits;

/// <summary>
/// What a module costs the processor grows in step with its size, whatever it looks like: emission and machine code together take no
/// more for each KiB than so many times what ordinary code takes, in the same run. Processor time of the thread is measured, not time
/// on the wall. The process is alone meanwhile, as its memory is measured too.
/// </summary>
[Collection(UnloadingCollection.Name)]
[Trait("Category", "Slow")]
public sealed unsafe partial class CompileCostTests // SAFETY: clock_gettime writes the two numbers that it is given room for.
{
    // Measured: 25 times at the most, for indirect calls and for vector instructions that RyuJIT inlines layers deep. The faults that this
    // is for took 50 times to 600 times in functions of 4 KiB, and grew with the size of the function.
    private const double MostTimesOrdinary = 50;

    // What a module costs that has next to nothing in it, and what a measurement can be off by.
    private const double FixedMilliseconds = 40;

    private static readonly Lazy<double> OrdinaryPerKib = new(MeasureOrdinary);

    public static TheoryData<string> Shapes => [.. BombShapes.All.Keys];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Time_grows_in_step_with_size(string shape)
    {
        // One size where RyuJIT optimises, and one where it would long have stopped doing so by itself.
        foreach (var size in new[] { 4_000, 40_000 })
        {
            Check(shape, size, new CompileOptions());
        }

        Check(shape, 4_000, new CompileOptions { MeterFuel = true });
    }

    [Theory]
    [InlineData("operands V128: calls, dropped")]
    [InlineData("operands I32: calls, set")]
    [InlineData("traps: truncations")]
    [InlineData("loops: in sequence, 500 locals live")]
    [InlineData("branches: back to one label")]
    [InlineData("calls: of nothing")]
    [InlineData("locals V128: each set and read")]
    [InlineData("vectors: shuffles in a chain")]
    public void Time_of_a_large_function_grows_in_step_too(string shape) => Check(shape, 150_000, new CompileOptions());

    [Fact]
    public void Many_functions_cost_what_they_cost_one_by_one()
    {
        // Each of them is as bad as a function can be that is still optimised.
        foreach (var (body, bytes) in new (Action<Code>, int)[] { (Loops, 1_700), (Truncations, 800), (Branches, 800) })
        {
            var builder = new ModuleBuilder();
            for (var f = 0; f < 20; f++)
            {
                builder.Function($"f{f}", Kinds.I32, [], body);
            }

            var wasm = builder.Build();
            wasm.Length.ShouldBeGreaterThan(20 * bytes / 2);
            Measure(wasm, new CompileOptions()).ShouldBeLessThan(Bound(wasm.Length));
        }

        static void Loops(Code code) => Repeat(code, 120, c => c.Loop(l => l.Get(0).BrIf(0)));
        static void Branches(Code code) => code.Block(b => Repeat(b, 190, c => c.Get(0).BrIf(0)));
        static void Truncations(Code code)
        {
            var local = code.Local(ValueKind.F64);
            Repeat(code, 190, c => c.Get(local).Emit(Op.I32TruncF64U, Op.Drop));
        }
    }

    [LinuxTheory]
    [InlineData("calls: indirect, in a chain", 100_000)]
    [InlineData("calls: of an import", 100_000)]
    [InlineData("operands V128: calls, passed on", 100_000)]
    [InlineData("results V128: calls with 1,000", 100_000)]
    [InlineData("traps: truncations", 8_000)]
    [InlineData("selects I32: in a chain", 4_000)]
    public void Memory_grows_in_step_with_size(string shape, int size)
    {
        var wasm = BombShapes.All[shape](size);
        Watchdog.Run(() =>
        {
            Measure(wasm, new CompileOptions());
            GC.Collect();
            File.WriteAllText("/proc/self/clear_refs", "5");
            var before = Peak();
            Measure(wasm, new CompileOptions());

            // Measured: 5 MiB for a KiB at the most.
            ((Peak() - before) >> 20).ShouldBeLessThan(64 + (15L * wasm.Length >> 10), shape);
        });
    }

    [Fact]
    public void Code_that_small_instructions_make_large_is_refused_with_the_limit_and_the_value()
    {
        var exception = Should.Throw<CompileLimitException>(() => Module.Compile(BombShapes.All["results I64: of calls passed on"](30_000)).Dispose());
        exception.Limit.ShouldBe(nameof(ModuleLimits.MaxCodeExpansion));
        exception.Maximum.ShouldBe(new ModuleLimits().MaxCodeExpansion);
        exception.Value.ShouldBeGreaterThan(exception.Maximum);
        exception.Message.ShouldContain($"{exception.Value} each, MaxCodeExpansion is {exception.Maximum}");
    }

    [Fact]
    public void Only_functions_of_little_but_branches_go_without_the_optimiser()
    {
        var builder = new ModuleBuilder();
        builder.Function("dense", Kinds.I32, [], c => c.Block(b => Repeat(b, 400, d => d.Get(0).BrIf(0))));
        builder.Function("loops", Kinds.I32, [], c => Repeat(c, 200, d => Repeat(d, 20, e => e.Get(0).Emit(Op.Drop)).Loop(l => l.Get(0).BrIf(0))));

        // As many branches, with as much between them as real code has.
        builder.Function("sparse", Kinds.I32, [], c => c.Block(b => Repeat(b, 400, d => Repeat(d, 4, e => e.Get(0).I32(3).Emit(Op.I32Add).Set(0)).Get(0).BrIf(0))));
        builder.Function("short", Kinds.I32, [], c => c.Block(b => Repeat(b, 150, d => d.Get(0).BrIf(0))));
        using var module = Module.Compile(builder.Build());
        module.IsOptimised(0).ShouldBeFalse();
        module.IsOptimised(1).ShouldBeFalse();
        module.IsOptimised(2).ShouldBeTrue();
        module.IsOptimised(3).ShouldBeTrue();
    }

    private static void Check(string shape, int size, CompileOptions options)
    {
        var wasm = BombShapes.All[shape](size);
        Watchdog.Run(
            () =>
            {
                try
                {
                    var bound = Bound(wasm.Length);
                    Measure(wasm, options).ShouldBeLessThan(bound, $"{shape}, {wasm.Length} bytes, metered: {options.MeterFuel}");
                }
                catch (CompileLimitException)
                {
                    // Refused, which is a bound as well.
                }
            },
            seconds: 300);
    }

    private static double Bound(int bytes) => FixedMilliseconds + (MostTimesOrdinary * OrdinaryPerKib.Value * bytes / 1024);

    /// <summary>Code as compilers make it: arithmetic, accesses, calls, some loops and choices, in functions of a few hundred bytes.</summary>
    private static double MeasureOrdinary()
    {
        var builder = new ModuleBuilder();
        builder.Memory(1);
        for (var f = 0; f < 100; f++)
        {
            var callee = Math.Max(0, f - 1);
            builder.Function($"f{f}", Kinds.Many(ValueKind.I32, 2), Kinds.I32, c =>
            {
                var local = c.Locals(4, ValueKind.I32);
                Repeat(c, 6, b => b
                    .Get(0).Access(Op.I32Load, 8).Set(local)
                    .Get(local).Get(1).Emit(Op.I32Add).I32(7).Emit(Op.I32Mul).Tee(local + 1).I32(100).Emit(Op.I32LtU)
                    .If(t => t.Get(0).Get(local + 1).Access(Op.I32Store, 4), e => e.Get(local).Get(local + 1).Call(callee).Set(local + 2))
                    .Loop(l => l.Get(local + 2).I32(1).Emit(Op.I32Sub).Tee(local + 2).BrIf(0)));
                c.Get(local + 2);
            });
        }

        var wasm = builder.Build();
        Measure(wasm, new CompileOptions());
        return Measure(wasm, new CompileOptions()) / (wasm.Length / 1024.0);
    }

    private static double Measure(byte[] wasm, CompileOptions options)
    {
        var before = ProcessorMilliseconds();
        using var module = Module.Compile(wasm, options);
        module.Prepare();
        return ProcessorMilliseconds() - before;
    }

    private static Code Repeat(Code code, int count, Action<Code> item)
    {
        for (var i = 0; i < count; i++)
        {
            item(code);
        }

        return code;
    }

    private static double ProcessorMilliseconds()
    {
        if (!OperatingSystem.IsLinux())
        {
            return Environment.CpuUsage.TotalTime.TotalMilliseconds;
        }

        const int Thread = 3;
        var time = stackalloc long[2];
        clock_gettime(Thread, time).ShouldBe(0);
        return (time[0] * 1e3) + (time[1] / 1e6);
    }

    private static long Peak() =>
        1024 * long.Parse(
            File.ReadLines("/proc/self/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            System.Globalization.CultureInfo.InvariantCulture);

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, long* time);
}
