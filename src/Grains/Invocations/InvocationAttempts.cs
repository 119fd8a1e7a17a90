using HeliosEdge.Sandbox;

namespace HeliosEdge.Grains.Invocations;

/// <summary>How often asynchronous invocations may be tried.</summary>
public static class InvocationAttempts
{
    /// <summary>The number where a registration states none, and for functions whose registration is only known elsewhere.</summary>
    public const int Default = 5;

    /// <summary>The most that a registration may ask for.</summary>
    public const int Max = 100;

    /// <summary>Refuses a number that is out of range.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>.</exception>
    public static void Check(long? stated)
    {
        if (stated is < 1 or > Max)
        {
            throw new SandboxException(ErrorCodes.InvalidParameter, $"maxAttempts must be from 1 to {Max}, not {stated}.") { Limit = Max, Value = stated };
        }
    }
}
