using HeliosEdge.Wasm.Tests.Running;
using Xunit.Abstractions;

namespace HeliosEdge.Wasm.Tests.Properties;

/// <summary>Modules made to be valid are compiled, and do the same whatever is compiled into them besides.</summary>
public sealed class GeneratedModuleTests(ITestOutputHelper output)
{
    private const int Modules = 150;

    [Theory]
    [InlineData(1_000_000, false)]
    [InlineData(2_000_000, true)]
    public void Checks_for_interruption_and_fuel_do_not_change_what_a_module_does(int seed, bool vectors)
    {
        CompileOptions[] options =
        [
            new(),
            new() { Interruptible = false },
            new() { MeterFuel = true },
            new() { Interruptible = false, MeterFuel = true },
        ];
        var returned = 0;
        var trapped = 0;
        Watchdog.Run(
            () =>
            {
                for (var i = 0; i < Modules; i++)
                {
                    var random = new Random(seed + i);
                    var module = new ModuleGenerator(random, vectors).Make();
                    var calls = GeneratedCall.Some(module, random, each: 2);
                    var expected = GeneratedRun.Outcomes(module, calls, options[0]);
                    returned += expected.Count(outcome => !char.IsAsciiLetterUpper(outcome.Result[0]));
                    trapped += expected.Count(outcome => char.IsAsciiLetterUpper(outcome.Result[0]));
                    foreach (var other in options[1..])
                    {
                        var actual = GeneratedRun.Outcomes(module, calls, other);
                        for (var call = 0; call < calls.Count; call++)
                        {
                            actual[call].ShouldBe(
                                expected[call],
                                $"seed {seed + i}: {calls[call]} with {other}{Environment.NewLine}{Convert.ToHexString(module.Bytes)}");
                        }
                    }
                }
            },
            seconds: 300);
        output.WriteLine($"{returned} calls returned, {trapped} trapped");
        returned.ShouldBeGreaterThan(Modules);
    }

    [Fact]
    public void An_instance_that_was_reset_does_what_a_new_one_does() =>
        Watchdog.Run(
            () =>
            {
                for (var i = 0; i < Modules; i++)
                {
                    var random = new Random(4_000_000 + i);
                    var generated = new ModuleGenerator(random, vectors: i % 2 == 0).Make();
                    var calls = GeneratedCall.Some(generated, random, each: 3);
                    using var module = Module.Compile(generated.Bytes);
                    GeneratedRun.OutcomesOfOneInstance(module, calls).ShouldBe(
                        GeneratedRun.Outcomes(module, calls), $"seed {4_000_000 + i}: {Convert.ToHexString(generated.Bytes)}");
                }
            },
            seconds: 300);

    [Fact]
    public void Mutations_of_generated_modules_let_out_no_other_exceptions()
    {
        var random = new Random(3_000_000);
        byte[][] sound = [.. Enumerable.Range(0, 60).Select(i => new ModuleGenerator(new Random(i), i % 2 == 0).Make().Bytes)];
        var mutator = new Mutator(random, sound, sound);
        Watchdog.Run(
            () =>
            {
                for (var i = 0; i < 1_500; i++)
                {
                    var module = mutator.Next();
                    try
                    {
                        Trial.Run(module, i);
                    }
                    catch (Exception exception)
                    {
                        Assert.Fail($"case {i}: {exception}{Environment.NewLine}{Convert.ToHexString(module)}");
                    }
                }
            },
            seconds: 300);
    }
}
