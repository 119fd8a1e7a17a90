using HeliosEdge.Grains.Abstractions.Functions;

namespace HeliosEdge.Client.Messages;

/// <summary>Failures as grains tell them.</summary>
internal static class Faults
{
    public static FaultInfo ToInfo(this InvocationFault fault) => new(fault.Code, null, fault.Message)
    {
        Limit = fault.Limit,
        Value = fault.Value,
        Backtrace = fault.Backtrace.IsDefaultOrEmpty ? null : fault.Backtrace,
    };

    public static EdgeException ToException(this InvocationFault fault) => fault.ToInfo().ToException();

    /// <exception cref="EdgeException">There is a refusal.</exception>
    public static void ThrowIfAny(this InvocationFault? refusal)
    {
        if (refusal is not null)
        {
            throw refusal.ToException();
        }
    }
}
