using System.Text;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Memory;

namespace HeliosEdge.Sandbox.HostFunctions;

/// <summary>The host function for the settings of a registration.</summary>
internal static class EnvironmentFunctions
{
    /// <summary>What is returned where there is no such variable.</summary>
    private const int NotFound = 1;

    public static int Get(SandboxContext context, GuestMemory memory, ReadOnlySpan<long> arguments)
    {
        var output = new GuestOutput((uint)arguments[2], (uint)arguments[3]);
        if (output.Check(memory) is var refused && refused != HostResult.Success)
        {
            return refused;
        }

        var name = memory.ReadString((uint)arguments[0], (uint)arguments[1]);
        foreach (var variable in context.Scope.Settings.Environment)
        {
            if (variable.Key == name)
            {
                return output.Give(memory, Encoding.UTF8.GetBytes(variable.Value));
            }
        }

        output.Give(memory, []);
        return NotFound;
    }
}
