using System.Collections.Immutable;
using System.Text;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Memory;
using HeliosEdge.Sandbox.Security;
using static HeliosEdge.Sandbox.Engines.HostValueKind;

namespace HeliosEdge.Sandbox.HostServices.Config;

/// <summary>The host function for the settings of a registration.</summary>
internal static class EnvironmentFunctions
{
    public static ImmutableArray<HostServiceFunction> All { get; } =
    [
        HostServiceFunction.Of("env_get", [I32, I32, I32, I32], Capability.Env, Get),
    ];

    /// <summary>What is returned where there is no such variable.</summary>
    private const int NotFound = 1;

    private static int Get(SandboxContext context, GuestMemory memory, ReadOnlySpan<long> arguments)
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
