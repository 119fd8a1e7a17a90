using System.Security.Cryptography;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Wasm;

namespace HeliosEdge.Sandbox.Tests.Engines.Differential;

/// <summary>What a module does, as text, so that two engines' can be compared.</summary>
/// <param name="Lines">One for each step.</param>
/// <param name="IsComparable">
/// False where a step ran out of time or stack, of which engines need different amounts, or where the module is of a version that the engine does not have.
/// </param>
internal sealed record Observation(IReadOnlyList<string> Lines, bool IsComparable)
{
    private static readonly InstanceLimits Limits = new(2 * 65_536, 1_000, TimeSpan.FromMilliseconds(500));
    private static readonly (int First, int Second)[] Arguments = [(0, 0), (1, -1), (16, 8), (int.MinValue, int.MaxValue)];

    public static Observation Of(IWasmEngine engine, byte[] wasm)
    {
        var lines = new List<string>();
        try
        {
            using var module = engine.Compile(wasm);
            lines.AddRange(module.Imports.Select(import => import.ToString()));
            lines.AddRange(module.Exports.Select(export => export.ToString()));
            using var instance = module.Instantiate(Limits);
            if (instance.HasFunction("handle", "(i32, i32) -> (i64)"))
            {
                foreach (var (first, second) in Arguments)
                {
                    if (!Call(instance, first, second, lines))
                    {
                        return new Observation(lines, false);
                    }
                }
            }
        }
        catch (SandboxException e) when (e.Code == ErrorCodes.InvalidModule)
        {
            // Each engine validates in its own order and says so in its own words.
            lines.Add(e.Code);
            return new Observation(lines, e.InnerException is not InvalidModuleException { Fault: ModuleFault.Unsupported });
        }
        catch (SandboxException e)
        {
            lines.Add($"{e.Code} at {e.Offset}, limit {e.Limit}, value {e.Value}: {e.Message}");
        }
        catch (GuestTrapException e)
        {
            lines.Add($"start: {e.Trap} {e.Message}");
            return new Observation(lines, e.Trap == GuestTrap.Fault);
        }

        return new Observation(lines, true);
    }

    private static bool Call(IGuestInstance instance, int first, int second, List<string> lines)
    {
        string outcome;
        try
        {
            outcome = instance.Call("handle", first, second).ToString("x16");
        }
        catch (GuestTrapException e) when (e.Trap == GuestTrap.Fault)
        {
            outcome = $"{e.Message} in {string.Join(" < ", e.Backtrace)}";
        }
        catch (GuestTrapException)
        {
            return false;
        }

        var memory = instance.MemoryLength is > 0 and var length ? Convert.ToHexStringLower(SHA256.HashData(instance.Memory(0, (int)length))) : "none";
        lines.Add($"({first}, {second}): {outcome}, memory of {instance.MemoryLength} bytes {memory}, growth refused {instance.MemoryGrowthRefused}");
        return true;
    }
}
