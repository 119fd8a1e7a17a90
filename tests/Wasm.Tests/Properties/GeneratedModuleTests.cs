using HeliosEdge.Wasm.Tests.Running;
using Xunit.Abstractions;

namespace HeliosEdge.Wasm.Tests.Properties;

/// <summary>Modules made to be valid are compiled, and do the same whatever is compiled into them besides.</summary>
public sealed class GeneratedModuleTests(ITestOutputHelper output)
{
    private const int Modules = 20;

    [Fact]
    public void Checks_for_interruption_and_fuel_do_not_change_what_a_module_does()
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
                for (var seed = 1_000; seed < 1_000 + Modules; seed++)
                {
                    var module = Make(seed, 16);
                    var expected = GeneratedRun.Records(module, options[0]);
                    for (var at = 0; at < expected.Length; at += GeneratedRecord.Bytes)
                    {
                        _ = GeneratedRecord.Trap(expected.AsSpan(at)) == 0 ? returned++ : trapped++;
                    }

                    foreach (var other in options[1..])
                    {
                        var actual = GeneratedRun.Records(module, other);
                        for (var at = 0; at < expected.Length; at += GeneratedRecord.Bytes)
                        {
                            Convert.ToHexString(actual, at, GeneratedRecord.Bytes).ShouldBe(
                                Convert.ToHexString(expected, at, GeneratedRecord.Bytes),
                                $"seed {seed}: call {at / GeneratedRecord.Bytes} with {other}{Environment.NewLine}{Convert.ToHexString(module.Bytes)}");
                        }
                    }
                }
            },
            seconds: 300);
        output.WriteLine($"{returned} calls returned, {trapped} trapped");
        returned.ShouldBeGreaterThan(trapped);
        trapped.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void An_instance_that_was_reset_does_what_a_new_one_does() =>
        Watchdog.Run(
            () =>
            {
                for (var seed = 4_000; seed < 4_000 + Modules; seed++)
                {
                    var generated = Make(seed, 16);
                    using var module = Module.Compile(generated.Bytes);
                    Convert.ToHexString(GeneratedRun.RecordsWithResets(module, generated.Functions)).ShouldBe(
                        Convert.ToHexString(GeneratedRun.Records(module, generated.Functions, reuse: false)),
                        $"seed {seed}: {Convert.ToHexString(generated.Bytes)}");
                }
            },
            seconds: 300);

    [Fact]
    public void The_same_choices_make_the_same_module_and_fewer_make_a_valid_one()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var choices = new Choices(Choices.Seed(7, (ulong)seed));
            var bytes = new ModuleGenerator(1, [choices]).Make().Bytes;
            new ModuleGenerator(1, [Choices.Replay(choices.Made)]).Make().Bytes.ShouldBe(bytes);
            for (var length = 0; length < choices.Made.Length; length += 1 + (choices.Made.Length / 10))
            {
                Module.Validate(new ModuleGenerator(1, [Choices.Replay(choices.Made[..length])]).Make().Bytes);
            }

            Module.Validate(new ModuleGenerator(1, [Choices.Replay(choices.Made)], canonical: true).Make().Bytes);
        }
    }

    [Fact]
    public void Every_instruction_of_the_standard_is_generated()
    {
        // The vector instructions less the constant, the numeric ones less the constants, the saturating truncations, loads and stores.
        GeneratedInstructions.All.Select(instruction => instruction.Name).ShouldBeUnique();
        GeneratedInstructions.All.Count(instruction => instruction.Name.Contains('.', StringComparison.Ordinal)).ShouldBe(235);
        GeneratedInstructions.All.Count(instruction => instruction.AccessBytes > 0 && !instruction.Name.Contains('.', StringComparison.Ordinal)).ShouldBe(23);
        for (var pair = 0; pair < GeneratedInstructions.Pairs.Count; pair += 97)
        {
            Module.Validate(new ModuleGenerator(2, [new Choices((ulong)pair, FunctionPlan.OfPair(pair))]).Make().Bytes);
        }
    }

    [Fact]
    public void Mutations_of_generated_modules_let_out_no_other_exceptions()
    {
        byte[][] sound = [.. Enumerable.Range(0, 40).Select(seed => Make(seed, 3).Bytes)];
        var mutator = new Mutator(new Random(3_000_000), sound, sound);
        Watchdog.Run(
            () =>
            {
                for (var i = 0; i < 800; i++)
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

    private static GeneratedModule Make(int seed, int functions) =>
        new ModuleGenerator((ulong)seed, [.. Enumerable.Range(0, functions).Select(i => new Choices(Choices.Seed((ulong)seed, (ulong)i)))]).Make();
}
